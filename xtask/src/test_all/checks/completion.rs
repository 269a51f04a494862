//! A server that asks the kernel for work instead of calling it (io_uring(7)).

use procfs::process::Process;
use rustix::process::Signal;

use crate::harness::launch::Running;
use crate::harness::outcome::{Outcome, Verdict, fail};
use crate::harness::process::{look_at, signal_all, stop};
use crate::harness::speaker::Speaker;
use crate::harness::trial::Trial;

/// Messages of one client: a call that moved some of them would be counted.
const MESSAGES: usize = 200;

/// More clients than the server has buffers, of which each that has spoken takes one.
const CLIENTS: usize = 600;

const CALLS: &str = "sends and receives by system calls of its own";

pub fn completions(trial: &Trial<'_>) -> Outcome {
    if !trial.server.asks_io_uring() {
        return Ok(Verdict::Skip(CALLS));
    }
    let calls_nothing = trial.while_preloaded(|running, preload| {
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
        Ok(Verdict::Pass)
    })?;
    if let Verdict::Skip(_) = calls_nothing {
        return Ok(calls_nothing);
    }
    trial.while_loaded(|running| all_speak_at_once(trial, running))
}

/// How often the server has called read(2), write(2) and the like (/proc/PID/io).
fn reads_and_writes(running: &Running) -> Outcome<u64> {
    let calls = look_at(running, Process::io)?;
    Ok(calls.iter().map(|io| io.syscr + io.syscw).sum())
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
