//! `cargo xtask`: arguments, dispatch, exit code.
#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::{Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use xtask::compile;
use xtask::matrix::Plan;
use xtask::report;
use xtask::verdict::Verdict;

/// Builds the servers, launches them and runs one shared client against each
#[derive(Parser)]
#[command(
    bin_name = "cargo xtask",
    after_help = "Example:\n  cargo xtask test-all epoll-server --check sizes"
)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Shows every server with its model, listing, default address and command
    List,
    /// Runs every applicable check on every server and shows the result as one matrix
    TestAll {
        /// Servers to test [default: all]
        #[arg(value_name = "SERVER")]
        servers: Vec<String>,
        /// Check to run; may be given more than once [default: all]
        #[arg(long = "check", value_name = "NAME")]
        checks: Vec<String>,
        /// Build the servers optimised
        #[arg(long)]
        release: bool,
    },
}

/// Exit code for failed checks.
const FAILED: u8 = 1;
/// Exit code for a command line that asks for nothing that there is, as clap's own.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let result = match Cli::parse().task {
        Task::List => {
            print(&report::servers());
            Ok(ExitCode::SUCCESS)
        }
        Task::TestAll {
            servers,
            checks,
            release,
        } => test_all(&servers, &checks, release),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(FAILED)
    })
}

fn test_all(servers: &[String], checks: &[String], release: bool) -> Result<ExitCode> {
    let plan = match Plan::new(servers, checks) {
        Ok(plan) => plan,
        Err(error) => {
            eprintln!("error: {error:#}");
            return Ok(ExitCode::from(USAGE));
        }
    };
    let start = Instant::now();
    let progress = progress(plan.size());
    progress.set_message("cargo build");
    let binaries = compile::build(compile::SERVERS, release)?;
    let cells = plan.run(
        &binaries,
        |server, check| progress.set_message(format!("{} {}", server.name, check.name)),
        |_cell| progress.inc(1),
    );
    progress.finish_and_clear();

    print(&report::matrix(&plan, &cells));
    print(&report::failures(&cells));
    print(&format!("\n{}", report::summary(&cells, start.elapsed())));
    if cells
        .iter()
        .all(|cell| matches!(cell.outcome, Ok(Verdict::Skip(_))))
    {
        eprintln!("error: none of these checks applies");
        return Ok(ExitCode::from(USAGE));
    }
    let failed = cells.iter().any(|cell| cell.outcome.is_err());
    Ok(ExitCode::from(if failed { FAILED } else { 0 }))
}

/// A line on standard error that shows what runs now; on a terminal only.
fn progress(cells: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("[{pos}/{len}] {elapsed} {msg}");
    let style = style.expect("the template is well formed");
    let progress = ProgressBar::new(cells as u64).with_style(style);
    progress.enable_steady_tick(Duration::from_millis(100));
    progress
}

/// Prints on standard output; the reader may be gone (`cargo xtask list | head -1`).
fn print(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}
