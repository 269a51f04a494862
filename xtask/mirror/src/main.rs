//! What proves the project: `cargo xtask mirror`, that each mirror says what its listing says, and
//! `cargo xtask mutants`, that the tester finds small defects.
#![forbid(unsafe_code)]

use std::env;
use std::process::ExitCode;

use clap::Subcommand;

mod mirror;
mod mutants;

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
