//! Ctrl-C: what is finished is reported, and no server is left. Ctrl-Z: what ran meanwhile is run
//! again.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use xtask::checkout;
use xtask::harness::build;
use xtask::harness::client::DEADLINE;
use xtask::harness::interrupt::INTERRUPTED;
use xtask::harness::outcome::not_tested;
use xtask::harness::proc::{self, Process};
use xtask::harness::wait::{found_if, wait_for};

use crate::run::{binaries, side_by_side, xtask};

/// The first server that runs as a child of `parent`, stopped: until it is killed, its check goes
/// on. It may live for milliseconds only.
fn stopped_server(parent: &Child) -> Process {
    let deadline = Instant::now() + 10 * DEADLINE;
    while Instant::now() < deadline {
        let children = proc::all().unwrap().into_iter();
        let children = children.filter(|stat| stat.ppid.cast_unsigned() == parent.id());
        let is_server =
            |process: &Process| process.exe().is_ok_and(|exe| exe.ends_with("threadpool-server"));
        let mut processes = children.filter_map(|stat| Process::new(stat.pid).ok());
        if let Some(server) = processes.find(is_server)
            && kill_process(server.pid, Signal::STOP).is_ok()
            && server.is_alive()
        {
            return server;
        }
        thread::sleep(Duration::from_millis(1));
    }
    panic!("no server was launched");
}

/// Waits until a server has ended with its tester.
fn wait_for_end(server: &Process) {
    wait_for("no server", || Ok(found_if(!server.is_alive(), server.pid))).unwrap();
}

#[test]
fn after_ctrl_c_the_matrix_shows_what_is_finished_and_no_server_is_left() {
    interrupt(&[]);
}

#[test]
fn ctrl_c_comes_where_a_parent_blocked_it() {
    let env = ["env", "--block-signal=INT"];
    if Command::new("env").args([env[1], "true"]).output().unwrap().status.success() {
        interrupt(&env);
    } else {
        not_tested("Ctrl-C", format!("env(1) has no {}", env[1]));
    }
}

/// Presses Ctrl-C while the matrix runs, which these words start.
fn interrupt(words: &[&str]) {
    // So that what is waited for is a check, and no build.
    binaries();
    let matrix = xtask("test-all threadpool-server --check fairness --check restart".split(' '));
    // With few descriptors one check runs after the other.
    let xtask = Command::new("sh")
        .args(["-c", "ulimit -n 3000 && exec \"$@\"", "sh"])
        .args(words)
        .arg(matrix.get_program())
        .args(matrix.get_args())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let server = stopped_server(&xtask);
    kill_process(Pid::from_child(&xtask), Signal::INT).unwrap();
    let output = xtask.wait_with_output().unwrap();
    let [text, errors] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(output.status.code(), Some(INTERRUPTED.into()), "{text}{errors}");
    // The slow one comes first, and the pool skips it; the other waits for the stopped server.
    let rows: Vec<Vec<&str>> =
        text.lines().take(3).map(|row| row.split_whitespace().collect()).collect();
    assert_eq!(rows, [&["threadpool"][..], &["fairness", "skip"], &["restart"]], "{text}");
    assert!(errors.ends_with("interrupted after 1 of 2 checks\n"), "{errors}");
    wait_for_end(&server);
}

/// The program of a command.
fn program_of(command: &str) -> PathBuf {
    let package = match command.split(' ').next() {
        Some("soak" | "test-all") => return checkout::built("xtask"),
        Some("mutants") => "xtask-mirror",
        _ => "xtask-measure",
    };
    let built = build::build(&["--package", package, "--bin", package], false).unwrap();
    built.get(package, package).unwrap().to_owned()
}

/// How a command ends, as a shell tells it, and what it says, when Ctrl-C comes while cargo builds;
/// cargo ends with `status` afterwards.
fn interrupted_while_it_builds(command: &str, status: &str) -> (Option<i32>, String) {
    // A background job of a script ignores SIGINT, and so do its children (execve(2)).
    let mut xtask = Command::new("env")
        .arg("--default-signal=INT")
        .arg(program_of(command))
        .args(command.split(' '))
        .env("REAL_CARGO", std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .env("CARGO", checkout::root().join("xtask/tests/processes/cargo"))
        .env("STATUS", status)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut errors = BufReader::new(xtask.stderr.take().unwrap());
    let mut said = String::new();
    while !said.ends_with("begun\n") {
        assert!(errors.read_line(&mut said).unwrap() > 0, "{command} has not built: {said}");
    }
    kill_process(Pid::from_child(&xtask), Signal::INT).unwrap();
    // Cargo reads the same input, whose end comes now.
    let ended = xtask.wait().unwrap();
    errors.read_to_string(&mut said).unwrap();
    (ended.code().or(ended.signal().map(|signal| 128 + signal)), said)
}

#[test]
fn ctrl_c_while_cargo_builds_is_no_failure() {
    let commands = [
        "soak epoll-server",
        "test-all epoll-server",
        "mutants epoll-server",
        "bench --quick models",
        "claims select-limit-by-ulimit",
        "trace epoll-server",
    ];
    for command in commands {
        // Ctrl-C ends cargo, too, unless it came too late.
        for status in ["101", "0"] {
            let (code, said) = interrupted_while_it_builds(command, status);
            assert_eq!(code, Some(INTERRUPTED.into()), "{command}, cargo {status}: {said}");
            assert!(!said.contains("error:"), "{command}, cargo {status}: {said}");
        }
    }
}

/// Ctrl-Z and fg, or what other programs send instead.
#[test]
fn after_a_stop_the_check_is_run_again() {
    binaries();
    side_by_side([Signal::TSTP, Signal::TTOU, Signal::STOP], stop_and_continue);
}

fn stop_and_continue(signal: Signal) {
    let xtask = xtask(["test-all", "threadpool-server", "--check", "pause"])
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = Pid::from_child(&xtask);
    // Whatever a server does meanwhile: this one is stopped for good, so its check fails.
    let server = stopped_server(&xtask);
    kill_process_group(pid, signal).unwrap();
    let tester = Process::new(pid).unwrap();
    wait_for("a tester that is stopped", || {
        let state = tester.stat().unwrap().state;
        Ok(found_if(state == 'T', state))
    })
    .unwrap();
    kill_process_group(pid, Signal::CONT).unwrap();
    let output = xtask.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("1 pass, "), "{signal:?}: {text}");
    assert!(!server.is_alive(), "{signal:?}: {} runs on", server.pid);
}
