//! What Python gave the notes' listings for free, so that each server shows its mechanism and nothing else.
//!
//! - [`Socket`]: Python's `socket.socket`; [`AcceptFailures`]: what accept(2) may answer instead of a client;
//!   [`reset_as_end`]: a reset that is no more than the end of a connection
//! - [`Arguments`]: the command line that all servers share
//! - [`say!`] and [`warn!`]: Python's `print`, on standard output and on standard error
//! - [`input`]: Python's `input`, and [`Keyboard`]: an operator who may leave before the clients do
//! - [`Bytes`]: how Python prints a `bytes` object
//! - [`asctime`]: the time stamp of Python's `logging`
//! - [`uninterrupted_within`]: what Python does when a signal interrupts a call that waits
//! - [`uniform`]: Python's `random.uniform`
//! - [`Result`]: what `main` returns, so that a failure ends in one line and a non-zero exit
//!
//! There is no event loop in this crate: each stands in its own server's `main.rs`.

mod accept_failures;
mod address;
mod arguments;
mod asctime;
mod bytes;
mod console;
mod failure;
mod interrupted;
mod keyboard;
mod random;
mod socket;
mod sys;

pub use accept_failures::AcceptFailures;
pub use address::parse_address;
pub use arguments::{Arguments, Parsed, parse_command};
pub use asctime::asctime;
pub use bytes::Bytes;
pub use clap;
pub use console::{input, say, warn};
pub use failure::{Failure, Result};
pub use interrupted::{to_millis, uninterrupted_within};
pub use keyboard::Keyboard;
pub use random::uniform;
pub use socket::{DEFAULT_BACKLOG, Socket, reset_as_end};
