//! `cargo xtask test-all`: every applicable check on every server, as one matrix.
//!
//! - [`checks`]: the table of what is checked
//! - [`markdown`]: the matrix in the documentation
//! - [`matrix`]: servers × checks
//! - [`report`]: the matrix, its failures and its summary as text

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;

pub mod checks;
pub mod markdown;
pub mod matrix;
pub mod report;

use crate::harness::build;
use crate::harness::outcome::Verdict;
use crate::terminal::{print, progress};
use crate::{FAILED, USAGE, usage};
use matrix::{Plan, Settings};

/// The command line of `cargo xtask test-all`.
#[derive(clap::Args)]
pub struct Args {
    /// Servers to test [default: all]
    #[arg(value_name = "SERVER")]
    servers: Vec<String>,
    /// Check to run; may be given more than once [default: all]
    #[arg(long = "check", value_name = "NAME")]
    checks: Vec<String>,
    /// Run only the checks that end within a second each
    #[arg(long)]
    quick: bool,
    /// Show why cells were skipped
    #[arg(long)]
    explain: bool,
    /// Where random numbers begin, to repeat a run [default: another one each time]
    #[arg(long, value_name = "N", value_parser = crate::parse_seed)]
    seed: Option<u64>,
    /// Build the servers optimised
    #[arg(long)]
    release: bool,
    /// Write the matrix to docs/matrix.md and its first table to README.md; only for all of it
    #[arg(long, conflicts_with_all = ["servers", "checks", "quick"])]
    markdown: bool,
}

/// Runs every applicable check on every server and prints the matrix.
///
/// # Errors
/// When the servers cannot be built.
pub fn run(args: Args) -> Result<ExitCode> {
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..));
    let settings = Settings { seed, release: args.release };
    let plan = Plan::new(&args.servers, &args.checks, settings);
    let plan = match plan.and_then(|plan| if args.quick { plan.quick() } else { Ok(plan) }) {
        Ok(plan) => plan,
        Err(error) => return Ok(usage(&error)),
    };
    let start = Instant::now();
    let progress = progress(plan.size());
    progress.set_message(build::MESSAGE);
    let mut binaries = build::build(build::SERVERS, args.release)?;
    binaries.extend(build::build(build::PRELOAD, args.release)?);
    let cells = plan.run(
        &binaries,
        |server, check| progress.set_message(format!("{} {}", server.name, check.name)),
        |_cell| progress.inc(1),
    );
    progress.finish_and_clear();

    let skipped = cells.iter().all(|cell| matches!(cell.outcome, Ok(Verdict::Skip(_))));
    let explain = args.explain || skipped;
    print(&report::text(&plan, &cells, explain, start.elapsed()));
    if args.markdown {
        markdown::write(&plan, &cells)?;
    }
    if skipped {
        eprintln!("error: none of these checks applies");
        return Ok(ExitCode::from(USAGE));
    }
    let failed = cells.iter().any(|cell| cell.outcome.is_err());
    Ok(ExitCode::from(if failed { FAILED } else { 0 }))
}
