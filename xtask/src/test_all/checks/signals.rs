//! Signals.

use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use crate::harness::outcome::{Outcome, Verdict};
use crate::harness::process::{signal_all, stop};
use crate::harness::speaker::Speaker;
use crate::harness::trial::Trial;
use crate::test_all::checks::steps::{end_by, serve_one};

const INTERRUPTIONS: usize = 5;

/// How long a server is watched that a signal must not end: one that it ends would end sooner.
const OUTLIVED: Duration = Duration::from_millis(300);

pub fn interrupted(trial: &Trial<'_>) -> Outcome {
    let talk = trial.server.talk;
    trial.launch().run(|running| {
        let conversation = if talk.converses() {
            let speaker = trial.connect(running)?;
            speaker.be_greeted()?;
            Some(speaker)
        } else {
            None
        };
        for number in 0..INTERRUPTIONS {
            // A system call that waits ends with EINTR when its process goes on (signal(7)).
            stop(running)?;
            if let Some(speaker) = &conversation {
                speaker.client.send(&talk.message(number))?;
            }
            for signal in [Signal::CHILD, Signal::WINCH, Signal::CONT] {
                signal_all(running, signal)?;
            }
            match &conversation {
                Some(speaker) => {
                    speaker
                        .client
                        .receive(&talk.reply(&talk.message(number), speaker.client.addr))?;
                }
                None => serve_one(trial, running)?,
            }
        }
        Ok(Verdict::Pass)
    })
}

pub fn termination(trial: &Trial<'_>) -> Outcome {
    for signal in [Signal::TERM, Signal::INT] {
        let mut running = trial.launch().start()?;
        let addr = running.addr.to_string();
        let clients: Outcome<Vec<Speaker>> = (0..3).map(|_| trial.connect(&running)).collect();
        let clients = clients?;
        clients[0].be_greeted()?;
        clients[0].exchange(0)?;
        end_by(trial, &mut running, signal)?;
        if !trial.server.is_foreign() {
            let again = trial.launch().at(&addr).start()?;
            drop(clients);
            serve_one(trial, &again)?;
        }
    }
    if !trial.server.is_foreign() {
        outlives_what_it_ignores(trial)?;
    }
    Ok(Verdict::Pass)
}

/// What it was started to ignore, as the background job of a script SIGINT, does not end it.
fn outlives_what_it_ignores(trial: &Trial<'_>) -> Outcome<()> {
    const IGNORE: [&str; 3] = ["sh", "-c", "trap '' INT; exec \"$0\" \"$@\""];
    let mut running = trial.launch().behind(&IGNORE).start()?;
    running.program.signal(Signal::INT)?;
    thread::sleep(OUTLIVED);
    serve_one(trial, &running)?;
    end_by(trial, &mut running, Signal::TERM)
}
