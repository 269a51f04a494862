//! Programs as processes: what they print, what they are refused, how they end, and that none is
//! left.
#![forbid(unsafe_code)]

mod async_await;
mod checkout;
mod client;
mod clients;
mod command_line;
mod connection_pool;
mod inherited;
mod interrupt;
mod launch;
mod limits;
mod local;
mod locked_memory;
mod originals;
mod program;
mod refused_threads;
mod tells;
