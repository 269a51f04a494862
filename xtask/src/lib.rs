//! What `cargo xtask` does: it builds the servers, launches them and runs one shared client against
//! each.
//!
//! - [`test_all`], [`mutants`], [`soak`], [`mod@bench`], [`mirror`], [`read`], [`trace`], [`claims`],
//!   [`list`]: a command each, with its own report
//! - [`page`]: what a report is as a page for a browser
//! - [`checkout`]: the files that the commands work with
//! - [`harness`]: what the commands share to build, launch and speak with a server
//! - [`catalog`]: the tables of what there is
//! - [`terminal`]: printing, tables, progress

use std::process::ExitCode;

pub mod bench;
pub mod catalog;
pub mod checkout;
pub mod claims;
pub mod harness;
pub mod list;
pub mod mirror;
pub mod mutants;
pub mod page;
pub mod read;
pub mod soak;
pub mod terminal;
pub mod test_all;
pub mod trace;

pub use checkout::root;

/// Exit code for failed checks.
pub const FAILED: u8 = 1;
/// Exit code for a command line that asks for nothing that there is, as clap's own.
pub const USAGE: u8 = 2;

/// Says what is wrong with the command line.
pub fn usage(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::from(USAGE)
}

/// Reads where random numbers begin, from a command line.
fn parse_seed(text: &str) -> Result<u64, String> {
    let seed = text.parse();
    seed.map_err(|_| format!("expected a whole number from 0 to {}", u64::MAX))
}
