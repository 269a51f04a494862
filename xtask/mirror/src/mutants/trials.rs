//! Each defect and the checks, several at once.

use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;

use crate::mutants::Tried;
use crate::mutants::results::Results;
use crate::mutants::tree::Tree;
use xtask::catalog::defect::Defect;
use xtask::harness::build::Binaries;
use xtask::test_all::failures::failures;
use xtask::test_all::matrix::{self, Cell, Settings};

pub struct Trials<'a> {
    pub tree: &'a Tree,
    /// The healthy servers, and the notes' clients.
    pub binaries: &'a Binaries,
    pub seed: u64,
    pub progress: &'a ProgressBar,
    pub last_time: Results,
    pub tried: &'a Mutex<Vec<Tried>>,
    /// Servers and checks that they pass without a defect, by name.
    pub passed: Mutex<HashSet<(&'static str, &'static str)>>,
    /// Set by the first error: the others need not go on.
    pub stopped: AtomicBool,
}

impl Trials<'_> {
    /// Builds one round after the other, while the defects of the rounds before are tried.
    pub fn run(&self, rounds: &[Vec<&'static Defect>]) -> Result<()> {
        let (built, queue) = channel();
        let queue = Mutex::new(queue);
        thread::scope(|scope| {
            let worker = || self.stop_at_error(self.work(&queue));
            let start = |_| thread::Builder::new().spawn_scoped(scope, worker);
            let workers: Result<Vec<_>, _> = (0..matrix::at_once()).map(start).collect();
            let workers = workers.context("start a thread")?;
            let all_built = self.stop_at_error(self.build(rounds, built));
            for worker in workers {
                worker.join().expect("a check does not panic")?;
            }
            all_built
        })
    }

    fn stop_at_error<T>(&self, result: Result<T>) -> Result<T> {
        if result.is_err() {
            self.stopped.store(true, Ordering::Relaxed);
        }
        result
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    fn build(&self, rounds: &[Vec<&'static Defect>], built: Sender<&'static Defect>) -> Result<()> {
        for round in rounds {
            if self.is_stopped() {
                break;
            }
            self.tree.build(round)?;
            for defect in round {
                built.send(*defect).context("hand a defect over")?;
            }
        }
        Ok(())
    }

    fn work(&self, queue: &Mutex<Receiver<&'static Defect>>) -> Result<()> {
        let queue = || queue.lock().unwrap_or_else(PoisonError::into_inner);
        let next = || queue().recv().ok();
        while let Some(defect) = next() {
            if self.is_stopped() {
                break;
            }
            let tried = self.try_one(defect)?;
            self.tried.lock().unwrap_or_else(PoisonError::into_inner).push(tried);
            self.progress.inc(1);
        }
        Ok(())
    }

    /// Runs the checks up to the first that fails twice: what fails once only may owe it to a busy
    /// machine.
    fn try_one(&self, defect: &'static Defect) -> Result<Tried> {
        let server = defect.row()?;
        let mut binaries = self.binaries.clone();
        binaries.insert(server.package, server.name, self.tree.binary(defect));
        let start = Instant::now();
        let mut tried =
            Tried { defect, found: None, failed_once: Vec::new(), time: start.elapsed() };
        for check in self.last_time.order(&defect.name) {
            self.progress.set_message(format!("{} {}", defect.name, check.name));
            let fails = || {
                let cell = matrix::run(server, check, &binaries, self.seed);
                cell.outcome.is_err().then_some(cell)
            };
            let first = fails();
            tried.time = start.elapsed();
            let Some(first) = first else {
                continue;
            };
            if fails().is_none() {
                tried.failed_once.push(check.name);
                continue;
            }
            self.passes_without(&first)?;
            keep_report(&self.tree.report(defect), &first, self.settings())?;
            tried.found = Some(first);
            break;
        }
        Ok(tried)
    }

    fn settings(&self) -> Settings {
        Settings { seed: self.seed, release: false }
    }

    /// Makes sure that the server of `cell` passes its check without a defect.
    fn passes_without(&self, cell: &Cell) -> Result<()> {
        let passed = || self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = (cell.server.name, cell.check.name);
        if passed().contains(&pair) {
            return Ok(());
        }
        let healthy = matrix::run(cell.server, cell.check, self.binaries, self.seed);
        if healthy.outcome.is_err() {
            let report = failures(std::slice::from_ref(&healthy), self.settings());
            bail!("a check fails without a defect; cargo xtask test-all must pass first\n{report}");
        }
        passed().insert(pair);
        Ok(())
    }
}

/// Keeps what `test-all` would have said, to see whether one finds the defect from it.
fn keep_report(path: &Path, cell: &Cell, settings: Settings) -> Result<()> {
    let text = failures(std::slice::from_ref(cell), settings);
    std::fs::write(path, text).with_context(|| format!("write {}", path.display()))
}
