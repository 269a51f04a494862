//! The tests of the tester: a server with a defect must fail the check that is there to find it,
//! and the same server without a defect must pass.

use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;
use std::{fs, iter, thread};

use xtask::catalog::Concurrency::{self, FdSet, Many, One, Pool, Processes, Threads};
use xtask::catalog::servers::USUAL;
use xtask::catalog::{NoteClient, Readiness, Server, Talk, Target};
use xtask::harness::build::Binaries;
use xtask::harness::outcome::{FEW_DESCRIPTORS, Outcome, Verdict, not_tested};
use xtask::harness::trial::STATIC;
use xtask::test_all::checks::{CHECKS, NO_ENV, NO_NAMESPACE};
use xtask::test_all::matrix;

use crate::{BINARIES, take_turn};

/// What a row of the table may require instead of a failure.
const VERDICTS: [&str; 2] = ["pass", "waits"];

/// A row of the table of defects.
struct Case {
    check: &'static str,
    defect: &'static str,
    concurrency: Concurrency,
    words: &'static str,
}

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let text = fs::read_to_string(xtask::root().join("xtask/data/broken.tsv")).unwrap().leak();
    // The first row has the names of the columns.
    text.lines().filter(|row| !row.starts_with('#')).skip(1).map(parse).collect()
});

fn parse(row: &'static str) -> Case {
    let columns: Vec<&str> = row.split('\t').collect();
    let [check, defect, clients, ref words @ ..] = columns[..] else { panic!("{row}") };
    let concurrency = match clients {
        "many" => Many,
        "one" => One,
        "fd-set" => FdSet,
        "threads" => Threads,
        "processes" => Processes,
        pool => Pool(pool.strip_prefix("pool ").unwrap().parse().unwrap()),
    };
    Case { check, defect, concurrency, words: words.first().copied().unwrap_or_default() }
}

/// The rows of a check.
fn cases_of(check: &str) -> impl Iterator<Item = &'static Case> {
    CASES.iter().filter(move |case| case.check == check)
}

/// Whether the broken server passes a check without a defect when it is of this kind. Some checks are
/// of one kind alone, and some it fails as it is.
fn passes(check: &str, kind: Concurrency) -> bool {
    let is_of = |kind| cases_of(check).all(|case| case.concurrency == kind);
    let fails = |name, kinds: &[Concurrency]| {
        cases_of(check).any(|case| case.defect == name && kinds.contains(&case.concurrency))
    };
    let as_it_is = !is_of(Pool(4)) && !fails("healthy", &[Many, Threads]);
    match kind {
        Pool(_) => is_of(kind),
        Processes => as_it_is && !fails("processes", &[Processes]),
        _ => as_it_is && !is_of(Processes),
    }
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
        model: "thread per client",
        listing: "none",
        in_words: true,
        addr: "127.0.0.1:0",
        args: Box::leak(Box::new([defect])),
        load_args: Box::leak(Box::new([defect])),
        shows: &["{bytes}"],
        shows_reset: Some("{client}: Connection reset by peer"),
        // Echoed, a line is its own answer.
        talk: match concurrency {
            Pool(_) => Talk::Lines,
            _ => Talk::Stream(<[u8]>::to_vec),
        },
        note_client: Some(NoteClient {
            name: "hello-client",
            prints: "b'world'",
            says: "b'world'",
        }),
        can_panic: true,
        concurrency,
        ..USUAL
    }))
}

fn run(server: &'static Server, check: &str) -> Outcome {
    run_with(server, check, &BINARIES)
}

fn run_with(server: &'static Server, check: &str, binaries: &Binaries) -> Outcome {
    let check = CHECKS.iter().find(|known| known.name == check).unwrap();
    matrix::run(server, check, binaries, 1).outcome
}

/// Checks that run alone: they connect so many clients that others may run out of descriptors, or
/// take out of their times what others do to the processors.
const ALONE: [&str; 3] = ["beyond-1024", "connect-storm", "fairness"];

/// A check that waits for a minute before it fails.
const FAILS_LATE: &str = "unread-crowd";

/// A check of a server, and what must come of it: a verdict, or words of the failure.
type Job = (&'static str, &'static Server, &'static str);

/// What comes of these jobs and must not; most of them run at the same time.
fn wrong(jobs: impl Iterator<Item = Job>) -> Vec<String> {
    let (alone, mut together): (Vec<Job>, Vec<Job>) =
        jobs.partition(|(check, ..)| ALONE.contains(check));
    together.sort_by_key(|(check, ..)| *check != FAILS_LATE);
    let judge = |(check, server, expected): Job| {
        let outcome = run(server, check);
        let is_right = match &outcome {
            Err(failure) => {
                !VERDICTS.contains(&expected) && format!("{failure:?}").contains(expected)
            }
            verdict => matrix::word(verdict) == expected || is_impossible(check, verdict),
        };
        (!is_right).then(|| format!("{:?} by {check}: {outcome:?}", server.args))
    };
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

/// Whether the check cannot run on this system, for example because it allows this user too few
/// descriptors; says so.
fn is_impossible(check: &str, outcome: &Outcome) -> bool {
    let reasons = [FEW_DESCRIPTORS, NO_NAMESPACE, NO_ENV, STATIC];
    let known = if cfg!(target_feature = "crt-static") { &reasons } else { &reasons[..3] };
    match outcome {
        Ok(Verdict::Skip(reason)) if known.contains(reason) => {
            not_tested(check, reason);
            true
        }
        _ => false,
    }
}

#[test]
fn every_defect_fails_its_check() {
    let _turn = take_turn();
    let server = |case: &Case| broken_for(case.check, case.defect, case.concurrency);
    let missed = wrong(CASES.iter().map(|case| (case.check, server(case), case.words)));
    assert!(missed.is_empty(), "not found: {missed:#?}");
}

#[test]
fn every_check_has_a_defect() {
    let has_none = |check: &&str| cases_of(check).next().is_none();
    let without: Vec<&str> = CHECKS.iter().map(|check| check.name).filter(has_none).collect();
    assert!(without.is_empty(), "no defect for {without:?}");
}

#[test]
fn a_server_without_a_defect_passes() {
    let _turn = take_turn();
    let kinds = [("healthy", Threads), ("processes", Processes), ("pool", Pool(4))];
    let jobs = kinds.into_iter().flat_map(|(name, kind)| {
        let checks = CHECKS.iter().map(|check| check.name).filter(move |check| passes(check, kind));
        checks.map(move |check| (check, broken(name, kind), "pass"))
    });
    let failed = wrong(jobs);
    assert!(failed.is_empty(), "failed: {failed:#?}");
}

#[test]
fn what_needs_more_than_the_system_has_is_skipped() {
    let server: &Server =
        Box::leak(Box::new(Server { requires: || Some("no io_uring"), ..*broken("silent", Many) }));
    let outcome = run_with(server, "conversation", &Binaries::default());
    assert_eq!(outcome, Ok(Verdict::Skip("no io_uring")));
}

#[test]
fn what_preloads_a_library_is_skipped_where_cargo_makes_none() {
    let _turn = take_turn();
    let server = BINARIES.get("xtask", "broken-server").unwrap().to_owned();
    let mut binaries = Binaries::default();
    binaries.insert("xtask", "broken-server", server);
    let checks =
        ["short-writes", "refused-writes", "refused-registration", "completions", "refused-start"];
    for check in checks {
        let outcome = run_with(broken_for(check, "healthy", Threads), check, &binaries);
        assert_eq!(outcome, Ok(Verdict::Skip(STATIC)), "{check}");
    }
    let owed = run_with(broken("healthy", Many), "owed-and-gone", &binaries);
    assert!(matches!(owed, Ok(Verdict::Skip(_))), "{owed:?}");
    let at_start = run_with(broken("pool", Pool(4)), "refused-start", &binaries);
    assert_eq!(at_start, Ok(Verdict::Skip(STATIC)));
}

#[test]
fn a_mechanism_with_a_defect_fails_and_is_named() {
    let _turn = take_turn();
    let server: &Server = Box::leak(Box::new(Server {
        selectors: &["healthy", "silent"],
        ..*broken("healthy", Many)
    }));
    let failure = run(server, "conversation").unwrap_err();
    assert_eq!(failure.actual, "with --selector silent: silence for 10 s");
    assert_eq!(run(server, "restart"), Ok(Verdict::Pass));
}

#[test]
fn a_failure_says_what_was_expected_and_what_came() {
    let _turn = take_turn();
    let server = broken("answers-twice", Many);
    let failure = run(server, "one-byte-at-a-time").unwrap_err();
    assert_eq!(failure.expected, "\"e\" (1 byte)");
    assert_eq!(failure.actual, "\"M\" (1 byte); before that 1 of 18 bytes answered");
}
