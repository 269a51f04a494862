//! What Python gave the notes' listings for free, so that each server shows its mechanism and
//! nothing else.
//!
//! - [`Socket`]: Python's `socket.socket`; [`unless_ended`], [`unless_gone`] and [`reset_as_end`]:
//!   how a connection ends
//! - [`Listener`], [`Stream`] and [`Client`]: what the loops to copy have beside their loop: a
//!   listener, a connection, and a client with what it is owed
//! - [`arguments!`]: the command line that all servers share
//! - [`say!`] and [`warn!`]: Python's `print`, on standard output and on standard error
//! - [`input`]: Python's `input`
//! - [`Bytes`] and [`decode`]: how Python prints a `bytes` object, and the text in it; [`shown`]:
//!   text without its control characters
//! - [`asctime`]: the time stamp of Python's `logging`
//! - [`Shortage`]: what `accept` does about too few descriptors, for a server that accepts in
//!   another way
//! - [`uninterrupted_within`]: what Python does when a signal interrupts a call that waits
//! - [`uniform`]: Python's `random.uniform`
//! - [`start_patiently`]: a thread or a process, as soon as the system has room for it;
//!   [`started`]: one without which the program cannot begin
//! - [`panic_on`]: a message that its handler does not survive
//! - [`Result`]: what `main` returns, so that a failure ends in one line and a non-zero exit
//!
//! What every listing lacks alike is repaired here, once, and is no departure of a mirror:
//! - `bind` sets SO_REUSEADDR, so that a restart can bind while old connections are in TIME_WAIT.
//! - `accept` lives through everything that accept(2) may report, and sleeps for some milliseconds
//!   while descriptors are short. That holds up the clients that are there: a loop to copy leaves
//!   its [`Listener`] alone instead.
//! - A call that a signal interrupts goes on (PEP 475).
//! - Text that is not UTF-8 is shown with U+FFFD.
//! - Control characters are shown as escapes: no client can command the operator's terminal.
//! - The reader of standard output may go away.
//! - SIGINT and SIGTERM end a program also where its parent blocked them, and as process 1 of a
//!   container.
//!
//! There is no event loop in this crate: each stands in its own server's `main.rs`.

mod accept;
mod address;
mod arguments;
mod asctime;
mod bytes;
mod client;
mod console;
mod failure;
mod interrupted;
mod listener;
mod number;
mod panic;
mod patience;
mod program;
mod random;
mod shown;
mod signals;
mod socket;
mod stream;
mod sys;

pub use accept::{Refusal, Shortage};
pub use address::parse_address;
pub use arguments::{Arguments, chosen, parse_command};
pub use asctime::asctime;
pub use bytes::{Bytes, decode};
pub use clap;
pub use client::{BUFFER, Client, Next};
pub use console::{input, say, warn};
pub use failure::{Failure, Result};
pub use interrupted::{to_millis, uninterrupted_within};
pub use listener::{ACCEPTED_IN_A_ROW, Accepted, Listener, SHORTAGE};
pub use number::whole_number;
pub use panic::{panic_on, panic_option};
pub use patience::{start_patiently, started};
pub use program::Program;
pub use random::uniform;
pub use shown::shown;
pub use socket::{DEFAULT_BACKLOG, Socket, reset_as_end, unless_ended, unless_gone};
pub use stream::Stream;
