//! Ctrl-C: what is finished is reported, and no server is left.
#![forbid(unsafe_code)]

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use procfs::process::{Process, all_processes};
use rustix::process::{Pid, Signal, kill_process};
use xtask::harness::client::DEADLINE;
use xtask::harness::interrupt::INTERRUPTED;
use xtask::harness::program::pid_of;

/// The first server that runs as a child of `parent`, stopped: until it is killed, its check goes
/// on.
fn stopped_server(parent: &Child) -> Process {
    let deadline = Instant::now() + 10 * DEADLINE;
    while Instant::now() < deadline {
        let is_server = |process: &Process| {
            let exe = process.exe().unwrap_or_default();
            let stat = process.stat();
            exe.ends_with("threadpool-server")
                && stat.is_ok_and(|stat| stat.ppid as u32 == parent.id())
        };
        let server = all_processes().unwrap().flatten().find(is_server);
        if let Some(server) = server
            && kill_process(pid_of(&server), Signal::STOP).is_ok()
            && server.is_alive()
        {
            return server;
        }
        thread::sleep(Duration::from_millis(1));
    }
    panic!("no server was launched");
}

#[test]
fn after_ctrl_c_the_matrix_shows_what_is_finished_and_no_server_is_left() {
    // With few descriptors one check runs after the other.
    let mut xtask = Command::new("sh")
        .args(["-c", "ulimit -n 3000 && exec \"$@\"", "sh", env!("CARGO_BIN_EXE_xtask")])
        .args(["test-all", "threadpool-server", "--check", "fairness", "--check", "restart"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let server = stopped_server(&xtask);
    kill_process(Pid::from_child(&xtask), Signal::INT).unwrap();
    let status = xtask.wait().unwrap();
    let mut text = String::new();
    xtask.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    let mut errors = String::new();
    xtask.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert_eq!(status.code(), Some(INTERRUPTED.into()), "{text}{errors}");
    // The slow one comes first, and the pool skips it; the other waits for the stopped server.
    let rows: Vec<Vec<&str>> =
        text.lines().take(3).map(|row| row.split_whitespace().collect()).collect();
    assert_eq!(rows, [&["threadpool"][..], &["fairness", "skip"], &["restart"]], "{text}");
    assert!(errors.ends_with("interrupted after 1 of 2 checks\n"), "{errors}");
    let deadline = Instant::now() + DEADLINE;
    while server.is_alive() {
        assert!(Instant::now() < deadline, "{} runs on", server.pid);
        thread::sleep(Duration::from_millis(1));
    }
}

/// How a command ends, as a shell tells it, and what it says, when Ctrl-C comes while cargo builds;
/// cargo ends with `status` afterwards.
fn interrupted_while_it_builds(words: &[&str], status: &str) -> (Option<i32>, String) {
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(words)
        .env("REAL_CARGO", std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .env("CARGO", xtask::root().join("xtask/tests/interrupt/cargo"))
        .env("STATUS", status)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut errors = BufReader::new(xtask.stderr.take().unwrap());
    let mut said = String::new();
    while !said.ends_with("begun\n") {
        assert!(errors.read_line(&mut said).unwrap() > 0, "{words:?} has not built: {said}");
    }
    kill_process(Pid::from_child(&xtask), Signal::INT).unwrap();
    // Cargo reads the same input, whose end comes now.
    let ended = xtask.wait().unwrap();
    errors.read_to_string(&mut said).unwrap();
    (ended.code().or(ended.signal().map(|signal| 128 + signal)), said)
}

#[test]
fn ctrl_c_while_cargo_builds_is_no_failure() {
    for words in [
        &["soak", "epoll-server"][..],
        &["test-all", "epoll-server"],
        &["mutants", "epoll-server"],
        &["bench", "--quick", "models"],
        &["claims", "select-limit-by-ulimit"],
        &["trace", "epoll-server"],
    ] {
        // Ctrl-C ends cargo, too, unless it came too late.
        for status in ["101", "0"] {
            let (code, said) = interrupted_while_it_builds(words, status);
            assert_eq!(code, Some(INTERRUPTED.into()), "{words:?}, cargo {status}: {said}");
            assert!(!said.contains("error:"), "{words:?}, cargo {status}: {said}");
        }
    }
}
