//! The measurements, one file for each group of claims. Each takes figures from the kernel, and
//! gives them to a function that judges them, so that a test can give it other figures.

pub mod clock;
pub mod connections;
pub mod edge;
pub mod one_client;
pub mod polling;
pub mod second_phase;
pub mod sleep;
pub mod sockets;
pub mod triggers;
pub mod watching;
