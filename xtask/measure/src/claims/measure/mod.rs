//! The measurements, one file for each group of claims. Each takes figures from the kernel or from a
//! server, and gives them to a function that judges them, so that a test can give it other figures.
//! It fails when the kernel refuses a call, or a server does not answer.
//!
//! - [`server`], [`sockets`], [`calls`], [`turns`]: the steps that several of them take

pub mod asynchronous;
pub mod calls;
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
pub mod turns;
pub mod watching;
