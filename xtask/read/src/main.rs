//! `cargo xtask read` and `cargo xtask exercise`.
#![forbid(unsafe_code)]

use std::env;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use xtask::terminal::WIDTH;

/// Shows the notes beside the code, and gives exercises
#[derive(Parser)]
#[command(bin_name = "cargo xtask", version, propagate_version = true, max_term_width = WIDTH)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Shows the notes and their mirrors side by side: as pages for a browser, or one place here
    Read(xtask_read::Args),
    /// Gives a server with a piece missing, and checks what you make of it
    Exercise(xtask_read::exercise::Args),
}

fn main() -> ExitCode {
    xtask::run(env::args_os(), |cli: Cli| match cli.task {
        Task::Read(args) => xtask_read::run(&args),
        Task::Exercise(args) => xtask_read::exercise::run(&args),
    })
}
