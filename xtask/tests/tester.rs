//! The tests of the tester: a server with a defect must fail the check that is there to find it, and the same
//! server without a defect must pass.
#![forbid(unsafe_code)]

use std::thread;

use xtask::checks::CHECKS;
use xtask::compile::{self, Binaries};
use xtask::matrix;
use xtask::servers::{Concurrency, Server, Target};
use xtask::talk::Talk;
use xtask::verdict::{Outcome, Verdict};

const ECHO: Talk = Talk::Stream(<[u8]>::to_vec);

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
        talk: ECHO,
        concurrency,
    }))
}

fn binaries() -> Binaries {
    compile::build(&["--package", "xtask", "--example", "broken-server"], false).unwrap()
}

fn run(server: &'static Server, check: &str, binaries: &Binaries) -> Outcome {
    let check = CHECKS.iter().find(|known| known.name == check).unwrap();
    matrix::run(server, check, binaries, 1).outcome
}

#[test]
fn every_defect_fails_its_check() {
    let many = Concurrency::Many;
    let cases: &[(&'static str, Concurrency, &str)] = &[
        ("silent", many, "conversation"),
        ("answers-twice", many, "conversation"),
        ("never-closes", many, "conversation"),
        ("silent", many, "one-byte-at-a-time"),
        ("drops-bytes", many, "sizes"),
        ("stops-at-1024", many, "sizes"),
        ("stops-at-1024", many, "pipelined"),
        ("forgets-at-the-end", many, "half-close"),
        ("never-closes", many, "half-close"),
        ("mixes-clients", many, "many-clients"),
        ("one-at-a-time", many, "second-client"),
        ("healthy", Concurrency::One, "second-client"),
        ("healthy", Concurrency::Pool(2), "second-client"),
        ("silent", Concurrency::One, "second-client"),
        ("binds-once", many, "restart"),
        ("never-listens", many, "restart"),
        ("never-listens", many, "conversation"),
        ("two-lines", many, "address-in-use"),
        ("healthy", many, "bad-address"),
        ("healthy", many, "unknown-option"),
    ];
    let binaries = binaries();
    let found = thread::scope(|scope| {
        let runs: Vec<_> = cases
            .iter()
            .map(|case| scope.spawn(|| run(broken(case.0, case.1), case.2, &binaries)))
            .collect();
        runs.into_iter()
            .map(|run| run.join().unwrap())
            .collect::<Vec<_>>()
    });
    let missed: Vec<_> = cases
        .iter()
        .zip(&found)
        .filter(|(_, outcome)| outcome.is_ok())
        .collect();
    assert!(
        missed.is_empty(),
        "not found: {missed:#?}",
        missed = missed
            .iter()
            .map(|(case, _)| (case.0, case.2))
            .collect::<Vec<_>>()
    );
}

#[test]
fn a_server_without_a_defect_passes() {
    let binaries = binaries();
    let server = broken("healthy", Concurrency::Many);
    let checks = CHECKS
        .iter()
        .filter(|check| !["bad-address", "unknown-option"].contains(&check.name));
    for check in checks {
        let outcome = matrix::run(server, check, &binaries, 1).outcome;
        assert_eq!(outcome, Ok(Verdict::Pass), "{}", check.name);
    }
    let one = broken("one-at-a-time", Concurrency::One);
    assert_eq!(run(one, "second-client", &binaries), Ok(Verdict::Waits));
}

#[test]
fn a_failure_says_what_was_expected_and_what_came() {
    let server = broken("answers-twice", Concurrency::Many);
    let failure = run(server, "one-byte-at-a-time", &binaries()).unwrap_err();
    assert_eq!(failure.expected, "\"e\" (1 byte)");
    assert_eq!(failure.actual, "\"M\" (1 byte)");
}
