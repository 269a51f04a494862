//! What the system or a parent takes from a program: threads, memory to lock, descriptors, signals.
//! One line names it, and of a server it is no verdict.

use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::geteuid;
use xtask::checkout;
use xtask::harness::command_line::CommandLine;
use xtask::harness::outcome::{FEW_DESCRIPTORS, not_tested};
use xtask::harness::preload::{Preload, REFUSE_STARTS};
use xtask::harness::trial::STATIC;

use crate::run::{binaries, program, run, side_by_side, xtask};

/// What a program writes that must not begin: its one line, after `Error: start `.
fn refused(line: &CommandLine) -> String {
    let ran = run(&mut line.command());
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{line}: {ran:?}");
    let what = ran
        .stderr
        .strip_prefix("Error: start ")
        .and_then(|rest| rest.strip_suffix(": Resource temporarily unavailable (os error 11)\n"));
    what.unwrap_or_else(|| panic!("{line}: {ran:?}")).to_owned()
}

/// Nobody is asked at the address of `connection-pool`, so it does not matter who listens there.
#[test]
fn a_program_whose_first_thread_is_refused_says_so_and_ends() {
    let Some(library) = binaries().get("xtask", "preload") else {
        return not_tested("refused threads", STATIC);
    };
    for (package, name, args, what) in [
        ("threadpool-server", "threadpool-server", "127.0.0.1:0", "worker 1 of 8"),
        (
            "epoll-server",
            "epoll-per-core",
            "127.0.0.1:0 --threads 10",
            "the thread that waits for signals",
        ),
        (
            "threadpool-server",
            "connection-pool",
            "127.0.0.1:1",
            "the thread that closes idle connections",
        ),
        ("threadpool-server", "local", "--pause 0", "thread 1"),
        ("selectors-server", "event-loop", "", "a thread that answers"),
    ] {
        let preload = Preload::new(library, 1, &[REFUSE_STARTS]).unwrap();
        let line = CommandLine::new(program(package, name)).with(args.split_whitespace());
        assert_eq!(refused(&line.under(preload.environment())), what);
    }
}

#[test]
fn a_program_that_may_have_two_threads_names_the_next() {
    // A limit on processes binds no user who may do everything; the user with this number has none.
    const LIMITED: &str = "prlimit --nproc=2 setpriv --reuid 61234 --clear-groups --inh-caps=-all";
    let limited: Vec<&str> = LIMITED.split(' ').collect();
    for (package, name, args, what) in [
        ("threadpool-server", "threadpool-server", "127.0.0.1:0", "worker 2 of 8"),
        ("epoll-server", "epoll-per-core", "127.0.0.1:0 --threads 10", "loop 1 of 10"),
        ("threadpool-server", "connection-pool", "127.0.0.1:1", "thread 1 of 16"),
    ] {
        let line = CommandLine::new(program(package, name)).behind(&limited);
        if !geteuid().is_root() {
            return not_tested("refused threads", "only root may become a user without a process");
        }
        let version = line.clone().with(["--version"]).command().output();
        if !version.is_ok_and(|output| output.status.success()) {
            return not_tested("refused threads", format!("`{LIMITED}` starts no program"));
        }
        assert_eq!(refused(&line.with(args.split(' '))), what);
    }
}

/// A command of a user who may lock 64 KiB, as many systems allow. The superuser may lock all, so
/// that right is taken away.
fn with_little_locked_memory(program: &Path) -> Command {
    let limited = ["sh", "-c", "ulimit -l 64; exec \"$0\" \"$@\""];
    let as_user = ["setpriv", "--inh-caps=-ipc_lock", "--bounding-set=-ipc_lock"];
    let as_user: &[&str] = if geteuid().is_root() { &as_user } else { &[] };
    let mut command = CommandLine::new(program).behind(&limited).behind(as_user).command();
    command.stdin(Stdio::null());
    command
}

#[test]
fn too_little_locked_memory_is_named() {
    const ADVICE: &str = "`ulimit -l`";
    let server = program("epoll-server", "io-uring");
    if with_little_locked_memory(server).arg("--version").output().is_err() {
        return not_tested("locked memory", "there is no setpriv(1)");
    }
    // It cannot bind that address: where it has its ring, it ends as well.
    let ran = run(with_little_locked_memory(server).arg("192.0.2.1:1"));
    if ran.stderr.contains("bind ") {
        return not_tested("locked memory", "this kernel does not count a ring as such");
    }
    assert_eq!((ran.code, ran.stderr.lines().count()), (Some(1), 1), "{ran:?}");
    assert!(ran.stderr.starts_with("Error: io_uring_setup: Cannot allocate memory"), "{ran:?}");
    assert!(ran.stderr.contains(ADVICE), "{ran:?}");

    let mut tester = with_little_locked_memory(&checkout::built("xtask"));
    let ran = run(tester.args(["test-all", "io-uring", "--check", "conversation"]));
    assert!(ran.stdout.contains("io_uring_setup: Cannot allocate memory"), "{ran:?}");
    assert!(ran.stdout.contains(ADVICE), "{ran:?}");
}

/// Both limits, so that none is left to raise.
#[test]
fn without_descriptors_for_its_clients_a_check_is_skipped() {
    for (limit, words, says) in [
        (256, "selectors-server --check backlog", "skip backlog: FEW"),
        (
            64,
            "pre-forked epoll-server --check idle-cpu",
            "skip idle-cpu: FEW (epoll-server, pre-forked)",
        ),
        (48, "process-per-connection --check unread-crowd", "skip unread-crowd: FEW"),
        // With descriptors it is run.
        (1100, "selectors-server --check backlog", "backlog pass"),
        (256, "select-server pre-forked --check many-clients", "many-clients pass"),
    ] {
        let script = format!("ulimit -n {limit} && exec \"$0\" test-all --explain {words}");
        let ran = run(Command::new("sh").args(["-c", &script]).arg(checkout::built("xtask")));
        assert!(ran.stdout.contains(" 0 failed in "), "{limit}: {words}: {ran:?}");
        assert!(!ran.stderr.contains("warning"), "{limit}: {words}: {ran:?}");
        let says = says.replace("FEW", FEW_DESCRIPTORS);
        assert!(ran.words().contains(&says), "{limit}: {words}: {ran:?}");
    }
}

/// Signals that the parent of `cargo xtask` ignored or blocked are nothing to what it starts.
#[test]
fn servers_are_built_launched_and_ended_whatever_a_parent_ignored_or_blocked() {
    let xtask =
        xtask(["test-all", "pre-forked", "--check", "killed-child", "--check", "termination"]);
    let options =
        ["--ignore-signal=CHLD", "--ignore-signal=INT,TERM,HUP", "--block-signal=CHLD,INT,TERM,IO"];
    side_by_side(options, |option| {
        if Command::new("env").args([option, "true"]).output().unwrap().status.success() {
            let mut env = Command::new("env");
            let ran = run(env.arg(option).arg(xtask.get_program()).args(xtask.get_args()));
            assert_eq!(ran.code, Some(0), "{option}: {ran:?}");
        } else {
            not_tested(option, "env(1) does not know it");
        }
    });
}
