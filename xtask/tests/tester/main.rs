//! The tests of the tester: a server with a defect must fail the check that is there to find it, and the same
//! server without a defect must pass.
#![forbid(unsafe_code)]

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use xtask::catalog::Talk;
use xtask::catalog::{
    Concurrency::{self, FdSet, Many, One, Pool},
    NoteClient, Server, Target,
};
use xtask::harness::build::{self, Binaries};
use xtask::harness::outcome::{Outcome, Verdict};
use xtask::test_all::checks::{CHECKS, SYSTEM_LIMIT};
use xtask::test_all::matrix;

const ECHO: Talk = Talk::Stream(<[u8]>::to_vec);

/// A defect, how many clients the server claims to serve, and words of the failure: the defect must fail the
/// check, and nothing else. There are no words where it is a matter of time how the end of a server shows.
type Case = (&'static str, Concurrency, &'static str);

/// What each check must find.
const CASES: &[(&str, &[Case])] = &[
    (
        "conversation",
        &[
            ("silent", Many, "silence for 10 s"),
            ("answers-twice", Many, "This is the mes"),
            ("never-closes", Many, "the end of the stream"),
            ("never-listens", Many, "listening on"),
        ],
    ),
    ("note-client", &[("silent", Many, "b'world'"), ("answers-twice", Many, "b'worldworld'")]),
    (
        "sizes",
        &[("drops-bytes", Many, "bytes as expected"), ("stops-early", Many, "after 1024 bytes")],
    ),
    ("one-byte-at-a-time", &[("silent", Many, "silence for 10 s")]),
    ("pipelined", &[("stops-early", Many, "bytes as expected: silence for 10 s")]),
    (
        "half-close",
        &[
            ("forgets-at-the-end", Many, "expected: the end of the stream"),
            ("closes-too-soon", Many, "bytes as expected: the end of the stream"),
            ("never-closes", Many, "the end of the stream"),
        ],
    ),
    (
        "short-writes",
        &[
            ("ignores-short-sends", Many, "bytes as expected"),
            ("ends-when-interrupted", Many, ""),
            ("silent", Many, "the end of the stream"),
        ],
    ),
    (
        "refused-writes",
        &[
            ("forgets-refused-sends", Many, "bytes as expected"),
            ("silent", Many, "a send that the kernel refuses"),
            ("one-at-a-time", Many, "silence for 10 s"),
        ],
    ),
    ("many-clients", &[("mixes-clients", Many, "#")]),
    (
        "second-client",
        &[
            ("one-at-a-time", Many, "silence for 10 s"),
            ("healthy", One, "nothing for 300 ms"),
            ("healthy", Pool(2), "nothing for 300 ms"),
            ("silent", One, "silence for 10 s"),
        ],
    ),
    ("reset", &[("dies-on-reset", Many, ""), ("leaks-lost-clients", Many, "descriptors open")]),
    (
        "reset-in-backlog",
        &[
            ("dies-on-reset", Many, ""),
            ("leaks-lost-clients", Many, "descriptors open"),
            ("spins", Many, PROCESSOR),
        ],
    ),
    (
        "send-and-close",
        &[("leaks-descriptors", Many, "descriptors open"), ("spins", Many, PROCESSOR)],
    ),
    (
        "unread-replies",
        &[
            ("hoards", Many, "KiB more memory"),
            ("drops-bytes", Many, "bytes as expected"),
            ("sends-in-turn", Many, "silence for 10 s"),
        ],
    ),
    (
        "unread-crowd",
        &[
            ("hoards", Many, "KiB more memory"),
            ("hoards", One, "KiB more memory"),
            ("hoards", Pool(2), "KiB more memory"),
            ("drops-bytes", Many, "bytes as expected"),
            ("sends-in-turn", Many, "silence for 10 s"),
            ("busy", Many, PROCESSOR),
        ],
    ),
    (
        "owed-and-gone",
        &[
            ("leaks-lost-clients", Many, "when a client resets"),
            ("dies-on-reset", Many, ""),
            ("spins", Many, PROCESSOR),
        ],
    ),
    ("urgent-data", &[("reads-urgent-data-inline", Many, "!")]),
    ("slow-loris", &[("one-at-a-time", Many, "silence for 2 s")]),
    (
        "fairness",
        &[
            ("serves-the-loudest", Many, "95 % of the answers to the others"),
            ("drops-bytes", Many, "bytes of the message"),
        ],
    ),
    (
        "long-lines",
        &[
            ("pool-keeps-lines", Pool(4), "KiB more memory"),
            ("pool-cuts-lines", Pool(4), "(1024 bytes)"),
        ],
    ),
    (
        "waiting-room",
        &[
            ("pool-turns-away", Pool(4), "until one of 4 workers is free"),
            ("pool-serves-last-first", Pool(4), "silence for 10 s"),
            ("pool-outlives-sigterm", Pool(4), "it runs on after 10 s"),
        ],
    ),
    (
        "churn",
        &[
            ("leaks-descriptors", Many, "descriptors open"),
            ("leaks-lost-clients", Many, "descriptors open"),
            ("leaks-memory", Many, "KiB more memory"),
        ],
    ),
    (
        "descriptors-exhausted",
        &[
            ("dies-without-descriptors", Many, ""),
            ("silent-without-descriptors", Many, "Too many open files"),
            ("spins-without-descriptors", Many, PROCESSOR),
            ("dies-without-descriptors", One, ""),
            ("silent-without-descriptors", One, "Too many open files"),
            ("spins-without-descriptors", One, PROCESSOR),
            ("repeats-without-descriptors", One, "once"),
            ("gives-up-without-descriptors", One, "silence for 10 s"),
            ("dies-without-descriptors", Pool(2), ""),
            ("spins-without-descriptors", Pool(2), PROCESSOR),
        ],
    ),
    (
        "beyond-1024",
        &[
            ("refuses-crowds", Many, "Message 1000 of many."),
            ("refuses-crowds", FdSet, "a line with `1024`"),
            ("healthy", FdSet, "1000..1024 of 2000 clients"),
        ],
    ),
    ("connect-storm", &[("tires", Many, "")]),
    ("idle-cpu", &[("busy", Many, PROCESSOR)]),
    ("interrupted", &[("forgets-when-continued", Many, "silence for 10 s")]),
    ("closed-output", &[("prints-with-println", Many, "the end of the stream")]),
    (
        "stuck-output",
        &[
            ("never-quiet", Many, "silence for 10 s"),
            ("always-quiet", Many, "it serves 2000 clients"),
        ],
    ),
    (
        "termination",
        &[
            ("outlives-sigterm", Many, "it runs on after 10 s"),
            ("ends-cleanly", Many, "the end by signal 15"),
            ("binds-once", Many, "listening on"),
        ],
    ),
    ("garbage", &[("mangles-garbage", Many, "(seed 1)")]),
    ("restart", &[("binds-once", Many, "listening on"), ("never-listens", Many, "listening on")]),
    ("address-in-use", &[("two-lines", Many, "giving up")]),
    (
        "broken-listener",
        &[
            ("outlives-its-listener", Many, "it runs on after 10 s"),
            ("silent-without-listener", Many, "one line `Error: accept: …`"),
        ],
    ),
    ("bad-address", &[("healthy", Many, "HOST:PORT")]),
    ("unknown-option", &[("healthy", Many, "--no-such-option")]),
];

/// In the words of a check that measures the processor's time.
const PROCESSOR: &str = "% of a core";

/// Checks that no server with two arguments can meet: the broken server does not read a command line as the
/// servers do.
const COMMAND_LINE: [&str; 2] = ["bad-address", "unknown-option"];

/// Checks that only a pool passes; every other server skips them.
const OF_POOLS: [&str; 2] = ["long-lines", "waiting-room"];

/// The tests that run servers take turns: what is in time on a free processor may be late on a full one.
static TURN: Mutex<()> = Mutex::new(());

fn take_turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The broken server with the defect of that name.
fn broken(defect: &'static str, concurrency: Concurrency) -> &'static Server {
    Box::leak(Box::new(Server {
        name: "broken-server",
        package: "xtask",
        target: Target::Example,
        model: "thread per client",
        listing: "none",
        addr: "127.0.0.1:0",
        args: Box::leak(Box::new([defect])),
        load_args: Box::leak(Box::new([defect])),
        operator: None,
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
        concurrency,
    }))
}

fn binaries() -> Binaries {
    let server = ["--package", "xtask", "--example", "broken-server"];
    let client = ["--package", "select-server", "--example", "hello-client"];
    build::build(&[&server, &client, build::PRELOAD].concat(), false).unwrap()
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

/// Whether the system allows this user too few descriptors for the check; says so.
fn is_beyond_limit(check: &str, outcome: &Outcome) -> bool {
    let beyond = *outcome == Ok(Verdict::Skip(SYSTEM_LIMIT));
    if beyond {
        eprintln!("{check} is not tested: {SYSTEM_LIMIT}");
    }
    beyond
}

#[test]
fn every_defect_fails_its_check() {
    let _turn = take_turn();
    let binaries = &binaries();
    let cases =
        CASES.iter().flat_map(|(check, cases)| cases.iter().map(move |case| (*check, case)));
    let (alone, together): (Vec<_>, Vec<_>) = cases.partition(|(check, _)| runs_alone(check));
    let mut missed: Vec<String> =
        alone.into_iter().filter_map(|(check, case)| miss(check, case, binaries)).collect();
    thread::scope(|scope| {
        let runs: Vec<_> = together
            .into_iter()
            .map(|(check, case)| scope.spawn(move || miss(check, case, binaries)))
            .collect();
        missed.extend(runs.into_iter().filter_map(|run| run.join().unwrap()));
    });
    assert!(missed.is_empty(), "not found: {missed:#?}");
}

/// What came instead of the failure of that case.
fn miss(check: &str, case: &Case, binaries: &Binaries) -> Option<String> {
    let (defect, concurrency, words) = *case;
    let outcome = run(broken(defect, concurrency), check, binaries);
    match &outcome {
        Err(failure) if format!("{failure:?}").contains(words) => None,
        outcome if is_beyond_limit(check, outcome) => None,
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
    let checks = CHECKS.iter().filter(|check| !COMMAND_LINE.contains(&check.name));
    for check in checks {
        let server = if OF_POOLS.contains(&check.name) {
            broken("pool", Pool(4))
        } else {
            broken("healthy", Many)
        };
        let outcome = matrix::run(server, check, &binaries, 1).outcome;
        if !is_beyond_limit(check.name, &outcome) {
            assert_eq!(outcome, Ok(Verdict::Pass), "{}", check.name);
        }
    }
    let one = broken("one-at-a-time", One);
    assert_eq!(run(one, "second-client", &binaries), Ok(Verdict::Waits));
    let exhausted = run(one, "descriptors-exhausted", &binaries);
    assert_eq!(exhausted, Ok(Verdict::Pass));
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
    assert_eq!(failure.actual, "\"M\" (1 byte)");
}
