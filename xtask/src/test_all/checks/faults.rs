//! Clients that break off, stop reading, or send slowly.

use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use crate::harness::client::Client;
use crate::harness::outcome::{Outcome, Verdict, so_far};
use crate::harness::process::{signal_all, stop, wait_for_descriptors};
use crate::harness::trial::Trial;
use crate::test_all::checks::steps::{
    ONE_AT_A_TIME, POOL_IS_BUSY, descriptors_after_one_client, make_sure_it_rests, send,
    serve_at_once, serve_one,
};

/// Resets at each stage.
const RESETS: usize = 5;

const SLOW_CLIENTS: usize = 50;
/// Messages of a client that sends more than 1,024 bytes.
const LONGER: usize = 200;
/// Bytes that each slow client sends, one in a second.
const SLOW_BYTES: usize = 2;
pub fn reset(trial: &Trial<'_>) -> Outcome {
    trial.launch().run(|running| {
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
    trial.launch().run(|running| {
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
    trial.launch().run(|running| {
        let open = descriptors_after_one_client(trial, running)?;
        for number in 0..10 {
            let speaker = trial.connect(running)?;
            // Every other one is longer than what the listings read at once: the rest is read after
            // the first reply has found nobody.
            let times = if number % 2 == 0 { 1 } else { LONGER };
            send(trial, &speaker, &trial.server.talk.message(number).repeat(times))?;
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
    trial.launch().run(|running| {
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
