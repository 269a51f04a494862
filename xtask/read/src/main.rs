//! `cargo xtask read` and `cargo xtask exercise`.
#![forbid(unsafe_code)]

use std::env;
use std::process::ExitCode;

use clap::Subcommand;

#[derive(Subcommand)]
enum Task {
    /// Shows the notes and their mirrors side by side: as pages for a browser, or one place here
    Read(xtask_read::Args),
    /// Gives a server with a piece missing, and checks what you make of it
    Exercise(xtask_read::exercise::Args),
}

fn main() -> ExitCode {
    xtask::run(env::args_os(), |task: Task| match task {
        Task::Read(args) => xtask_read::run(&args),
        Task::Exercise(args) => xtask_read::exercise::run(&args),
    })
}
