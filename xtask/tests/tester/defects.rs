//! The tests of the tester: a server with a defect must fail the check that is there to find it,
//! and the same server without a defect must pass.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{iter, thread};

use xtask::catalog::Concurrency::{self, Many, One, Pool, Processes, Threads};
use xtask::catalog::{Journal, NoteClient, Readiness, Server, Talk, Target};
use xtask::harness::build::{self, Binaries};
use xtask::harness::outcome::{FEW_DESCRIPTORS, Outcome, Verdict, not_tested};
use xtask::harness::trial::STATIC;
use xtask::test_all::checks::{CHECKS, NO_ENV, NO_NAMESPACE};
use xtask::test_all::matrix;

use crate::cases::{CASES, Case};
use crate::take_turn;

const ECHO: Talk = Talk::Stream(<[u8]>::to_vec);

/// Checks that no server with two arguments can meet: the broken server does not read a command
/// line as the servers do.
const COMMAND_LINE: [&str; 3] = ["bad-address", "unknown-option", "defaults"];

/// Checks that only a pool passes; every other server skips them.
const OF_POOLS: [&str; 3] = ["long-lines", "waiting-room", "pause"];

/// Checks that only a server with a process for each client passes.
const OF_PROCESSES: [&str; 2] = ["children", "killed-child"];

/// Checks that only a server with a thread for each client passes: of the broken server's
/// processes, the one that listens keeps each connection, too.
const OF_THREADS: [&str; 2] = ["one-each", "panic"];

/// Checks of what the broken server has not, or not without a word on its command line: an
/// operator, a line when nobody comes, an epoll descriptor, signals, several loops, io_uring,
/// patience when the system refuses a thread, handlers, care for what it inherits, bursts and
/// manners. It fails them where the table says that it has.
const OF_OTHERS: [&str; 16] = [
    "operator",
    "idle-line",
    "refused-registration",
    "drain",
    "signal-overflow",
    "every-loop",
    "completions",
    "small-ring",
    "old-kernel",
    "refused-start",
    "finish",
    "first-process",
    "inherited-signals",
    "burst",
    "idle-clients",
    "owed-at-the-end",
];

/// Whether the broken server can pass a check as itself, without a defect.
fn can_pass(check: &str) -> bool {
    !COMMAND_LINE.contains(&check) && !OF_OTHERS.contains(&check)
}

/// The broken server with what the table must say of it for that check.
fn broken_for(check: &str, defect: &'static str, concurrency: Concurrency) -> &'static Server {
    let server = broken(defect, concurrency);
    Box::leak(Box::new(match (check, defect) {
        ("operator", _) => Server {
            operator: Some("answer"),
            prompt: Some(|addr| format!("answer {addr}:")),
            talk: Talk::Reads("answer"),
            ..*server
        },
        ("idle-line", _) => {
            Server { shows_idle: Some(("nobody came", Duration::from_millis(100))), ..*server }
        }
        ("completions" | "small-ring" | "old-kernel", _) => {
            Server { readiness: Readiness::Ring, ..*server }
        }
        ("refused-registration", _) => Server { readiness: Readiness::Epoll, ..*server },
        ("drain", _) => Server { has_triggers: true, ..*server },
        ("signal-overflow", _) => Server { readiness: Readiness::Signals, ..*server },
        ("every-loop", _) => Server { listeners: 2, ..*server },
        ("burst", _) => Server { accepts_in_a_row: true, ..*server },
        ("idle-clients" | "owed-at-the-end", _) => Server { has_manners: true, ..*server },
        ("finish", _) => Server { has_finish: true, ..*server },
        ("conversation", "closes-at-once") => {
            Server { talk: Talk::Accepts, keeps_last: true, ..*server }
        }
        _ => return server,
    }))
}

/// Cases that run at the same time: most of them wait for a deadline.
const AT_ONCE: usize = 12;

/// The broken server with the defect of that name.
fn broken(defect: &'static str, concurrency: Concurrency) -> &'static Server {
    Box::leak(Box::new(Server {
        name: "broken-server",
        package: "xtask",
        target: Target::Example,
        wrapper: match concurrency {
            // A thread starts each of its processes, and glibc gives some threads a heap of their
            // own, which grows for thousands of clients.
            Processes => &["env", "MALLOC_ARENA_MAX=1"],
            _ => &[],
        },
        requires: || None,
        model: "thread per client",
        listing: "none",
        in_words: true,
        addr: "127.0.0.1:0",
        backlog: 128,
        listeners: 1,
        journal: Journal::Stdout,
        args: Box::leak(Box::new([defect])),
        load_args: Box::leak(Box::new([defect])),
        operator: None,
        prompt: None,
        shows: &["{bytes}"],
        shows_reset: Some("{client}: Connection reset by peer"),
        shows_idle: None,
        keeps_last: false,
        selectors: &[],
        // Echoed, a line is its own answer.
        talk: match concurrency {
            Pool(_) => Talk::Lines,
            _ => ECHO,
        },
        note_client: Some(NoteClient {
            name: "hello-client",
            prints: "b'world'",
            says: "b'world'",
        }),
        urgent_data_ends_it: false,
        polls: false,
        trusts_short_reads: false,
        accepts_in_a_row: false,
        readiness: Readiness::Waits,
        has_triggers: false,
        bounds_threads: false,
        can_panic: true,
        has_finish: false,
        has_manners: false,
        concurrency,
        processes: 1,
    }))
}

fn binaries() -> Binaries {
    let server = ["--package", "xtask", "--example", "broken-server"];
    let client = ["--package", "select-server", "--example", "hello-client"];
    let mut binaries = build::build(&[&server, &client, build::PRELOAD].concat(), false).unwrap();
    // It stands in for a client of the broken server's own package.
    let client = binaries.get("select-server", "hello-client").unwrap().to_owned();
    binaries.insert("xtask", "hello-client", client);
    binaries
}

fn run(server: &'static Server, check: &str, binaries: &Binaries) -> Outcome {
    let check = CHECKS.iter().find(|known| known.name == check).unwrap();
    matrix::run(server, check, binaries, 1).outcome
}

/// Whether a check runs alone: it connects so many clients that others may run out of descriptors,
/// or takes out of its times what others do to the processors.
fn runs_alone(check: &str) -> bool {
    ["beyond-1024", "connect-storm", "fairness"].contains(&check)
}

/// Whether the check cannot run on this system, for example because it allows this user too few
/// descriptors; says so.
fn is_impossible(check: &str, outcome: &Outcome) -> bool {
    let reasons: &[&str] = match cfg!(target_feature = "crt-static") {
        true => &[FEW_DESCRIPTORS, NO_NAMESPACE, NO_ENV, STATIC],
        false => &[FEW_DESCRIPTORS, NO_NAMESPACE, NO_ENV],
    };
    match outcome {
        Ok(Verdict::Skip(reason)) if reasons.contains(reason) => {
            not_tested(check, reason);
            true
        }
        _ => false,
    }
}

/// What is wrong with these cases, each of a check; most of them run at the same time.
fn wrong<C: Send>(
    cases: impl Iterator<Item = (&'static str, C)>,
    judge: impl Fn(&str, C) -> Option<String> + Sync,
) -> Vec<String> {
    let (alone, mut together): (Vec<_>, Vec<_>) = cases.partition(|(check, _)| runs_alone(check));
    together.sort_by_key(|(check, _)| !fails_late(check));
    let judge = |(check, case)| judge(check, case);
    let mut wrong: Vec<String> = alone.into_iter().filter_map(judge).collect();
    let queue = Mutex::new(together.into_iter());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || iter::from_fn(next).filter_map(judge).collect::<Vec<_>>();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        wrong.extend(workers.into_iter().flat_map(|worker| worker.join().unwrap()));
    });
    wrong
}

/// Whether the check waits for a minute before it fails.
fn fails_late(check: &str) -> bool {
    check == "unread-crowd"
}

#[test]
fn every_defect_fails_its_check() {
    let _turn = take_turn();
    let binaries = &binaries();
    let cases =
        CASES.iter().flat_map(|(check, cases)| cases.iter().map(move |case| (*check, case)));
    let missed = wrong(cases, |check, case| miss(check, case, binaries));
    assert!(missed.is_empty(), "not found: {missed:#?}");
}

/// What came instead of the failure of that case.
fn miss(check: &str, case: &Case, binaries: &Binaries) -> Option<String> {
    let (defect, concurrency, words) = *case;
    let outcome = run(broken_for(check, defect, concurrency), check, binaries);
    match &outcome {
        Err(failure) if format!("{failure:?}").contains(words) => None,
        outcome if is_impossible(check, outcome) => None,
        _ => Some(format!("{defect} by {check}: {outcome:?}")),
    }
}

#[test]
fn every_check_has_a_defect() {
    let has_none = |name: &&str| !CASES.iter().any(|(check, _)| check == name);
    let without: Vec<_> = CHECKS.iter().map(|check| check.name).filter(has_none).collect();
    assert!(without.is_empty(), "no defect for {without:?}");
}

#[test]
fn a_server_without_a_defect_passes() {
    let _turn = take_turn();
    let binaries = binaries();
    let names = CHECKS.iter().map(|check| check.name).filter(|name| can_pass(name));
    let cases = names.map(|name| {
        let server = if OF_POOLS.contains(&name) {
            broken("pool", Pool(4))
        } else if OF_PROCESSES.contains(&name) {
            broken("processes", Processes)
        } else {
            broken("healthy", Threads)
        };
        (name, server)
    });
    let failed = wrong(cases, |check, server| fail(check, server, &binaries));
    assert!(failed.is_empty(), "failed: {failed:#?}");
    let one = broken("one-at-a-time", One);
    assert_eq!(run(one, "second-client", &binaries), Ok(Verdict::Waits));
    let exhausted = run(one, "descriptors-exhausted", &binaries);
    assert_eq!(exhausted, Ok(Verdict::Pass));
    for (check, defect) in [("operator", "operator"), ("idle-line", "idles")] {
        let outcome = run(broken_for(check, defect, Many), check, &binaries);
        assert_eq!(outcome, Ok(Verdict::Pass), "{check}");
    }
}

#[test]
fn a_server_of_processes_passes() {
    let _turn = take_turn();
    let binaries = binaries();
    let apply = |name| can_pass(name) && !OF_POOLS.contains(&name) && !OF_THREADS.contains(&name);
    let names = CHECKS.iter().map(|check| check.name).filter(|name| apply(name));
    let cases = names.map(|name| (name, broken("processes", Processes)));
    let failed = wrong(cases, |check, server| fail(check, server, &binaries));
    assert!(failed.is_empty(), "failed: {failed:#?}");
}

/// What came instead of a pass, which a server without a defect deserves.
fn fail(check: &str, server: &'static Server, binaries: &Binaries) -> Option<String> {
    let outcome = run(server, check, binaries);
    let passes = outcome == Ok(Verdict::Pass) || is_impossible(check, &outcome);
    (!passes).then(|| format!("{check}: {outcome:?}"))
}

#[test]
fn what_needs_more_than_the_system_has_is_skipped() {
    let server: &Server =
        Box::leak(Box::new(Server { requires: || Some("no io_uring"), ..*broken("silent", Many) }));
    let outcome = run(server, "conversation", &Binaries::default());
    assert_eq!(outcome, Ok(Verdict::Skip("no io_uring")));
}

#[test]
fn what_preloads_a_library_is_skipped_where_cargo_makes_none() {
    let _turn = take_turn();
    let broken_server = ["--package", "xtask", "--example", "broken-server"];
    let binaries = build::build(&broken_server, false).unwrap();
    let checks =
        ["short-writes", "refused-writes", "refused-registration", "completions", "refused-start"];
    for check in checks {
        let outcome = run(broken_for(check, "healthy", Threads), check, &binaries);
        assert_eq!(outcome, Ok(Verdict::Skip(STATIC)), "{check}");
    }
    let owed = run(broken("healthy", Many), "owed-and-gone", &binaries);
    assert!(matches!(owed, Ok(Verdict::Skip(_))), "{owed:?}");
    let at_start = run(broken("pool", Pool(4)), "refused-start", &binaries);
    assert_eq!(at_start, Ok(Verdict::Skip(STATIC)));
}

#[test]
fn a_mechanism_with_a_defect_fails_and_is_named() {
    let _turn = take_turn();
    let binaries = binaries();
    let server: &Server = Box::leak(Box::new(Server {
        selectors: &["healthy", "silent"],
        ..*broken("healthy", Many)
    }));
    let failure = run(server, "conversation", &binaries).unwrap_err();
    assert_eq!(failure.actual, "with --selector silent: silence for 10 s");
    assert_eq!(run(server, "restart", &binaries), Ok(Verdict::Pass));
}

#[test]
fn a_failure_says_what_was_expected_and_what_came() {
    let _turn = take_turn();
    let server = broken("answers-twice", Many);
    let failure = run(server, "one-byte-at-a-time", &binaries()).unwrap_err();
    assert_eq!(failure.expected, "\"e\" (1 byte)");
    assert_eq!(failure.actual, "\"M\" (1 byte); before that 1 of 18 bytes answered");
}
