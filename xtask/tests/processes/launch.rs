//! Programs and all that they start: they are found, and they end, whatever happens to the tester.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};
use xtask::harness::client::DEADLINE;
use xtask::harness::command_line::CommandLine;
use xtask::harness::launch::Running;
use xtask::harness::outcome::Kind;
use xtask::harness::output::Output;
use xtask::harness::proc::Process;
use xtask::harness::process::{descriptors, memory, processes, stop, wait_for_processes};
use xtask::harness::wait::{found_if, wait_for};

/// Set in the process that launches a server and is killed then.
const LAUNCHES: &str = "LAUNCHES_A_SERVER";

/// A server with a child and an orphan, whose parent is the shell in brackets.
const GROUP: &str = "sleep 1000 & (sleep 1000 &) ; echo listening on 127.0.0.1:1; wait";
/// The same with a daemon, which leaves the group.
const FAMILY: &str = "setsid --fork sleep 1000; sleep 1000 & (sleep 1000 &) ; \
                      echo listening on 127.0.0.1:1; wait";

fn shell(script: &str) -> CommandLine {
    CommandLine::new("sh").with(["-c", script])
}

fn launch(line: &CommandLine) -> Running {
    Running::start(line, None, &Output::default()).unwrap()
}

/// The processes of a server, once there are so many.
fn family(running: &Running, count: usize) -> Vec<Process> {
    wait_for_processes(running, count).unwrap();
    processes(running).unwrap()
}

fn have_ended(processes: &[Process]) -> bool {
    processes.iter().all(|process| !process.is_alive())
}

#[test]
fn children_orphans_and_daemons_belong_to_a_program_and_end_with_it() {
    let running = launch(&shell(FAMILY));
    let family = family(&running, 4);
    assert!(family.iter().any(|process| process.pid == running.program.pid()));
    let own = Process::new(running.program.pid()).unwrap();
    assert!(descriptors(&running).unwrap() > own.descriptors().unwrap().len());
    assert!(memory(&running).unwrap() > 0);
    drop(running);
    assert!(have_ended(&family));
}

#[test]
fn two_programs_have_nothing_in_common() {
    let one = launch(&shell(FAMILY));
    let other = launch(&shell(FAMILY));
    let ones = family(&one, 4);
    let others = family(&other, 4);
    assert!(others.iter().all(|other| ones.iter().all(|one| one.pid != other.pid)));
    drop(one);
    assert!(have_ended(&ones));
    assert!(others.iter().all(Process::is_alive));
}

#[test]
fn a_wrapped_program_ends_with_its_wrapper() {
    let line = shell("echo listening on 127.0.0.1:1; exec sleep 1000");
    let running = launch(&line.behind(&["sh", "-c", "\"$@\"; true", "sh"]));
    let both = family(&running, 2);
    drop(running);
    assert!(have_ended(&both));
}

#[test]
fn a_program_that_is_stopped_ends() {
    let running = launch(&shell(FAMILY));
    let family = family(&running, 4);
    stop(&running).unwrap();
    assert!(family.iter().all(|process| process.stat().unwrap().state == 'T'));
    let start = Instant::now();
    drop(running);
    assert!(have_ended(&family) && start.elapsed() < DEADLINE);
}

#[test]
fn a_program_that_says_nothing_does_not_hold_the_tester() {
    let silent = shell("sleep 1000");
    let start = Instant::now();
    let on_small_pipe = Running::start_on_small_pipe(&silent, None, &Output::default());
    let failure = on_small_pipe.map(drop).unwrap_err();
    assert_eq!((failure.kind, failure.actual.as_str()), (Kind::TimedOut, "silence for 10 s"));
    assert!(start.elapsed() < 2 * DEADLINE);
}

/// Not a test of its own: the process that is killed in the one below.
#[test]
fn launches_a_server() {
    if env::var_os(LAUNCHES).is_none() {
        return;
    }
    // A server is launched by a thread that does not live as long as it.
    let running = thread::spawn(|| launch(&shell(GROUP))).join().unwrap();
    let family = family(&running, 3);
    let pids: Vec<String> = family.iter().map(|process| process.pid.to_string()).collect();
    println!("\nlaunched {}", pids.join(" "));
    loop {
        thread::park();
    }
}

#[test]
fn servers_end_when_the_tester_is_killed_also_while_it_is_stopped() {
    servers_end_after(&[Signal::KILL]);
    servers_end_after(&[Signal::STOP, Signal::KILL]);
}

fn servers_end_after(signals: &[Signal]) {
    let mut tester = Command::new(env::current_exe().unwrap())
        .args(["--exact", "launch::launches_a_server", "--nocapture"])
        .env(LAUNCHES, "yes")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(tester.stdout.take().unwrap()).lines();
    let launched = |line: String| line.strip_prefix("launched ").map(str::to_owned);
    let pids = lines.map_while(Result::ok).find_map(launched).unwrap();
    let process = |pid: &str| Process::new(Pid::from_raw(pid.parse().unwrap()).unwrap()).unwrap();
    let servers: Vec<Process> = pids.split(' ').map(process).collect();
    assert!(servers.iter().all(Process::is_alive));
    for signal in signals {
        kill_process(Pid::from_child(&tester), *signal).unwrap();
    }
    tester.wait().unwrap();
    wait_for("no server", || Ok(found_if(have_ended(&servers), &pids))).unwrap();
}
