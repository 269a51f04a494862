//! Clients that come together, and what each of them gets from the listener.

use crate::harness::inside;
use crate::harness::outcome::{Expect, Outcome, Verdict, fail};
use crate::harness::process::{signal_all, stop};
use crate::harness::speaker::Speaker;
use crate::harness::trial::Trial;
use crate::test_all::checks::steps::serve_another;
use rustix::process::Signal;

/// Clients that wait when the server looks, and how often it may look until all are answered.
const CLIENTS: usize = 100;
const LOOKS: u64 = CLIENTS as u64 / 4;

const ONE_EACH_TIME: &str = "accepts one client each time that it is told of one";
const NEVER_WAITS: &str = "never waits, so nothing counts how often it looks";
const READABLE: &str = "a socket whose options can be read";

pub fn burst(trial: &Trial<'_>) -> Outcome {
    if !trial.server.accepts_in_a_row {
        return Ok(Verdict::Skip(ONE_EACH_TIME));
    }
    if trial.server.polls {
        return Ok(Verdict::Skip(NEVER_WAITS));
    }
    let preload = &trial.preload(&[])?;
    trial.loaded().under(preload).run(|running| {
        serve_another(trial, running)?;
        stop(running)?;
        let before = preload.counts()?.waits;
        let speakers: Outcome<Vec<Speaker>> =
            (0..CLIENTS).map(|_| trial.connect(running)).collect();
        let speakers = speakers?;
        for (number, speaker) in speakers.iter().enumerate() {
            speaker.client.send(&trial.server.talk.message(number))?;
        }
        signal_all(running, Signal::CONT)?;
        for (number, speaker) in speakers.iter().enumerate() {
            let message = trial.server.talk.message(number);
            speaker.client.receive(&trial.server.talk.reply(&message, speaker.client.addr))?;
        }
        let looks = preload.counts()?.waits - before;
        if looks > LOOKS {
            return fail(format!("{CLIENTS} clients served by at most {LOOKS} looks"), looks);
        }
        let socket = inside::connection(running, speakers[0].client.addr)?;
        if !socket.tcp_nodelay().expect_to(READABLE)? {
            return fail(
                "a socket that sends short answers at once (TCP_NODELAY)",
                "it is not set",
            );
        }
        if !socket.keepalive().expect_to(READABLE)? {
            return fail("a socket that asks for its peer (SO_KEEPALIVE)", "it is not set");
        }
        Ok(Verdict::Pass)
    })
}
