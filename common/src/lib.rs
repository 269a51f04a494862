//! What Python gave the notes' listings for free. So each server can show its mechanism, and
//! nothing else.
//!
//! Python's:
//! - [`Socket`]: `socket.socket`; [`unless_blocked`] and [`unless_gone`]: its EAGAIN and the end of
//!   its stream as values
//! - [`say!`] and [`warn!`]: `print`, on standard output and on standard error; [`input`]: `input`
//! - [`Bytes`] and [`decode`]: how Python prints a `bytes` object, and the text in it; [`OsError`]:
//!   how it prints an error of the system
//! - [`arguments!`], [`client_arguments!`] and [`options!`]: the command line
//! - [`sleep`] and [`uniform`]: `time.sleep`, `random.uniform`
//! - [`logging`]: the formatter and the handlers of `logging`
//! - [`Result`]: what `main` returns, so that a failure is one line and a non-zero exit
//!
//! All listings have these problems. They are repaired here, once, and are no departure of a
//! mirror:
//! - `bind` sets SO_REUSEADDR, so that a restart can bind while old connections are in TIME_WAIT.
//! - `accept` survives every error of accept(2) that does not break the listener. In a shortage of
//!   descriptors it sleeps for some milliseconds, which delays the other clients.
//! - A call that a signal interrupts is repeated (PEP 475).
//! - Text that is not UTF-8 is shown with U+FFFD.
//! - Control characters are shown as escapes ([`shown`]): no client can control the operator's
//!   terminal.
//! - The reader of standard output may go away.
//! - SIGINT and SIGTERM end a program also where its parent blocked them, and as process 1 of a
//!   container.
//!
//! The models, which mirror no listing, need more:
//! - [`Listener`], [`Stream`] and [`Client`]: a listener that never sleeps, a connection, and a
//!   client with its unfinished work
//! - [`Shortage`]: the errors of accept(2), for a server that accepts in another way
//! - [`start_patiently`] and [`started`]: threads and processes that the system may refuse
//! - [`PanicOn`]: a message that makes its handler panic
//! - [`uninterrupted_within`] and [`to_millis`]: a call with a time-out, and a time-out for poll(2)
//!
//! There is no event loop in this crate: each is in its own server's file.

mod accept;
mod address;
mod arguments;
mod bytes;
mod client;
mod console;
mod failure;
mod interrupted;
mod listener;
pub mod logging;
mod number;
mod os_error;
mod panic;
mod patience;
mod program;
mod random;
mod shown;
mod signals;
mod socket;
mod stream;
mod sys;
mod time;
mod unsent;

pub use accept::{Refusal, Shortage};
pub use address::parse_address;
pub use arguments::{Arguments, Rounds, parse_options};
pub use bytes::{Bytes, decode};
pub use clap;
pub use client::{BUFFER, Client, Next};
pub use console::{input, say, warn};
pub use failure::{Failure, Result};
pub use interrupted::{to_millis, uninterrupted_within};
pub use listener::{ACCEPTED_IN_A_ROW, Accepted, Listener, SHORTAGE};
pub use number::whole_number;
pub use os_error::OsError;
pub use panic::PanicOn;
pub use patience::{start_patiently, started};
pub use program::Program;
pub use random::uniform;
pub use shown::shown;
pub use socket::{DEFAULT_BACKLOG, Socket, unless_blocked, unless_gone};
pub use stream::Stream;
pub use time::sleep;
