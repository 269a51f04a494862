//! `cargo xtask read`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use xtask::terminal::WIDTH;

/// Shows the notes beside the code
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
}

fn main() -> ExitCode {
    xtask::run(|Cli { task: Task::Read(args) }| xtask_read::run(&args))
}
