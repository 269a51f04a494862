//! What `cargo xtask` does: it builds the servers, launches them and runs one shared client against
//! each. The packages below this one use it as a library.
//!
//! - [`test_all`], [`soak`], [`list`]: a command each, with its own report
//! - [`harness`]: what the commands share to build, launch and speak with a server
//! - [`catalog`]: the tables of what there is; [`notes`]: the notes' own text
//! - [`checkout`]: the files that the commands work with
//! - [`terminal`]: printing, tables, progress; [`markdown`]: words of a document

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

pub mod catalog;
pub mod checkout;
pub mod harness;
pub mod list;
pub mod markdown;
pub mod notes;
pub mod soak;
pub mod terminal;
pub mod test_all;

pub use checkout::root;

use terminal::WIDTH;

/// Exit code for failed checks.
pub const FAILED: u8 = 1;
/// Exit code for a command line that asks for nothing that there is, as clap's own.
pub const USAGE: u8 = 2;

/// Says what is wrong with the command line.
pub fn usage(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::from(USAGE)
}

/// Builds the servers, launches them and runs one shared client against each
#[derive(Parser)]
#[command(
    bin_name = "cargo xtask",
    version,
    propagate_version = true,
    max_term_width = WIDTH,
    after_help = "Example:\n  cargo xtask test-all epoll-server --check sizes"
)]
struct Cli<T: Subcommand> {
    #[command(subcommand)]
    task: T,
}

/// Runs a command in the checkout: the `main` of each package of `cargo xtask`. Its command line is
/// read first, so that `--help` also works elsewhere.
pub fn run<T: Subcommand>(
    arguments: impl IntoIterator<Item = OsString>,
    command: impl FnOnce(T) -> Result<ExitCode>,
) -> ExitCode {
    if let Err(failure) = harness::signals::begin_afresh() {
        eprintln!("warning: {failure}");
    }
    let Cli { task } = Cli::parse_from(arguments);
    if let Err(error) = checkout::find() {
        return usage(&error);
    }
    command(task).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(FAILED)
    })
}

/// Reads where random numbers begin, from a command line.
///
/// # Errors
/// When it is no whole number of 64 bits; the message says what is.
pub fn parse_seed(text: &str) -> Result<u64, String> {
    let seed = text.parse();
    seed.map_err(|_| format!("expected a whole number from 0 to {}", u64::MAX))
}

#[cfg(test)]
mod tests {
    use arbtest::arbtest;

    /// Tries texts that are made of these pieces, in any order and number.
    pub fn strange(pieces: &[&str], attempt: impl Fn(&str)) {
        arbtest(|u| {
            let mut text = String::new();
            for _ in 0..u.int_in_range(0..=20)? {
                text += u.choose(pieces)?;
            }
            attempt(&text);
            Ok(())
        });
    }
}
