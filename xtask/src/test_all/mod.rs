//! `cargo xtask test-all`: every applicable check on every server, as one matrix.
//!
//! - [`checks`]: the table of what is checked
//! - [`markdown`]: the matrix in the documentation
//! - [`matrix`]: servers × checks
//! - [`report`]: the matrix, its failures and its summary as text

use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::Result;
use indicatif::ProgressBar;

pub mod checks;
pub mod markdown;
pub mod matrix;
pub mod report;

use crate::harness::build;
use crate::harness::interrupt::Interrupt;
use crate::harness::outcome::Verdict;
use crate::terminal::{print, progress};
use crate::{FAILED, USAGE, usage};
use matrix::{Cell, Plan, Settings};

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

/// Runs every applicable check on every server and prints the matrix; after Ctrl-C what there is of
/// it.
///
/// # Errors
/// When the servers cannot be built, or Ctrl-C cannot be watched for.
pub fn run(args: Args) -> Result<ExitCode> {
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..));
    let settings = Settings { seed, release: args.release };
    let plan = Plan::new(&args.servers, &args.checks, settings);
    let plan = match plan.and_then(|plan| if args.quick { plan.quick() } else { Ok(plan) }) {
        Ok(plan) => plan,
        Err(error) => return Ok(usage(&error)),
    };
    let run = Arc::new(Run {
        progress: progress(plan.size()),
        plan,
        explain: args.explain,
        start: Instant::now(),
        cells: Mutex::default(),
    });
    let reported = run.clone();
    let interrupt = Interrupt::report(move || reported.interrupted())?;
    let done = run.run();
    interrupt.unless_it_came(done)?;
    run.finished(args.markdown)
}

/// A run, and what came of it so far: who reports it when it is interrupted shares it.
struct Run {
    plan: Plan,
    explain: bool,
    start: Instant,
    progress: ProgressBar,
    cells: Mutex<Vec<Cell>>,
}

impl Run {
    /// Builds the servers and runs every cell.
    fn run(&self) -> Result<()> {
        let release = self.plan.settings.release;
        self.progress.set_message(build::MESSAGE);
        let mut binaries = build::build(build::SERVERS, release)?;
        binaries.extend(build::build(build::PRELOAD, release)?);
        self.plan.run(
            &binaries,
            |server, check| self.progress.set_message(format!("{} {}", server.name, check.name)),
            |cell| {
                self.cells().push(cell);
                self.progress.inc(1);
            },
        );
        Ok(())
    }

    /// Reports all cells, and says how the command ends.
    fn finished(&self, markdown: bool) -> Result<ExitCode> {
        let mut cells = self.cells();
        let skipped = cells.iter().all(|cell| matches!(cell.outcome, Ok(Verdict::Skip(_))));
        self.report(&mut cells, self.explain || skipped);
        if markdown {
            markdown::write(&self.plan, &cells)?;
        }
        if skipped {
            eprintln!("error: none of these checks applies");
            return Ok(ExitCode::from(USAGE));
        }
        let failed = cells.iter().any(|cell| cell.outcome.is_err());
        Ok(ExitCode::from(if failed { FAILED } else { 0 }))
    }

    /// Reports the cells that there are.
    fn interrupted(&self) {
        let mut cells = self.cells();
        self.report(&mut cells, self.explain);
        eprintln!("interrupted after {} of {} checks", cells.len(), self.plan.size());
    }

    fn report(&self, cells: &mut [Cell], explain: bool) {
        self.progress.finish_and_clear();
        self.plan.sort(cells);
        print(&report::text(&self.plan, cells, explain, self.start.elapsed()));
    }

    fn cells(&self) -> MutexGuard<'_, Vec<Cell>> {
        self.cells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
