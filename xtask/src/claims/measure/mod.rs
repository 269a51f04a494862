//! The measurements, one file for each group of claims. Each takes figures from the kernel, and
//! gives them to a function that judges them, so that a test can give it other figures.

mod connection;
mod rounds;

pub mod asynchronous;
pub mod copies;
pub mod memory;
pub mod pool;
pub mod signals;
pub mod switching;
