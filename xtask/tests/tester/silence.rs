//! Every check against servers that keep their clients waiting: it must not wait for each of them.

use std::collections::HashSet;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use fastrand::Rng;
use xtask::catalog::{SERVERS, Server};
use xtask::harness::build::Binaries;
use xtask::harness::outcome::{Outcome, Verdict, not_tested};
use xtask::test_all::checks::{CHECKS, Check, Pace};
use xtask::test_all::matrix;

use crate::{BINARIES, take_turn};

/// How long any check may take.
const LONGEST: Duration = Duration::from_secs(30);

/// How silent a server can be: `examples/broken-server/silent.rs`.
const SILENCES: [&str; 3] = ["says-nothing", "reads-nothing", FIRST];
/// Some checks pass with this one: they have one client.
const FIRST: &str = "answers-only-the-first";

/// The servers whose places the silent ones take: one that converses, and one that does not.
const PLACES: [&str; 2] = ["select-server", "greet-once"];

/// The same for checks that apply to neither.
const OTHER_PLACES: [(&str, &str); 22] = [
    ("operator", "operator"),
    ("refused-registration", "epoll-server"),
    ("one-each", "thread-per-connection"),
    ("refused-start", "thread-per-connection"),
    ("panic", "thread-per-connection"),
    ("finish", "socketserver"),
    ("children", "process-per-connection"),
    ("killed-child", "process-per-connection"),
    ("completions", "io-uring"),
    ("idle-calls", "poll"),
    ("small-ring", "io-uring"),
    ("old-kernel", "io-uring"),
    ("drain", "edge-triggered"),
    ("burst", "edge-triggered"),
    ("idle-clients", "edge-triggered"),
    ("owed-at-the-end", "edge-triggered"),
    ("signal-overflow", "signal-driven"),
    ("every-loop", "epoll-per-core"),
    ("idle-line", "level-triggered"),
    ("long-lines", "threadpool-server"),
    ("waiting-room", "threadpool-server"),
    ("pause", "threadpool-server"),
];

/// Checks that run at the same time: they do little else than wait.
const AT_ONCE: usize = 64;

/// The same for those that were late: they may owe it to the others.
const FEW: usize = 4;

/// How often it is seen which checks have ended; one more begins each time.
const PAUSE: Duration = Duration::from_millis(50);

/// One check of one silent server.
#[derive(Clone, Copy)]
struct Cell {
    check: &'static Check,
    server: &'static Server,
    silence: &'static str,
}

impl Cell {
    fn name(&self) -> String {
        format!("{} of {}, which {}", self.check.name, self.server.name, self.silence)
    }
}

/// A cell that has ended, with its answer.
type Ended = (Cell, Outcome);

#[test]
fn no_check_waits_long_for_a_silent_server() {
    let _turn = take_turn();
    let binaries = Arc::new(binaries());
    let (mut ended, late) = run(cells(), AT_ONCE, &binaries);
    let (more, late) = run(late, FEW, &binaries);
    ended.extend(more);
    tell_what_is_not_tried(&ended);
    let passed = ended.iter().filter(|(cell, outcome)| {
        cell.silence != FIRST && !matches!(outcome, Err(_) | Ok(Verdict::Skip(_)))
    });
    let passed: Vec<String> = passed.map(|(cell, _)| cell.name()).collect();
    assert!(passed.is_empty(), "passed by a silent server: {passed:#?}");
    let late: Vec<String> = late.iter().map(Cell::name).collect();
    assert!(late.is_empty(), "not over after {} s: {late:#?}", LONGEST.as_secs());
}

/// Each check with each silence in each place, mixed: clients of one kind come in crowds.
fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for check in CHECKS {
        let others = OTHER_PLACES.iter().filter(|(name, _)| *name == check.name);
        let names: Vec<&str> = PLACES.into_iter().chain(others.map(|(_, place)| *place)).collect();
        for server in SERVERS.iter().filter(|server| names.contains(&server.name)) {
            cells.extend(SILENCES.map(|silence| {
                let role: &str = format!("SILENT_SERVER={silence} {}", server.name).leak();
                let wrapper = Box::leak(Box::new(["env", role]));
                Cell { check, server: Box::leak(Box::new(Server { wrapper, ..*server })), silence }
            }));
        }
    }
    Rng::with_seed(1).shuffle(&mut cells);
    cells.sort_by_key(|cell| cell.check.pace == Pace::Quick);
    cells
}

/// The silent server in the place of each, and one client of the notes in the places of theirs.
fn binaries() -> Binaries {
    let mut binaries = BINARIES.clone();
    let [silent, client] = ["broken-server", "hello-client"]
        .map(|name| BINARIES.get("xtask", name).unwrap().to_owned());
    for server in SERVERS {
        binaries.insert(server.package, server.name, silent.clone());
        if let Some(note_client) = server.note_client {
            binaries.insert(server.package, note_client.name, client.clone());
        }
    }
    binaries
}

/// Runs cells, `at_once` at the same time; returns those that ended in time, and the others.
fn run(cells: Vec<Cell>, at_once: usize, binaries: &Arc<Binaries>) -> (Vec<Ended>, Vec<Cell>) {
    let start = |cell: Cell| {
        let binaries = binaries.clone();
        // Nobody waits for a thread that is late; with this process its server ends.
        let run = move || matrix::run(cell.server, cell.check, &binaries, 1).outcome;
        (cell, Instant::now(), thread::spawn(run))
    };
    let mut waiting = cells.into_iter();
    let mut running: Vec<(Cell, Instant, JoinHandle<Outcome>)> = Vec::new();
    let (mut ended, mut late) = (Vec::new(), Vec::new());
    loop {
        if running.len() < at_once {
            running.extend(waiting.next().map(start));
        }
        for (cell, _, run) in running.extract_if(.., |(.., run)| run.is_finished()) {
            ended.push((cell, run.join().expect("a check does not panic")));
        }
        for (cell, ..) in running.extract_if(.., |(_, start, _)| start.elapsed() > LONGEST) {
            late.push(cell);
        }
        if running.is_empty() && waiting.len() == 0 {
            return (ended, late);
        }
        thread::sleep(PAUSE);
    }
}

/// Says which checks apply to no server here, and why.
fn tell_what_is_not_tried(ended: &[Ended]) {
    for check in CHECKS {
        let outcomes = ended.iter().filter(|(cell, _)| cell.check.name == check.name);
        let reasons = outcomes.map(|(_, outcome)| match outcome {
            Ok(Verdict::Skip(reason)) => Some(*reason),
            _ => None,
        });
        if let Some(reasons) = reasons.collect::<Option<HashSet<&str>>>() {
            not_tested(check.name, format!("{reasons:?}"));
        }
    }
}
