//! Clients that break off, stop reading, or send slowly.

use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::harness::client::Client;
use crate::harness::launch::Running;
use crate::harness::outcome::{Kind, Outcome, Verdict, fail, so_far};
use crate::harness::process::{descriptors, signal_all, stop, wait_for_descriptors};
use crate::harness::speaker::Speaker;
use crate::harness::trial::Trial;
use crate::test_all::checks::make_sure_it_rests;

/// Resets at each stage.
const RESETS: usize = 5;

const SLOW_CLIENTS: usize = 50;
/// Bytes that each slow client sends, one in a second.
const SLOW_BYTES: usize = 2;
/// At once, on a machine that is busy with other checks.
const AT_ONCE: Duration = Duration::from_secs(1);

pub const ONE_AT_A_TIME: &str = "serves one client at a time";
pub const POOL_IS_BUSY: &str = "as many clients as workers hold the whole pool";
pub fn reset(trial: &Trial<'_>) -> Outcome {
    trial.while_running(|running| {
        let open = descriptors_after_one_client(trial, running)?;
        for number in 0..RESETS {
            trial.connect(running)?.client.reset()?;

            let before_its_first_byte = trial.connect(running)?;
            before_its_first_byte.be_greeted()?;
            before_its_first_byte.client.reset()?;

            let between_bytes = trial.connect(running)?;
            between_bytes.be_greeted()?;
            let message = trial.server.talk.message(number);
            send(trial, &between_bytes, &message[..message.len() / 2])?;
            between_bytes.client.reset()?;

            let with_replies_unread = trial.connect(running)?;
            for _ in 0..10 {
                send(trial, &with_replies_unread, &message)?;
            }
            with_replies_unread.client.reset()?;
            serve_one(trial, running)?;
        }
        wait_for_descriptors(running, open)?;
        Ok(Verdict::Pass)
    })
}

pub fn reset_in_backlog(trial: &Trial<'_>) -> Outcome {
    trial.while_running(|running| {
        let open = descriptors_after_one_client(trial, running)?;
        // While the server is stopped, the kernel still completes connections and keeps them in the
        // backlog.
        stop(running)?;
        for _ in 0..3 {
            Client::connect(running.addr)?.reset()?;
        }
        signal_all(running, Signal::CONT)?;
        serve_one(trial, running)?;
        wait_for_descriptors(running, open)?;
        make_sure_it_rests(trial, running)
    })
}

pub fn send_and_close(trial: &Trial<'_>) -> Outcome {
    trial.while_running(|running| {
        let open = descriptors_after_one_client(trial, running)?;
        for number in 0..10 {
            let speaker = trial.connect(running)?;
            send(trial, &speaker, &trial.server.talk.message(number))?;
            drop(speaker);
            so_far(serve_one(trial, running), number, 10, "clients sent and closed")?;
        }
        wait_for_descriptors(running, open)?;
        make_sure_it_rests(trial, running)
    })
}

pub fn slow_loris(trial: &Trial<'_>) -> Outcome {
    match trial.server.concurrency.limit() {
        Some(1) => return Ok(Verdict::Skip(ONE_AT_A_TIME)),
        Some(_) => return Ok(Verdict::Skip(POOL_IS_BUSY)),
        None => {}
    }
    trial.while_running(|running| {
        let message = trial.server.talk.message(0);
        let mut slow = Vec::new();
        for _ in 0..SLOW_CLIENTS {
            slow.push(trial.connect_patiently(running, 0)?);
        }
        for position in 0..SLOW_BYTES {
            if position > 0 {
                thread::sleep(Duration::from_secs(1));
            }
            for speaker in &slow {
                send(trial, speaker, &message[position..=position])?;
            }
            serve_at_once(trial, running)?;
        }
        Ok(Verdict::Pass)
    })
}

/// Serves one client from its greeting to its end.
pub fn serve_one(trial: &Trial<'_>, running: &Running) -> Outcome<()> {
    let speaker = trial.connect(running)?;
    speaker.be_greeted()?;
    speaker.exchange(0)?;
    speaker.leave()
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

/// How many descriptors stay open after a client came and went. A server may say that it listens
/// before it has opened all of its own, and has them once it serves.
pub fn descriptors_after_one_client(trial: &Trial<'_>, running: &Running) -> Outcome<usize> {
    let speaker = trial.connect(running)?;
    speaker.be_greeted()?;
    speaker.exchange(0)?;
    // Where a connection is held until the next one comes, it stays open.
    let leaving = usize::from(trial.server.talk.converses());
    let open = descriptors(running)? - leaving;
    speaker.leave()?;
    wait_for_descriptors(running, open)?;
    // A process that served it has closed all of its own.
    Ok(open.min(descriptors(running)?))
}

/// Sends `message`; a server that is done with a client after its first message may have closed
/// already.
pub fn send(trial: &Trial<'_>, speaker: &Speaker, message: &[u8]) -> Outcome<()> {
    match speaker.client.send(message) {
        Err(failure) if failure.kind == Kind::Closed && !trial.server.talk.converses() => Ok(()),
        sent => sent,
    }
}
