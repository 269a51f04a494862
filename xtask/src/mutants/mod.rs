//! `cargo xtask mutants`: small defects, each put into a copy of a real server, and the check that
//! finds it.
//!
//! A defect counts as found when a check fails that the healthy server passes; one that fails there,
//! too, ends the run: first `cargo xtask test-all` has to pass.
//!
//! - [`table`]: the defects
//! - [`rounds`]: which of them can be built together
//! - [`tree`]: the copy, a defect in it, the build
//! - [`report`]: what came of it, as text

use std::collections::HashSet;
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use indicatif::ProgressBar;

pub mod report;
pub mod rounds;
pub mod table;
pub mod tree;

use crate::catalog::{SERVERS, Server, select};
use crate::harness::build::{self, Binaries};
use crate::terminal::{print, progress};
use crate::test_all::checks::{CHECKS, Check, Pace};
use crate::test_all::matrix::{self, Cell};
use crate::test_all::report::failures;
use crate::{FAILED, usage};
use table::{Mutant, Verdict};
use tree::Tree;

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
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

/// What came of a defect.
pub struct Tried {
    /// The defect.
    pub mutant: &'static Mutant,
    /// The first check that failed.
    pub found: Option<Cell>,
    /// How long it took to get there, or to run all checks.
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

/// Tries each defect and prints which check found it.
///
/// # Errors
/// When the workspace cannot be copied, a defect does not fit its file, a build fails, or a check fails
/// without a defect, too.
pub fn run(args: &Args) -> Result<ExitCode> {
    let mutants = match chosen(args) {
        Ok(mutants) => mutants,
        Err(error) => return Ok(usage(&error)),
    };
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..));
    let start = Instant::now();
    let progress = progress(mutants.len());
    progress.set_message("cargo build");
    // The notes' clients are the healthy ones.
    let binaries = build::build(build::SERVERS, false)?;
    let tree = Tree::of(crate::root())?;
    let rounds = rounds::rounds(&mutants, &rounds::dependencies(crate::root())?);
    let mut tried = try_all(&tree, &rounds, &binaries, seed, &progress)?;
    progress.finish_and_clear();

    tried.sort_by_key(|one| one.time);
    let run = Run {
        seed,
        time: start.elapsed(),
        tried,
    };
    print(&report::text(&run));
    if args.markdown {
        let path = crate::root().join("docs/mutants.md");
        std::fs::create_dir_all(crate::root().join("docs")).context("create docs")?;
        std::fs::write(&path, report::markdown(&run)).context("write docs/mutants.md")?;
    }
    let expected = run.tried.iter().all(Tried::is_as_expected);
    Ok(ExitCode::from(if expected { 0 } else { FAILED }))
}

/// The defects of the servers and of the names that were given.
fn chosen(args: &Args) -> Result<Vec<&'static Mutant>> {
    let servers = select("server", &args.servers, SERVERS, |server| server.name)?;
    let all: Vec<&Mutant> = table::all().collect();
    if let Some(unknown) = args
        .defects
        .iter()
        .find(|name| !all.iter().any(|mutant| mutant.name == **name))
    {
        let known: Vec<&str> = all.iter().map(|mutant| mutant.name).collect();
        return Err(anyhow!(
            "no defect is called {unknown}; there are {}",
            known.join(", ")
        ));
    }
    let is_chosen = |mutant: &&Mutant| {
        servers.iter().any(|server| server.name == mutant.server)
            && (args.defects.is_empty() || args.defects.iter().any(|name| name == mutant.name))
    };
    let mutants: Vec<&Mutant> = all.into_iter().filter(is_chosen).collect();
    if mutants.is_empty() {
        return Err(anyhow!("the table has no such defect of these servers"));
    }
    Ok(mutants)
}

/// Builds one round after the other, while the defects of the rounds before are tested.
fn try_all(
    tree: &Tree,
    rounds: &[Vec<&'static Mutant>],
    binaries: &Binaries,
    seed: u64,
    progress: &ProgressBar,
) -> Result<Vec<Tried>> {
    let (built, queue) = channel();
    let queue = Mutex::new(queue);
    let healthy = Healthy::default();
    let next = |queue: &Mutex<Receiver<&'static Mutant>>| {
        let queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.recv().ok()
    };
    let work = || {
        let mut tried = Vec::new();
        while let Some(mutant) = next(&queue) {
            let server = server(mutant)?;
            let mut defective = binaries.clone();
            defective.insert(server.name.to_owned(), tree.binary(mutant));
            let one = try_one(mutant, server, &defective, seed, |check| {
                progress.set_message(format!("{} {}", mutant.name, check.name));
            });
            if let Some(cell) = &one.found {
                healthy.passes(cell, binaries, seed)?;
                keep_report(&tree.report(mutant), cell)?;
            }
            progress.inc(1);
            tried.push(one);
        }
        Ok(tried)
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..matrix::at_once()).map(|_| scope.spawn(work)).collect();
        let build = || {
            for round in rounds {
                tree.build(round)?;
                for mutant in round {
                    built.send(*mutant).context("test a defect")?;
                }
            }
            Ok(())
        };
        let all_built: Result<()> = build();
        drop(built);
        let tried: Result<Vec<Vec<Tried>>> = workers
            .into_iter()
            .map(|worker| worker.join().expect("a check does not panic"))
            .collect();
        all_built?;
        Ok(tried?.into_iter().flatten().collect())
    })
}

/// Runs the checks, quick ones first, up to the first that fails.
fn try_one(
    mutant: &'static Mutant,
    server: &'static Server,
    binaries: &Binaries,
    seed: u64,
    started: impl Fn(&Check),
) -> Tried {
    let start = Instant::now();
    let of = |pace| CHECKS.iter().filter(move |check| check.pace == pace);
    let found = of(Pace::Quick).chain(of(Pace::Slow)).find_map(|check| {
        started(check);
        let cell = matrix::run(server, check, binaries, seed);
        cell.outcome.is_err().then_some(cell)
    });
    Tried {
        mutant,
        found,
        time: start.elapsed(),
    }
}

/// Servers and checks that they pass without a defect, by name.
#[derive(Default)]
struct Healthy(Mutex<HashSet<(&'static str, &'static str)>>);

impl Healthy {
    /// Makes sure that a server without a defect passes the check of `cell`.
    fn passes(&self, cell: &Cell, binaries: &Binaries, seed: u64) -> Result<()> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = (cell.server.name, cell.check.name);
        if known().contains(&pair) {
            return Ok(());
        }
        let again = matrix::run(cell.server, cell.check, binaries, seed);
        if again.outcome.is_err() {
            let report = failures(std::slice::from_ref(&again));
            bail!(
                "a check fails without a defect, too; cargo xtask test-all must pass first\n{report}"
            );
        }
        known().insert(pair);
        Ok(())
    }
}

/// Keeps what `test-all` would have said, to see whether one finds the defect from it.
fn keep_report(path: &Path, cell: &Cell) -> Result<()> {
    let text = failures(std::slice::from_ref(cell));
    std::fs::write(path, text).with_context(|| format!("write {}", path.display()))
}

/// The server that a defect is tried on.
fn server(mutant: &Mutant) -> Result<&'static Server> {
    let server = SERVERS.iter().find(|server| server.name == mutant.server);
    server.with_context(|| format!("{}: no server is called {}", mutant.name, mutant.server))
}
