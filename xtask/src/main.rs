//! `cargo xtask`: arguments, dispatch, exit code.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use xtask::harness::signals::begin_afresh;
use xtask::terminal::WIDTH;
use xtask::{
    FAILED, bench, checkout, claims, list, mirror, mutants, read, soak, test_all, trace, usage,
};

/// Builds the servers, launches them and runs one shared client against each
#[derive(Parser)]
#[command(
    bin_name = "cargo xtask",
    version,
    propagate_version = true,
    max_term_width = WIDTH,
    after_help = "Example:\n  cargo xtask test-all epoll-server --check sizes"
)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Shows every program with its listing and command, or every check, claim or defect
    List(list::Args),
    /// Runs every applicable check on every server and shows the result as one matrix
    TestAll(test_all::Args),
    /// Puts small defects into copies of the servers, one at a time, and shows which check finds
    /// each
    Mutants(mutants::Args),
    /// Runs conversation, churn, resets and slow clients together, and counts what was served and
    /// lost
    Soak(soak::Args),
    /// Measures what each model costs, beside its peers, and writes tables, charts and a report
    Bench(bench::Args),
    /// Checks that the statements of each Rust file say what their listing says, line for line
    Mirror(mirror::Args),
    /// Shows the notes and their mirrors side by side: as pages for a browser, or one place here
    Read(read::Args),
    /// Shows what a server asks of the kernel while clients talk to it, in the words of the notes
    Trace(trace::Args),
    /// Measures what the notes claim, and answers each claim with figures
    Claims(claims::Args),
}

fn main() -> ExitCode {
    if let Err(failure) = begin_afresh() {
        eprintln!("warning: {failure}");
    }
    let task = Cli::parse().task;
    if let Err(error) = checkout::find() {
        return usage(&error);
    }
    let result = match task {
        Task::List(args) => list::run(&args),
        Task::TestAll(args) => test_all::run(args),
        Task::Mutants(args) => mutants::run(&args),
        Task::Soak(args) => soak::run(&args),
        Task::Bench(args) => bench::run(&args),
        Task::Mirror(args) => mirror::run(&args),
        Task::Read(args) => read::run(&args),
        Task::Trace(args) => trace::run(&args),
        Task::Claims(args) => claims::run(&args),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(FAILED)
    })
}
