//! What several checks do with a server.

use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::catalog::Talk;
use crate::harness::command_line::CommandLine;
use crate::harness::launch::{Running, run_to_end};
use crate::harness::outcome::{Kind, Outcome, Verdict, fail, time_out};
use crate::harness::proc::Process;
use crate::harness::process::{
    descriptors, memory, processes, share_of_a_core, wait_for_descriptors, waited_for_a_processor,
};
use crate::harness::speaker::Speaker;
use crate::harness::tree;
use crate::harness::trial::Trial;
use crate::harness::wait::{found_if, wait_for};

/// The share of a core below which a server counts as waiting, not spinning.
const REST: f64 = 0.2;

/// Long enough for many rounds of a loop that does not wait.
const REST_TIME: Duration = Duration::from_millis(200);

/// How often a program of somebody else is looked at, and how long its descriptors stay as many.
const LOOKS: usize = 5;
const SETTLED: Duration = Duration::from_millis(200);

/// At once, on a machine that is busy with other checks.
const AT_ONCE: Duration = Duration::from_secs(1);

/// How soon a server ends after a signal that ends it.
const END: Duration = Duration::from_secs(1);

pub const ONE_AT_A_TIME: &str = "serves one client at a time";
pub const POOL_IS_BUSY: &str = "as many clients as workers hold the whole pool";

/// Serves one client from its greeting to its end.
pub fn serve_one(trial: &Trial<'_>, running: &Running) -> Outcome<()> {
    meet(trial, running, 0)?.leave()
}

/// The same, and it may not take long.
pub fn serve_at_once(trial: &Trial<'_>, running: &Running) -> Outcome<()> {
    let start = Instant::now();
    serve_one(trial, running)?;
    if start.elapsed() > AT_ONCE {
        let late = format!("after {:.1} s", start.elapsed().as_secs_f64());
        return fail("another client is served at once", late);
    }
    Ok(())
}

/// Serves a client from its greeting to its end; the kernel may cut its message into several reads.
pub fn serve_another(trial: &Trial<'_>, running: &Running) -> Outcome<()> {
    let speaker = trial.connect(running)?;
    let message = trial.server.talk.message(0);
    speaker.client.send(&message)?;
    speaker.client.half_close()?;
    speaker.receive_answers(&message)
}

/// Serves one client that says message `number`, and looks only at what comes over the connection.
pub fn serve_unseen(trial: &Trial<'_>, running: &Running, number: usize) -> Outcome<()> {
    serve_message(trial, running, &trial.server.talk.message(number)).map(drop)
}

/// The same with any message; returns the client's address.
pub fn serve_message(trial: &Trial<'_>, running: &Running, message: &[u8]) -> Outcome<SocketAddr> {
    let speaker = trial.connect(running)?;
    let addr = speaker.client.addr;
    match trial.server.talk {
        Talk::Accepts => {
            // It is closed at once, or when the next one comes.
            let _next = trial.connect(running)?;
            speaker.client.receive_end()?;
        }
        talk => {
            speaker.client.receive(&talk.greeting(addr))?;
            speaker.exchange_message(message)?;
            if let Talk::Once(_) = talk {
                speaker.client.receive_end()?;
            }
            speaker.leave()?;
        }
    }
    Ok(addr)
}

/// Connects a client, and has a message of it answered.
pub fn meet(trial: &Trial<'_>, running: &Running, number: usize) -> Outcome<Speaker> {
    let speaker = trial.connect(running)?;
    speaker.be_greeted()?;
    speaker.exchange(number)?;
    Ok(speaker)
}

/// The same with a client for each number.
pub fn come(
    trial: &Trial<'_>,
    running: &Running,
    numbers: impl IntoIterator<Item = usize>,
) -> Outcome<Vec<Speaker>> {
    numbers.into_iter().map(|number| meet(trial, running, number)).collect()
}

/// Sends `message`; a server that is done with a client after its first message may have closed
/// already.
pub fn send(trial: &Trial<'_>, speaker: &Speaker, message: &[u8]) -> Outcome<()> {
    match speaker.client.send(message) {
        Err(failure) if failure.kind == Kind::Closed && !trial.server.talk.converses() => Ok(()),
        sent => sent,
    }
}

/// How many descriptors stay open after a client came and went. A server may say that it listens
/// before it has opened all of its own, and has them once it serves.
pub fn descriptors_after_one_client(trial: &Trial<'_>, running: &Running) -> Outcome<usize> {
    let speaker = meet(trial, running, 0)?;
    if trial.server.is_foreign() {
        speaker.leave()?;
        return settled_descriptors(running);
    }
    // Where a connection is held until the next one comes, it stays open.
    let leaving = usize::from(trial.server.talk.converses());
    let open = descriptors(running)? - leaving;
    speaker.leave()?;
    wait_for_descriptors(running, open)?;
    // A process that served it has closed all of its own.
    Ok(open.min(descriptors(running)?))
}

/// How many descriptors a program has open that may take more than one for a client, once their
/// number stays the same.
fn settled_descriptors(running: &Running) -> Outcome<usize> {
    let (mut open, mut since) = (descriptors(running)?, Instant::now());
    wait_for("a number of open descriptors that stays the same", || {
        let now = descriptors(running)?;
        if now != open {
            (open, since) = (now, Instant::now());
        }
        Ok(found_if(since.elapsed() > SETTLED, now))
    })?;
    Ok(open)
}

/// Makes sure that a server has at most `bound` bytes more memory than at the `start`.
pub fn stay_in_bounds(running: &Running, start: u64, bound: u64) -> Outcome<()> {
    let grown = memory(running)?.saturating_sub(start);
    if grown > bound {
        return fail(
            format!("at most {} KiB more memory", bound / 1024),
            format!("{} KiB", grown / 1024),
        );
    }
    Ok(())
}

/// Makes sure that a server with nothing to do waits; one that polls by design has to do nothing.
/// One of another language may do its housework first.
pub fn make_sure_it_rests(trial: &Trial<'_>, running: &Running) -> Outcome {
    let looks = if trial.server.is_foreign() { LOOKS } else { 1 };
    let mut share = share_of_a_core(running, REST_TIME)?;
    for _ in 1..looks {
        if share > REST {
            share = share_of_a_core(running, REST_TIME)?;
        }
    }
    if share > REST && !trial.server.polls {
        return fail(
            format!("under {:.0} % of a core", REST * 100.0),
            format!("{:.0} %", share * 100.0),
        );
    }
    Ok(Verdict::Pass)
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
pub fn end_by(trial: &Trial<'_>, running: &mut Running, signal: Signal) -> Outcome<()> {
    let processes = processes(running)?;
    running.program.signal(signal)?;
    let start = Instant::now();
    if trial.server.is_foreign() {
        // How it ends is its own choice.
        running.program.end()?;
    } else {
        ended_by(running, signal, start, END)?;
    }
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

/// Runs the server and requires one line on standard error with all of `words`, and a non-zero
/// exit.
pub fn refused(trial: &Trial<'_>, line: &CommandLine, words: &[&str]) -> Outcome {
    let status = run_to_end(line, &trial.output)?;
    let errors = trial.output.errors();
    let expected = format!("one line on standard error with {}, and exit 1 or 2", words.join(", "));
    let code_is_right = matches!(status.code(), Some(1 | 2));
    match errors.as_slice() {
        [line] if code_is_right && words.iter().all(|word| line.contains(word)) => {
            Ok(Verdict::Pass)
        }
        lines => fail(expected, format!("{status}; {}", lines.join(" / "))),
    }
}

/// How long the answer to message `number` takes, beyond what the machine took: on a busy one both
/// sides wait for a processor, and that is not the server's doing.
pub fn time_of_answer(
    processes: &[Process],
    speaker: &Speaker,
    number: usize,
) -> Outcome<Duration> {
    let waited = waited_for_a_processor(processes)?;
    let start = Instant::now();
    speaker.exchange(number)?;
    let time = start.elapsed();
    let waited = waited_for_a_processor(processes)?.saturating_sub(waited);
    Ok(time.saturating_sub(waited))
}

/// Bytes that look random and are the same in every run (a linear congruential generator's high
/// bits).
pub fn arbitrary_bytes(length: usize) -> Vec<u8> {
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}
