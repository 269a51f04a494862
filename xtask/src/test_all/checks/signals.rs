//! Signals.

use std::os::unix::process::ExitStatusExt;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::harness::launch::Running;
use crate::harness::outcome::{Outcome, Verdict, fail, time_out};
use crate::harness::process::{processes, signal_all, stop};
use crate::harness::speaker::Speaker;
use crate::harness::tree;
use crate::harness::trial::{ANY_PORT, Trial};
use crate::test_all::checks::faults::serve_one;

const INTERRUPTIONS: usize = 5;

/// How soon a server ends after a signal that ends it.
const END: Duration = Duration::from_secs(1);

pub fn interrupted(trial: &Trial<'_>) -> Outcome {
    let talk = trial.server.talk;
    trial.while_running(|running| {
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
        let mut running = trial.launch()?;
        let addr = running.addr.to_string();
        let clients: Outcome<Vec<Speaker>> = (0..3).map(|_| trial.connect(&running)).collect();
        let clients = clients?;
        clients[0].be_greeted()?;
        clients[0].exchange(0)?;
        end_by(&mut running, signal)?;
        let again = trial.launch_at(&addr)?;
        drop(clients);
        serve_one(trial, &again)?;
    }
    outlives_what_it_ignores(trial)?;
    Ok(Verdict::Pass)
}

/// What it was started to ignore, as the background job of a script SIGINT, does not end it.
fn outlives_what_it_ignores(trial: &Trial<'_>) -> Outcome<()> {
    const IGNORE: [&str; 3] = ["sh", "-c", "trap '' INT; exec \"$0\" \"$@\""];
    let line = trial.line(ANY_PORT, trial.server.args).behind(&IGNORE);
    let mut running = Running::start(&line, trial.server.operator, &trial.output)?;
    running.program.signal(Signal::INT)?;
    serve_one(trial, &running)?;
    // Of both signals, the first one would have ended it.
    end_by(&mut running, Signal::TERM)
}

/// Requires that a server that got a signal at `start` ends by it within `time`.
pub fn ended_by(
    running: &mut Running,
    signal: Signal,
    start: Instant,
    time: Duration,
) -> Outcome<()> {
    let status = running.program.end()?;
    if start.elapsed() > time || status.signal() != Some(signal.as_raw()) {
        let expected = format!("the end by signal {} within {} s", signal.as_raw(), time.as_secs());
        return fail(expected, format!("{status} after {:.1} s", start.elapsed().as_secs_f64()));
    }
    Ok(())
}

/// Ends a server by a signal, and requires that it ends by that signal within a second, with every
/// process that it has started.
pub fn end_by(running: &mut Running, signal: Signal) -> Outcome<()> {
    let processes = processes(running)?;
    running.program.signal(signal)?;
    let start = Instant::now();
    ended_by(running, signal, start, END)?;
    loop {
        let left = tree::alive(&running.program)?.len();
        let outlived = left.max(processes.iter().filter(|process| process.is_alive()).count());
        if outlived == 0 {
            return Ok(());
        }
        if start.elapsed() > END {
            let expected = format!("no process left {} s after the signal", END.as_secs());
            return time_out(expected, format!("{outlived} of the server run on"));
        }
        thread::sleep(Duration::from_millis(1));
    }
}
