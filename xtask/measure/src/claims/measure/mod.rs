//! The measurements, one file for each group of claims. Each takes figures from the kernel, and
//! gives them to a function that judges them, so that a test can give it other figures.

pub mod accepted;
pub mod addresses;
pub mod asking;
pub mod asynchronous;
pub mod clock;
pub mod connections;
pub mod copies;
pub mod descriptors;
pub mod edge;
pub mod epoll_memory;
pub mod memory;
pub mod one_client;
pub mod poll_limit;
pub mod polling;
pub mod pool;
pub mod rounds;
pub mod second_phase;
pub mod select_empty;
pub mod select_limit;
pub mod select_lists;
pub mod selectors;
pub mod signals;
pub mod sleep;
pub mod sockets;
pub mod switching;
pub mod triggers;
pub mod watching;

/// A system call's answer in the words of its manual page: `EINVAL`, or that it is taken.
fn in_words<T>(answer: &rustix::io::Result<T>) -> String {
    match answer {
        Ok(_) => "taken".to_owned(),
        Err(errno) => format!("{:?}", nix::errno::Errno::from_raw(errno.raw_os_error())),
    }
}
