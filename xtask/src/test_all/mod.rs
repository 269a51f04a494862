//! `cargo xtask test-all`: every applicable check on every server, as one matrix.
//!
//! - [`checks`]: the table of what is checked
//! - [`failures`]: what is wrong, as text
//! - [`learner`]: a report for who wrote the program that was asked
//! - [`markdown`]: the matrix in the documentation
//! - [`matrix`]: servers × checks
//! - [`originals`]: the notes' own programs
//! - [`program`]: any program that cargo does not build
//! - [`report`]: the matrix and its summary as text
//! - [`results`]: the matrix as data

use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::Result;
use indicatif::ProgressBar;

pub mod checks;
pub mod failures;
pub mod learner;
pub mod markdown;
pub mod matrix;
pub mod originals;
pub mod program;
pub mod report;
pub mod results;

use crate::harness::build;
use crate::harness::interrupt::Interrupt;
use crate::harness::outcome::Verdict;
use crate::terminal::{print, progress};
use crate::{FAILED, USAGE, usage};
use learner::Wish;
use matrix::{Cell, Plan, Settings};
use results::Matrix;

/// What a newcomer may do after a first look.
const NEXT: &str = "\nnext: docs/stations.md, the way through; cargo xtask exercise, to write a \
                    piece yourself\n";

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
    /// Test a program of your own: its command, with {port} or {addr} where it is told to listen
    #[arg(
        long,
        value_name = "COMMAND",
        requires = "like",
        conflicts_with_all = ["servers", "markdown", "release"]
    )]
    program: Option<String>,
    /// The server whose conversation that program has, for example epoll-server, which echoes
    #[arg(long, value_name = "NAME", requires = "program")]
    like: Option<String>,
    /// Stop at the first failure of that program
    #[arg(long, requires = "program")]
    first: bool,
    /// Where that program listens, if its command does not tell it
    #[arg(long, value_name = "N", requires = "program")]
    port: Option<NonZero<u16>>,
    /// Test the notes' own Python programs; SERVER is a listing of the notes then, as 001:9-19
    #[arg(long, requires = "notes", conflicts_with_all = ["program", "quick", "explain", "release"])]
    originals: bool,
    /// Folder with the notes' own files
    #[arg(long, value_name = "DIR", requires = "originals")]
    notes: Option<PathBuf>,
    /// Only those that bench measures, with the repairs that let them run there
    #[arg(long, requires = "originals", conflicts_with = "markdown")]
    repaired: bool,
    /// Where random numbers begin, to repeat a run [default: another one each time]
    #[arg(long, value_name = "N", value_parser = crate::parse_seed)]
    seed: Option<u64>,
    /// Build the servers optimised
    #[arg(long)]
    release: bool,
    /// Write the results to xtask/data/results, docs/matrix.md and README.md, of the originals to
    /// docs/originals.md; only for all of it
    #[arg(long, conflicts_with_all = ["servers", "checks", "quick"])]
    markdown: bool,
}

/// Runs every applicable check on every server and prints the matrix; after Ctrl-C what there is of
/// it.
///
/// # Errors
/// When the servers cannot be built, or Ctrl-C cannot be watched for.
pub fn run(args: Args) -> Result<ExitCode> {
    // Who repeats a check of a program that is not this project's finds the same.
    let any_seed = || if args.program.is_some() || args.originals { 1 } else { fastrand::u64(..) };
    let seed = args.seed.unwrap_or_else(any_seed);
    if let (true, Some(notes)) = (args.originals, &args.notes) {
        return originals::run(&args, notes, seed);
    }
    let settings = Settings { seed, release: args.release };
    let plan = Plan::new(&args.servers, &args.checks, settings);
    let plan = match plan.and_then(|plan| if args.quick { plan.quick() } else { Ok(plan) }) {
        Ok(plan) => plan,
        Err(error) => return Ok(usage(&error)),
    };
    if let (Some(program), Some(like)) = (args.program, args.like) {
        let words = args.seed.map(|seed| vec![format!("--seed {seed}")]).unwrap_or_default();
        let wish = Wish { program, like, port: args.port, first: args.first, words };
        return program::run(wish, plan, args.explain);
    }
    let run = Arc::new(Run {
        progress: progress(plan.size()),
        plan,
        explain: args.explain,
        quick: args.quick,
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
    quick: bool,
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
        if self.quick {
            print(NEXT);
        }
        if markdown {
            let matrix = Matrix::new(&self.plan, &cells, self.start.elapsed());
            matrix.write(crate::root())?;
            markdown::write(&matrix)?;
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
