//! What `cargo xtask` does: it builds the servers, launches them and runs one shared client against each.
//!
//! - [`servers`]: the table of what can be launched
//! - [`checks`]: the table of what is checked
//! - [`compile`]: one `cargo build`
//! - [`launch`]: a server, or a client of the notes, as a child process
//! - [`output`]: what a child prints
//! - [`process`]: memory, descriptors and processor time of a child
//! - [`client`]: a socket with deadlines
//! - [`talk`]: what each kind of server says, and a client that speaks with it
//! - [`verdict`]: what a check answers
//! - [`matrix`]: servers × checks
//! - [`soak`]: a stated load for minutes
//! - [`mirror`]: whether each file says where the note says it
//! - [`report`]: printing, nothing else
#![forbid(unsafe_code)]

use std::path::Path;

pub mod checks;
pub mod client;
pub mod compile;
pub mod launch;
pub mod matrix;
pub mod mirror;
pub mod output;
pub mod process;
pub mod report;
pub mod servers;
pub mod soak;
pub mod talk;
pub mod verdict;

/// The workspace's root.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
