//! A server that asks the kernel for work instead of calling it (io_uring(7)).

use std::thread;
use std::time::{Duration, Instant};

use procfs::ProcResult;
use procfs::process::Process;
use rustix::process::Signal;

use crate::harness::client::DEADLINE;
use crate::harness::launch::Running;
use crate::harness::outcome::{Outcome, Verdict, fail, time_out};
use crate::harness::process::{look_at, signal_all, stop};
use crate::harness::speaker::Speaker;
use crate::harness::trial::Trial;

/// Messages of one client: a call that moved some of them would be counted.
const MESSAGES: usize = 200;

/// More clients than the server has buffers, of which each that has spoken takes one.
const CLIENTS: usize = 600;

/// How long a server that nobody speaks to is watched.
const IDLE_TIME: Duration = Duration::from_millis(300);

const CALLS: &str = "sends and receives by system calls of its own";

pub fn completions(trial: &Trial<'_>) -> Outcome {
    if !trial.server.asks_io_uring() {
        return Ok(Verdict::Skip(CALLS));
    }
    trial.while_preloaded(|running, preload| {
        let speaker = trial.connect(running)?;
        let before = reads_and_writes(running)?;
        for number in 0..MESSAGES {
            speaker.exchange(number)?;
        }
        let counts = preload.counts()?;
        if counts.received + counts.cut_sends + counts.refused > 0 {
            return fail("no recv(2) and no send(2) of the server", format!("{counts:?}"));
        }
        let calls = reads_and_writes(running)? - before;
        if calls > 0 {
            return fail("no read(2) and no write(2) of the server", calls);
        }
        does_nothing(running)?;
        Ok(Verdict::Pass)
    })?;
    trial.while_loaded(|running| all_speak_at_once(trial, running))
}

/// How often the server has called read(2), write(2) and the like (/proc/PID/io).
fn reads_and_writes(running: &Running) -> Outcome<u64> {
    let calls = look_at(running, |process| Ok(process.io()?))?;
    Ok(calls.iter().map(|io| io.syscr + io.syscw).sum())
}

/// The server sleeps, and nothing wakes it: who does not run makes no system call.
fn does_nothing(running: &Running) -> Outcome<()> {
    let deadline = Instant::now() + DEADLINE;
    let asleep = loop {
        let now = look_at(running, run)?;
        if now.iter().all(|run| run.sleeps) {
            break now;
        }
        if Instant::now() > deadline {
            return time_out("a server that sleeps when it has answered", "it runs");
        }
        thread::sleep(Duration::from_millis(1));
    };
    thread::sleep(IDLE_TIME);
    if look_at(running, run)? != asleep {
        let expected = format!("no system call in {} ms without a message", IDLE_TIME.as_millis());
        return fail(expected, "it has run meanwhile");
    }
    Ok(())
}

#[derive(PartialEq)]
struct Run {
    sleeps: bool,
    /// How long it was on a processor so far, in nanoseconds.
    ran: u64,
}

fn run(process: &Process) -> ProcResult<Run> {
    Ok(Run { sleeps: process.stat()?.state == 'S', ran: process.schedstat()?.sum_exec_runtime })
}

/// All clients speak while the server is stopped: it finds more messages than it has buffers, and
/// answers all of them.
fn all_speak_at_once(trial: &Trial<'_>, running: &Running) -> Outcome {
    let talk = trial.server.talk;
    let speakers: Outcome<Vec<Speaker>> =
        (0..CLIENTS).map(|number| trial.connect_patiently(running, number)).collect();
    let speakers = speakers?;
    stop(running)?;
    for (number, speaker) in speakers.iter().enumerate() {
        speaker.client.send(&talk.message(number))?;
    }
    signal_all(running, Signal::CONT)?;
    for (number, speaker) in speakers.iter().enumerate() {
        speaker.client.receive(&talk.reply(&talk.message(number), speaker.client.addr))?;
    }
    Ok(Verdict::Pass)
}
