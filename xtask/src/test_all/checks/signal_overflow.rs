//! A queue of signals that is full.

use rustix::process::Signal;

use crate::catalog::Readiness;
use crate::harness::client::DEADLINE;
use crate::harness::launch::Running;
use crate::harness::limits::limit_signals;
use crate::harness::outcome::{Outcome, Verdict};
use crate::harness::process::{signal_all, stop};
use crate::harness::speaker::Speaker;
use crate::harness::threads::at_once;
use crate::harness::trial::Trial;
use crate::test_all::checks::steps::arbitrary_bytes;

/// Signals that may wait: some of them, and not one for each client.
const ROOM: u64 = 5;
const CLIENTS: usize = 30;
const ROUNDS: usize = 3;
/// What each of some clients sends at the same time.
const VOLUME: usize = 1024 * 1024;
const SENDERS: usize = 4;

const NO_SIGNALS: &str = "no signal tells it what is ready";

pub fn signal_overflow(trial: &Trial<'_>) -> Outcome {
    if trial.server.readiness != Readiness::Signals {
        return Ok(Verdict::Skip(NO_SIGNALS));
    }
    trial.launch().run(|running| {
        limit_signals(running, ROOM)?;
        all_speak_at_once(trial, running)?;
        Ok(Verdict::Pass)
    })?;
    trial.loaded().run(|running| {
        limit_signals(running, ROOM)?;
        let data = arbitrary_bytes(VOLUME);
        let send = || {
            let speaker = trial.connect(running)?;
            speaker.client.send_while_receiving(&data, &data)?;
            speaker.leave()
        };
        at_once((0..SENDERS).map(|_| send))?;
        Ok(Verdict::Pass)
    })
}

/// Clients speak, connect and leave while the server is stopped: more signals than may wait.
fn all_speak_at_once(trial: &Trial<'_>, running: &Running) -> Outcome<()> {
    let talk = trial.server.talk;
    let mut speakers: Vec<Speaker> = Vec::new();
    for number in 0..CLIENTS {
        let speaker = trial.connect(running)?;
        speaker.exchange(number)?;
        speakers.push(speaker);
    }
    for round in 0..ROUNDS {
        let seen = running.output.count();
        stop(running)?;
        for (number, speaker) in speakers.iter().enumerate() {
            speaker.client.send(&talk.message(round * CLIENTS + number))?;
        }
        let newcomer = trial.connect(running)?;
        newcomer.client.send(&talk.message(round))?;
        speakers[round].client.half_close()?;
        signal_all(running, Signal::CONT)?;
        running.output.have_line(DEADLINE, seen, "signals were lost")?;
        for (number, speaker) in speakers.iter().enumerate() {
            let message = talk.message(round * CLIENTS + number);
            speaker.client.receive(&talk.reply(&message, speaker.client.addr))?;
        }
        newcomer.client.receive(&talk.reply(&talk.message(round), newcomer.client.addr))?;
        speakers[round].client.receive_end()?;
        speakers[round] = newcomer;
    }
    Ok(())
}
