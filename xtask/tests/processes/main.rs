//! Programs as processes: what they print, what they are refused, how they end, and that none is
//! left.
#![forbid(unsafe_code)]

mod checkout;
mod client;
mod clients;
mod command_line;
mod foreign;
mod interrupt;
mod launch;
mod originals;
mod refused;
mod run;
mod tells;
