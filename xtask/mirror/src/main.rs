//! `cargo xtask mirror` and `cargo xtask mutants`.
#![forbid(unsafe_code)]

use std::env;
use std::process::ExitCode;

use clap::Subcommand;

use xtask_mirror::{mirror, mutants};

#[derive(Subcommand)]
enum Task {
    /// Checks that the statements of each Rust file say what their listing says, line for line
    Mirror(mirror::Args),
    /// Puts small defects into copies of the servers, one at a time, and shows which check finds
    /// each
    Mutants(mutants::Args),
}

fn main() -> ExitCode {
    xtask::run(env::args_os(), |task: Task| match task {
        Task::Mirror(args) => mirror::run(&args),
        Task::Mutants(args) => mutants::run(&args),
    })
}
