//! `cargo xtask mutants`: small defects, each put into a copy of a real server, and the check that
//! finds it.
//!
//! A defect counts as found when a check fails twice in a row that the healthy server passes; one
//! that fails there, too, ends the run: first `cargo xtask test-all` has to pass.
//!
//! - [`table`]: the defects
//! - [`order`]: which check is tried first
//! - [`rounds`]: which of them can be built together
//! - [`tree`]: the copy, a defect in it, the build
//! - [`trials`]: each defect and the checks, several at once
//! - [`report`]: what came of it, as text

use std::mem;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;

pub mod order;
pub mod report;
pub mod rounds;
pub mod table;
pub mod tree;
pub mod trials;

use crate::catalog::{DEFECT, SERVER, SERVERS, select};
use crate::checkout;
use crate::harness::build;
use crate::harness::interrupt::Interrupt;
use crate::terminal::{print, progress};
use crate::test_all::matrix::Cell;
use crate::{FAILED, usage};
use table::{Mutant, Verdict};
use tree::Tree;
use trials::Trials;

/// The command line of `cargo xtask mutants`.
#[derive(clap::Args)]
pub struct Args {
    /// Servers whose defects are tried [default: all]
    #[arg(value_name = "SERVER")]
    servers: Vec<String>,
    /// Defect to try; may be given more than once [default: all]
    #[arg(long = "defect", value_name = "NAME")]
    defects: Vec<String>,
    /// Write the result to docs/mutants.md; only for all defects
    #[arg(long, conflicts_with_all = ["servers", "defects"])]
    markdown: bool,
    /// Where random numbers begin, to repeat a run [default: another one each time]
    #[arg(long, value_name = "N", value_parser = crate::parse_seed)]
    seed: Option<u64>,
}

/// What came of a defect.
pub struct Tried {
    /// The defect.
    pub mutant: &'static Mutant,
    /// The first check that failed, and failed again.
    pub found: Option<Cell>,
    /// The checks before it that failed, and passed when they were run again.
    pub failed_once: Vec<&'static str>,
    /// How long it took to fail, or to run all checks.
    pub time: Duration,
}

impl Tried {
    /// Whether it is as its row in the table says.
    pub fn is_as_expected(&self) -> bool {
        match self.mutant.verdict {
            Verdict::Found => self.found.is_some(),
            Verdict::Equivalent(_) => self.found.is_none(),
        }
    }
}

/// A run over the defects, for the report.
pub struct Run {
    /// Where random numbers began.
    pub seed: u64,
    /// How long all of it took.
    pub time: Duration,
    /// What came of each, first found first.
    pub tried: Vec<Tried>,
}

impl Run {
    /// Takes what was tried so far.
    fn of(seed: u64, start: Instant, tried: &Mutex<Vec<Tried>>) -> Run {
        let mut tried = mem::take(&mut *tried.lock().unwrap_or_else(PoisonError::into_inner));
        tried.sort_by_key(|one| one.time);
        Run { seed, time: start.elapsed(), tried }
    }
}

/// Tries each defect and prints which check found it; after Ctrl-C what there is of that.
///
/// # Errors
/// When the workspace cannot be copied, a defect does not fit its file, a build fails, a check
/// fails without a defect, too, or Ctrl-C cannot be watched for.
pub fn run(args: &Args) -> Result<ExitCode> {
    let mutants = match chosen(args) {
        Ok(mutants) => mutants,
        Err(error) => return Ok(usage(&error)),
    };
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..));
    let start = Instant::now();
    let progress = progress(mutants.len());
    let tried = Arc::new(Mutex::new(Vec::new()));
    let interrupt = {
        let (progress, tried, all) = (progress.clone(), tried.clone(), mutants.len());
        Interrupt::report(move || {
            progress.finish_and_clear();
            let run = Run::of(seed, start, &tried);
            print(&report::text(&run));
            eprintln!("interrupted after {} of {all} defects", run.tried.len());
        })?
    };
    interrupt.unless_it_came(try_all(&mutants, seed, &progress, &tried))?;
    progress.finish_and_clear();

    let run = Run::of(seed, start, &tried);
    print(&report::text(&run));
    if args.markdown {
        let path = crate::root().join("docs/mutants.md");
        std::fs::create_dir_all(crate::root().join("docs")).context("create docs")?;
        std::fs::write(&path, report::markdown(&run)).context("write docs/mutants.md")?;
    }
    let expected = run.tried.iter().all(Tried::is_as_expected);
    Ok(ExitCode::from(if expected { 0 } else { FAILED }))
}

/// Builds each defect and tries it; the results go to `tried`.
fn try_all(
    mutants: &[&'static Mutant],
    seed: u64,
    progress: &ProgressBar,
    tried: &Mutex<Vec<Tried>>,
) -> Result<()> {
    let tree = Tree::of(crate::root(), checkout::target()?.join("mutants"))?;
    mutants.iter().try_for_each(|mutant| tree.fits(mutant))?;
    progress.set_message(build::MESSAGE);
    // The notes' clients are the healthy ones.
    let mut binaries = build::build(build::SERVERS, false)?;
    binaries.extend(build::build(build::PRELOAD, false)?);
    let rounds = rounds::rounds(mutants, &rounds::dependencies(crate::root())?)?;
    Trials::new(&tree, &binaries, seed, progress, tried).run(&rounds)
}

/// The defects of the servers and of the names that were given.
fn chosen(args: &Args) -> Result<Vec<&'static Mutant>> {
    let servers = select(&SERVER, &args.servers, SERVERS, |server| server.name)?;
    let mut mutants = select(&DEFECT, &args.defects, table::all(), |mutant| mutant.name)?;
    mutants.retain(|mutant| servers.iter().any(|server| server.name == mutant.server));
    for server in servers {
        if let Some(reason) = (server.requires)() {
            eprintln!("skip the defects of {}: {reason}", server.name);
            mutants.retain(|mutant| mutant.server != server.name);
        }
    }
    if mutants.is_empty() {
        bail!("the table has no such defect of these servers");
    }
    Ok(mutants)
}
