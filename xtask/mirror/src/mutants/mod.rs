//! `cargo xtask mutants`: small defects, each put into a copy of a real server, and the check that
//! finds it.
//!
//! A defect counts as found when a check fails twice in a row that the healthy server passes; one
//! that fails there, too, ends the run: first `cargo xtask test-all` has to pass.
//!
//! - [`results`]: what the last run found, and so which check is tried first
//! - [`rounds`]: which of them can be built together
//! - [`tree`]: the copy, a defect in it, the build
//! - [`trials`]: each defect and the checks, several at once
//! - [`report`]: what came of it, as text

use std::mem;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;

pub mod report;
pub mod results;
pub mod rounds;
pub mod tree;
pub mod trials;

use results::{Results, Row};
use tree::Tree;
use trials::Trials;
use xtask::catalog::defect::{self, Defect};
use xtask::catalog::{DEFECT, SERVER, SERVERS, select};
use xtask::checkout;
use xtask::harness::build;
use xtask::harness::interrupt::Interrupt;
use xtask::harness::machine::{date, machine};
use xtask::terminal::{print, progress};
use xtask::test_all::matrix::Cell;
use xtask::{FAILED, usage};

/// The command line of `cargo xtask mutants`.
#[derive(clap::Args)]
pub struct Args {
    /// Servers whose defects are tried [default: all]
    #[arg(value_name = "SERVER")]
    servers: Vec<String>,
    /// Defect to try; may be given more than once [default: all]
    #[arg(long = "defect", value_name = "NAME")]
    defects: Vec<String>,
    /// Write the result to docs/mutants.md and xtask/data/results; only for all defects
    #[arg(long, conflicts_with_all = ["servers", "defects"])]
    markdown: bool,
    /// Where random numbers begin, to repeat a run [default: another one each time]
    #[arg(long, value_name = "N", value_parser = xtask::parse_seed)]
    seed: Option<u64>,
}

pub struct Tried {
    pub defect: &'static Defect,
    /// The first check that failed, and failed again.
    pub found: Option<Cell>,
    /// The checks before it that failed, and passed when they were run again.
    pub failed_once: Vec<&'static str>,
    /// How long it took to fail, or to run all checks.
    pub time: Duration,
}

impl Tried {
    /// Whether it is as its row says.
    pub fn is_as_expected(&self) -> bool {
        self.found.is_some() == self.defect.equivalent.is_none()
    }

    fn row(&self) -> Row {
        Row {
            name: self.defect.name.clone(),
            found_by: self.found.as_ref().map(|cell| cell.check.name.to_owned()),
            after: (self.time.as_secs_f64() * 10.0).round() / 10.0,
        }
    }
}

pub struct Run {
    pub seed: u64,
    pub time: Duration,
    /// What came of each, first found first.
    pub tried: Vec<Tried>,
}

impl Run {
    fn of(seed: u64, start: Instant, tried: &Mutex<Vec<Tried>>) -> Run {
        let mut tried = mem::take(&mut *tried.lock().unwrap_or_else(PoisonError::into_inner));
        tried.sort_by_key(|one| one.time);
        Run { seed, time: start.elapsed(), tried }
    }

    fn results(&self) -> Results {
        let mut rows: Vec<Row> = self.tried.iter().map(Tried::row).collect();
        rows.sort_by(|a, b| a.name.cmp(&b.name));
        Results {
            date: date(),
            machine: machine(),
            seed: self.seed.to_string(),
            seconds: self.time.as_secs(),
            defect: rows,
        }
    }
}

/// Tries each defect and prints which check found it; after Ctrl-C what there is of that.
pub fn run(args: &Args) -> Result<ExitCode> {
    let defects = match chosen(args) {
        Ok(defects) => defects,
        Err(error) => return Ok(usage(&error)),
    };
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..));
    let start = Instant::now();
    let progress = progress(defects.len());
    let tried = Arc::new(Mutex::new(Vec::new()));
    let interrupt = {
        let (progress, tried, all) = (progress.clone(), tried.clone(), defects.len());
        Interrupt::report(move || {
            progress.finish_and_clear();
            let run = Run::of(seed, start, &tried);
            print(&report::text(&run));
            eprintln!("interrupted after {} of {all} defects", run.tried.len());
        })?
    };
    interrupt.unless_it_came(try_all(&defects, seed, &progress, &tried))?;
    progress.finish_and_clear();

    let run = Run::of(seed, start, &tried);
    print(&report::text(&run));
    if args.markdown {
        run.results().write(xtask::root())?;
        let path = xtask::root().join("docs/mutants.md");
        std::fs::write(&path, report::markdown(&run)).context("write docs/mutants.md")?;
    }
    let expected = run.tried.iter().all(Tried::is_as_expected);
    Ok(ExitCode::from(if expected { 0 } else { FAILED }))
}

/// Builds each defect and tries it; the results go to `tried`.
fn try_all(
    defects: &[&'static Defect],
    seed: u64,
    progress: &ProgressBar,
    tried: &Mutex<Vec<Tried>>,
) -> Result<()> {
    let tree = Tree::of(xtask::root(), checkout::target()?.join("mutants"))?;
    defects.iter().try_for_each(|defect| tree.fits(defect))?;
    progress.set_message(build::MESSAGE);
    // The notes' clients are the healthy ones.
    let mut binaries = build::build(build::SERVERS, false)?;
    binaries.extend(build::build(build::PRELOAD, false)?);
    let rounds = rounds::rounds(defects, &rounds::dependencies(xtask::root())?)?;
    let trials = Trials {
        tree: &tree,
        binaries: &binaries,
        seed,
        progress,
        last_time: Results::read(xtask::root())?,
        tried,
        passed: Mutex::default(),
        stopped: AtomicBool::new(false),
    };
    trials.run(&rounds)
}

/// The defects of the servers and of the names that were given.
fn chosen(args: &Args) -> Result<Vec<&'static Defect>> {
    let servers = select(&SERVER, &args.servers, SERVERS, |server| server.name)?;
    // They are needed until the command ends, also by the report that Ctrl-C asks for.
    let all: &'static [Defect] = defect::read(xtask::root())?.leak();
    let mut defects = select(&DEFECT, &args.defects, all, |defect| &defect.name)?;
    defects.retain(|defect| servers.iter().any(|server| server.name == defect.server));
    for server in servers {
        if let Some(reason) = (server.requires)() {
            eprintln!("skip the defects of {}: {reason}", server.name);
            defects.retain(|defect| defect.server != server.name);
        }
    }
    if defects.is_empty() {
        bail!("there is no such defect of these servers");
    }
    Ok(defects)
}
