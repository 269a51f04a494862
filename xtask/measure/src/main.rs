//! `cargo xtask bench`, `cargo xtask claims` and `cargo xtask trace`.
//!
//! - `bench`: what each model costs; `claims`: what the notes claim; `trace`: what a server asks of
//!   the kernel
//! - `statistics`, `units`, `pin`, `process_usage`: what several of them need

use std::env;
use std::process::ExitCode;

use clap::Subcommand;

mod bench;
mod claims;
mod pin;
mod process_usage;
mod statistics;
mod trace;
mod units;

#[derive(Subcommand)]
enum Task {
    /// Measures what each model costs, beside its peers, and writes tables and charts
    Bench(bench::Args),
    /// Measures what the notes claim, and answers each claim with figures
    Claims(claims::Args),
    /// Shows what a server asks of the kernel while clients talk to it, in the words of the notes
    Trace(trace::Args),
}

fn main() -> ExitCode {
    xtask::run(env::args_os(), |task: Task| match task {
        Task::Bench(args) => bench::run(&args),
        Task::Claims(args) => claims::run(&args),
        Task::Trace(args) => trace::run(&args),
    })
}
