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

/// The first server that runs as a child of `parent`, stopped: until it is killed, its check goes
/// on.
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

/// So that what is waited for is a check, and no build.
fn build_servers() {
    for targets in [build::SERVERS, build::PRELOAD] {
        build::build(targets, false).unwrap();
    }
}

#[test]
fn after_ctrl_c_the_matrix_shows_what_is_finished_and_no_server_is_left() {
    build_servers();
    interrupt(&[]);
}

#[test]
fn ctrl_c_comes_where_a_parent_blocked_it() {
    build_servers();
    let env = ["env", "--block-signal=INT"];
    if Command::new("env").args([env[1], "true"]).output().unwrap().status.success() {
        interrupt(&env);
    } else {
        not_tested("Ctrl-C", format!("env(1) has no {}", env[1]));
    }
}

/// Presses Ctrl-C while the matrix runs, which these words start.
fn interrupt(words: &[&str]) {
    // With few descriptors one check runs after the other.
    let mut xtask = Command::new("sh")
        .args(["-c", "ulimit -n 3000 && exec \"$@\"", "sh"])
        .args(words)
        .arg(checkout::built("xtask"))
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

/// The program of a command.
fn program_of(command: &str) -> PathBuf {
    let package = match command {
        "soak" | "test-all" => return checkout::built("xtask"),
        "mutants" => "xtask-mirror",
        _ => "xtask-measure",
    };
    let built = build::build(&["--package", package, "--bin", package], false).unwrap();
    built.get(package, package).unwrap().to_owned()
}

/// How a command ends, as a shell tells it, and what it says, when Ctrl-C comes while cargo builds;
/// cargo ends with `status` afterwards.
fn interrupted_while_it_builds(words: &[&str], status: &str) -> (Option<i32>, String) {
    // A background job of a script ignores SIGINT, and so do its children (execve(2)).
    let mut xtask = Command::new("env")
        .arg("--default-signal=INT")
        .arg(program_of(words[0]))
        .args(words)
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

/// Ctrl-Z and fg, or what other programs send instead.
#[test]
fn after_a_stop_the_check_is_run_again() {
    build_servers();
    thread::scope(|scope| {
        for signal in [Signal::TSTP, Signal::TTOU, Signal::STOP] {
            scope.spawn(move || stop_and_continue(signal));
        }
    });
}

fn stop_and_continue(signal: Signal) {
    let xtask = Command::new(checkout::built("xtask"))
        .args(["test-all", "threadpool-server", "--check", "pause"])
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
    let deadline = Instant::now() + DEADLINE;
    while tester.stat().unwrap().state != 'T' {
        assert!(Instant::now() < deadline, "{signal:?} does not stop it");
        thread::sleep(Duration::from_millis(1));
    }
    kill_process_group(pid, Signal::CONT).unwrap();
    let output = xtask.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("1 pass, "), "{signal:?}: {text}");
    assert!(!server.is_alive(), "{signal:?}: {} runs on", server.pid);
}
