//! A thread that the system refuses when a program begins: one line names it, and there is no other.

use std::path::Path;
use std::process::Command;

use rustix::process::geteuid;
use xtask::harness::build::{self, Binaries};
use xtask::harness::command_line::CommandLine;
use xtask::harness::outcome::not_tested;
use xtask::harness::preload::{Preload, REFUSE_STARTS};
use xtask::harness::trial::STATIC;

/// The programs with threads of their own from the beginning, how each is started, and what the
/// system refuses to it first.
const PROGRAMS: [(&str, &str, &[&str], &str); 5] = [
    ("threadpool-server", "threadpool-server", &["127.0.0.1:0"], "worker 1 of 8"),
    (
        "epoll-server",
        "epoll-per-core",
        &["127.0.0.1:0", "--threads", "10"],
        "the thread that waits for signals",
    ),
    // Nobody is asked, so it does not matter who listens there.
    (
        "threadpool-server",
        "connection-pool",
        &["127.0.0.1:1"],
        "the thread that closes idle connections",
    ),
    ("threadpool-server", "local", &["--pause", "0"], "thread 1"),
    ("selectors-server", "event-loop", &[], "a thread that answers"),
];

/// A user who has no process.
const NOBODY_ELSE: &str = "61234";

fn binaries() -> Binaries {
    let mut binaries = build::build(build::SERVERS, false).unwrap();
    binaries.extend(build::build(build::PRELOAD, false).unwrap());
    binaries
}

/// What a program writes that must not begin: its one line, after `Error: start `.
fn refused(line: &CommandLine) -> String {
    let output = line.command().output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{line}: {errors}");
    assert!(output.stdout.is_empty(), "{line}: {:?}", String::from_utf8(output.stdout));
    let what = errors.strip_prefix("Error: start ");
    let what = what
        .and_then(|rest| rest.strip_suffix(": Resource temporarily unavailable (os error 11)\n"));
    what.unwrap_or_else(|| panic!("{line}: {errors}")).to_owned()
}

#[test]
fn a_program_whose_first_thread_is_refused_says_so_and_ends() {
    let binaries = binaries();
    let Some(library) = binaries.get("xtask", "preload") else {
        return not_tested("refused threads", STATIC);
    };
    for (package, name, args, what) in PROGRAMS {
        let preload = Preload::new(library, 1, &[REFUSE_STARTS]).unwrap();
        let line = CommandLine::new(binaries.get(package, name).unwrap()).with(args);
        assert_eq!(refused(&line.under(preload.environment())), what);
    }
}

#[test]
fn a_program_that_may_have_two_threads_names_the_next() {
    let binaries = binaries();
    for (package, name, args, what) in [
        ("threadpool-server", "threadpool-server", &["127.0.0.1:0"][..], "worker 2 of 8"),
        ("epoll-server", "epoll-per-core", &["127.0.0.1:0", "--threads", "10"], "loop 1 of 10"),
        ("threadpool-server", "connection-pool", &["127.0.0.1:1"], "thread 1 of 16"),
    ] {
        let program = binaries.get(package, name).unwrap();
        // A limit on processes binds no user who may do everything.
        let limited = [
            "prlimit",
            "--nproc=2",
            "setpriv",
            "--reuid",
            NOBODY_ELSE,
            "--clear-groups",
            "--inh-caps=-all",
        ];
        if let Some(reason) = cannot_run(&limited, program) {
            return not_tested("refused threads", reason);
        }
        let line = CommandLine::new(program).with(args).behind(&limited);
        assert_eq!(refused(&line), what);
    }
}

/// Why another user cannot run the program behind these words.
fn cannot_run(words: &[&str], program: &Path) -> Option<&'static str> {
    if !geteuid().is_root() {
        return Some("only root may become a user who has no process");
    }
    let mut command = Command::new(words[0]);
    let output = command.args(&words[1..]).arg(program).arg("--version").output();
    let runs = output.is_ok_and(|output| output.status.success());
    (!runs).then_some("prlimit(1) and setpriv(1) do not start the program as another user")
}
