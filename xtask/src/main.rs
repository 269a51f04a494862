//! `cargo xtask`: arguments, dispatch, exit code.
#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use xtask::compile;
use xtask::matrix::{self, Plan};
use xtask::mirror;
use xtask::report;
use xtask::soak;
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
        /// Run only the checks that end within a second each
        #[arg(long)]
        quick: bool,
        /// Where random numbers begin, to repeat a run [default: another one each time]
        #[arg(long, value_name = "N")]
        seed: Option<u64>,
        /// Build the servers optimised
        #[arg(long)]
        release: bool,
    },
    /// Runs conversation, churn, resets and slow clients together, and counts what was served and lost
    Soak {
        /// Servers to load, one after the other [default: each crate's own]
        #[arg(value_name = "SERVER")]
        servers: Vec<String>,
        /// How long each is loaded
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1440))]
        minutes: u64,
    },
    /// Checks that every listing's code lines stand in its Rust file, in order and with each departure marked
    Mirror {
        /// Folder with the notes' own files, to check the list of code lines against them
        #[arg(long, value_name = "DIR")]
        notes: Option<PathBuf>,
        /// Print one line of a note with the Rust that says it, as 002:170
        #[arg(long, value_name = "NOTE:LINE", requires = "notes")]
        show: Option<String>,
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
            quick,
            seed,
            release,
        } => {
            let seed = seed.unwrap_or_else(|| fastrand::u64(..));
            let plan = Plan::new(&servers, &checks, seed);
            test_all(
                plan.map(|plan| if quick { plan.quick() } else { plan }),
                release,
            )
        }
        Task::Soak { servers, minutes } => soak(&servers, minutes),
        Task::Mirror { notes, show } => mirror(notes.as_deref(), show.as_deref()),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(FAILED)
    })
}

fn test_all(plan: Result<Plan>, release: bool) -> Result<ExitCode> {
    let plan = match plan {
        Ok(plan) => plan,
        Err(error) => return Ok(unknown_name(&error)),
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
    print(&format!(
        "\n{}",
        report::summary(&plan, &cells, start.elapsed())
    ));
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

fn soak(servers: &[String], minutes: u64) -> Result<ExitCode> {
    let servers = match matrix::servers(servers) {
        Ok(servers) => servers,
        Err(error) => return Ok(unknown_name(&error)),
    };
    // Figures are of interest only for what a reader would run for long.
    let binaries = compile::build(compile::SERVERS, true)?;
    let time = Duration::from_secs(60 * minutes);
    let progress = progress(servers.len());
    let mut soaked = Vec::new();
    for server in servers {
        progress.set_message(format!("{} for {minutes} min", server.name));
        let binary = binaries
            .get(server.name)
            .with_context(|| format!("cargo did not build {}", server.name))?;
        match soak::soak(server, binary, time) {
            Ok(one) => soaked.push(one),
            Err(failure) => bail!(
                "{}: expected {}, got {}",
                server.name,
                failure.expected,
                failure.actual
            ),
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    print(&format!(
        "load for {minutes} min each: {}\n\n{}",
        soak::load(),
        report::soaked(&soaked)
    ));
    let lost = soaked.iter().any(|one| one.lost > 0);
    Ok(ExitCode::from(if lost { FAILED } else { 0 }))
}

fn unknown_name(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::from(USAGE)
}

fn mirror(notes: Option<&Path>, show: Option<&str>) -> Result<ExitCode> {
    if let (Some(notes), Some(place)) = (notes, show) {
        print(&mirror::show(xtask::root(), notes, place)?);
        return Ok(ExitCode::SUCCESS);
    }
    let findings = mirror::run(xtask::root(), notes)?;
    print(&report::mirrors(&findings));
    Ok(ExitCode::from(if findings.faults.is_empty() {
        0
    } else {
        FAILED
    }))
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
