//! The measurements, one file for each group of claims. Each takes figures from the kernel or from a
//! server, and gives them to a function that judges them, so that a test can give it other figures.
//! It fails when the kernel refuses a call, or a server does not answer.
//!
//! - [`server`], [`sockets`], [`time`]: the steps that several of them take

pub mod asynchronous;
pub mod copying;
pub mod epoll;
pub mod limits;
pub mod memory;
pub mod polling;
pub mod process;
pub mod select;
pub mod served;
pub mod server;
pub mod serving;
pub mod signals;
pub mod sleep;
pub mod sockets;
pub mod switching;
pub mod time;
pub mod watching;

/// A system call's answer in the words of its manual page: `EINVAL`, or that it is taken.
fn in_words<T>(answer: &rustix::io::Result<T>) -> String {
    match answer {
        Ok(_) => "taken".to_owned(),
        Err(errno) => format!("{:?}", nix::errno::Errno::from_raw(errno.raw_os_error())),
    }
}
