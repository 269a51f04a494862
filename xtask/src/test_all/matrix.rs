//! Servers × checks.

use std::collections::VecDeque;
use std::process::ExitStatus;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use fastrand::Rng;
use rustix::process::{Resource, getrlimit};

use crate::catalog::{CHECK, SERVER, SERVERS, Server, Target, select};
use crate::harness::build::Binaries;
use crate::harness::command_line::CommandLine;
use crate::harness::limits::raise_own_limit;
use crate::harness::outcome::{Kind, Outcome, Verdict, fail};
use crate::harness::output::Output;
use crate::harness::stop;
use crate::harness::threads::spawn_in;
use crate::harness::trial::Trial;
use crate::test_all::checks::{CHECKS, Check, Pace};

/// Cells that run at the same time: most of them wait, for a deadline or for the kernel.
const AT_ONCE: u64 = 10;

/// Decides on the order in which cells run; any number does.
const ORDER: u64 = 1;

/// Descriptors that a cell may need in this process: the 2,000 clients of `beyond-1024`, and room.
const DESCRIPTORS_PER_CELL: u64 = 2200;

/// Threads that a cell may need: those of the 500 clients of `connect-storm`, and room.
const THREADS_PER_CELL: u64 = 600;

/// What is to be run: each of these servers with each of these checks.
pub struct Plan {
    /// The columns.
    pub servers: Vec<&'static Server>,
    /// The rows.
    pub checks: Vec<&'static Check>,
    /// What else a run depends on.
    pub settings: Settings,
}

/// What a run depends on besides its servers and checks.
#[derive(Clone, Copy)]
pub struct Settings {
    /// Where random numbers begin.
    pub seed: u64,
    /// Whether the servers are built optimised.
    pub release: bool,
}

/// What came out of one check of one server.
pub struct Cell {
    /// The server.
    pub server: &'static Server,
    /// The check.
    pub check: &'static Check,
    /// The answer.
    pub outcome: Outcome,
    /// The last lines that the server printed.
    pub output: Vec<String>,
    /// The last lines of those on its standard error.
    pub errors: Vec<String>,
    /// How that ended, if it did so by itself.
    pub end: Option<ExitStatus>,
    /// What launched the server, or the note's client, that printed them.
    pub line: Option<CommandLine>,
    /// How long it took.
    pub time: Duration,
}

impl Cell {
    /// A check of a server that nobody has run yet.
    pub fn new(server: &'static Server, check: &'static Check) -> Cell {
        let outcome = Ok(Verdict::Pass);
        let (output, errors, time) = (Vec::new(), Vec::new(), Duration::ZERO);
        Cell { server, check, outcome, output, errors, end: None, line: None, time }
    }
}

/// An answer in one word.
pub fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Ok(Verdict::Pass) => "pass",
        Ok(Verdict::Waits) => "waits",
        Ok(Verdict::Polls) => "polls",
        Ok(Verdict::Refuses) => "refuses",
        Ok(Verdict::Skip(_)) => "skip",
        Err(_) => "FAIL",
    }
}

impl Plan {
    /// The servers and checks of these names; where there are none, all.
    ///
    /// # Errors
    /// When a name is unknown; the message lists those that there are.
    pub fn new(servers: &[String], checks: &[String], settings: Settings) -> Result<Plan> {
        Ok(Plan {
            settings,
            servers: select(&SERVER, servers, SERVERS, |server| server.name)?,
            checks: select(&CHECK, checks, CHECKS, |check| check.name)?,
        })
    }

    /// Leaves out what takes longer than a second.
    ///
    /// # Errors
    /// When nothing is left.
    pub fn quick(self) -> Result<Plan> {
        let all = self.checks.iter().copied();
        let (checks, slow): (Vec<&Check>, Vec<&Check>) =
            all.partition(|check| check.pace == Pace::Quick);
        if checks.is_empty() {
            let slow: Vec<&str> = slow.iter().map(|check| check.name).collect();
            bail!("--quick leaves out what may take longer than a second: {}", slow.join(", "));
        }
        Ok(Plan { checks, ..self })
    }

    /// How many cells there are.
    pub fn size(&self) -> usize {
        self.servers.len() * self.checks.len()
    }

    /// Runs every cell, whatever the others answer. `started` is told of each that begins,
    /// `finished` gets each that ended; both from several threads.
    pub fn run(
        &self,
        binaries: &Binaries,
        started: impl Fn(&Server, &Check) + Sync,
        finished: impl Fn(Cell) + Sync,
    ) {
        side_by_side(self.queue(), |(server, check)| {
            started(server, check);
            finished(run(server, check, binaries, self.settings.seed));
        });
    }

    /// All pairs of a server and a check, in an order that is the same in every run: what takes
    /// long comes first, and is mixed. Side by side, all cells of one check wait, or all compute.
    fn queue(&self) -> VecDeque<(&'static Server, &'static Check)> {
        let pairs = self
            .checks
            .iter()
            .flat_map(|check| self.servers.iter().map(move |server| (*server, *check)));
        let mut pairs: Vec<_> = pairs.collect();
        Rng::with_seed(ORDER).shuffle(&mut pairs);
        pairs.sort_by_key(|(_, check)| check.pace == Pace::Quick);
        pairs.into()
    }

    /// Puts cells into the order of the plan, check by check.
    pub fn sort(&self, cells: &mut [Cell]) {
        let place = |cell: &Cell| {
            let check = self.checks.iter().position(|check| check.name == cell.check.name);
            (check, self.servers.iter().position(|server| server.key() == cell.server.key()))
        };
        cells.sort_by_key(place);
    }
}

/// Does `work` for each of a queue, for several at the same time.
pub fn side_by_side<T: Send>(queue: VecDeque<T>, work: impl Fn(T) + Sync) {
    let queue = Mutex::new(queue);
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let some = || {
        while let Some(one) = next() {
            work(one);
        }
    };
    thread::scope(|scope| {
        let others = (1..at_once()).map(|_| spawn_in(scope, some));
        // Where the system refuses threads, those that there are do all of it.
        let others: Vec<_> = others.take_while(Result::is_ok).flatten().collect();
        some();
        for worker in others {
            worker.join().expect("a check does not panic");
        }
    });
}

/// How many cells run at the same time: fewer where this user has few descriptors or processes.
pub fn at_once() -> u64 {
    let threads = getrlimit(Resource::Nproc).current.unwrap_or(u64::MAX);
    let cells = (raise_own_limit() / DESCRIPTORS_PER_CELL).min(threads / THREADS_PER_CELL);
    cells.clamp(1, AT_ONCE)
}

/// Runs one check of one server, where the system has what that needs: with the server's default
/// mechanism, and then, if the check concerns readiness, with each other one, up to the first that
/// fails. The word is that of the default mechanism, unless another one fails. A tester that is
/// stopped meanwhile begins again; what it lacks itself is a reason to skip the check.
pub fn run(server: &'static Server, check: &'static Check, binaries: &Binaries, seed: u64) -> Cell {
    stop::undisturbed(|| run_once(server, check, binaries, seed))
}

fn run_once(
    server: &'static Server,
    check: &'static Check,
    binaries: &Binaries,
    seed: u64,
) -> Cell {
    let start = Instant::now();
    if let Some(reason) = (server.requires)() {
        return Cell { outcome: Ok(Verdict::Skip(reason)), ..Cell::new(server, check) };
    }
    // The crate's own server takes each mechanism through every such check; its examples, which use
    // the same ones, only through those that take little time.
    let all = server.target == Target::Bin || check.pace == Pace::Quick;
    let others = if check.readiness && all { server.selectors } else { &[] };
    let (mut outcome, mut output) = run_with(None, server, check, binaries, seed);
    for selector in others {
        if outcome.is_err() {
            break;
        }
        let (other, said) = run_with(Some(selector), server, check, binaries, seed);
        output = said;
        outcome = outcome.and_then(|word| other.map(|_| word));
    }
    let (end, line, errors) = (output.end(), output.source(), output.errors());
    Cell { server, check, outcome, output: output.tail(), errors, end, line, time: start.elapsed() }
}

fn run_with(
    selector: Option<&'static str>,
    server: &'static Server,
    check: &'static Check,
    binaries: &Binaries,
    seed: u64,
) -> (Outcome, Output) {
    let output = Output::default();
    let note_client = server.note_client.and_then(|client| {
        let binary = binaries.get(server.package, client.name)?;
        Some((client, CommandLine::new(binary)))
    });
    let Some(line) = binaries.line_of(server) else {
        let outcome = fail(format!("cargo builds {}", server.name), "it does not");
        return (outcome, output);
    };
    let outcome = (check.run)(&Trial {
        server,
        line,
        selector,
        note_client,
        preload: binaries.get("xtask", "preload"),
        output: output.clone(),
        seed,
    });
    let outcome = outcome.or_else(|failure| match (failure.kind, selector) {
        (Kind::Lacking(what), _) => Ok(Verdict::Skip(what)),
        (_, None) => Err(failure),
        (_, Some(selector)) => {
            Err(failure.told(|actual| format!("with --selector {selector}: {actual}")))
        }
    });
    (outcome, output)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const SETTINGS: Settings = Settings { seed: 1, release: false };

    #[test]
    fn a_plan_has_what_was_named() {
        let plan =
            Plan::new(&["epoll-server".into()], &["sizes".into(), "conversation".into()], SETTINGS)
                .unwrap();
        assert_eq!(plan.size(), 2);
        assert_eq!(plan.checks[0].name, "conversation");
        assert_eq!(Plan::new(&[], &[], SETTINGS).unwrap().size(), SERVERS.len() * CHECKS.len());
        let quick = Plan::new(&[], &[], SETTINGS).unwrap().quick().unwrap();
        assert!(quick.size() < SERVERS.len() * CHECKS.len());
    }

    #[test]
    fn every_pair_is_queued_once_and_what_takes_long_comes_first() {
        let plan = Plan::new(&[], &[], SETTINGS).unwrap();
        let queue = plan.queue();
        let names = queue.iter().map(|(server, check)| (server.key(), check.name));
        assert_eq!(names.collect::<HashSet<_>>().len(), plan.size());
        assert_eq!(queue.len(), plan.size());
        assert!(queue.iter().is_sorted_by_key(|(_, check)| check.pace == Pace::Quick));
    }

    #[test]
    fn a_quick_plan_without_a_quick_check_says_why_it_is_empty() {
        let plan = Plan::new(&[], &["churn".into()], SETTINGS).unwrap();
        let error = plan.quick().err().unwrap().to_string();
        assert!(error.contains("longer than a second: churn"), "{error}");
    }

    #[test]
    fn an_unknown_name_tells_which_is_meant_or_all() {
        let error = Plan::new(&["epol".into()], &[], SETTINGS).err().unwrap().to_string();
        assert!(error.contains("epol;") && error.contains("epoll-server"), "{error}");
        let error = Plan::new(&[], &["size".into()], SETTINGS).err().unwrap().to_string();
        assert!(error.contains("sizes"), "{error}");
        let error = Plan::new(&[], &["x".into()], SETTINGS).err().unwrap().to_string();
        assert!(CHECKS.iter().all(|check| error.contains(check.name)), "{error}");
    }
}
