//! The measurements, one file for each group of claims. Each takes figures from the kernel, and
//! gives them to a function that judges them, so that a test can give it other figures.

pub mod epoll_memory;
pub mod poll_limit;
pub mod select_empty;
pub mod select_limit;

/// A system call's answer in the words of its manual page: `EINVAL`, or that it is taken.
fn in_words<T>(answer: &rustix::io::Result<T>) -> String {
    match answer {
        Ok(_) => "taken".to_owned(),
        Err(errno) => format!("{:?}", nix::errno::Errno::from_raw(errno.raw_os_error())),
    }
}
