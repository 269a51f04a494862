//! Clients that send and do not read.

use std::thread;
use std::time::{Duration, Instant};

use crate::catalog::{Concurrency, Server, Talk};
use crate::harness::client::Client;
use crate::harness::launch::Running;
use crate::harness::outcome::{Kind, Outcome, Verdict, fail};
use crate::harness::process::memory;
use crate::harness::speaker::Speaker;
use crate::harness::threads::spawn_in;
use crate::harness::trial::Trial;
use crate::terminal::thousands;
use crate::test_all::checks::crowd::{HELD_BACK, flood, receive_answers, send_until_full};
use crate::test_all::checks::steps::{
    make_sure_it_rests, serve_at_once, serve_one, stay_in_bounds,
};

/// What one client sends: more than the buffers of both sides hold, however large.
const UNREAD: usize = 32 * 1024 * 1024;
/// Room for what the bounds allow one client (64 KiB), and for the allocator.
const MEMORY_FOR_ONE: u64 = 8 * 1024 * 1024;

const CROWD: usize = 100;
/// What each of a crowd sends at most: several times what the smallest buffers hold.
const UNREAD_BY_EACH: usize = 1024 * 1024;
/// The 64 KiB that `QUEUE_LIMIT` in select-server and `DATA_LIMIT` in epoll-server allow one
/// client, and as much for the allocator. What is sent is ASCII, so that `upper` needs no more.
const MEMORY_FOR_EACH: u64 = 128 * 1024;
/// What a process has of its own before it does anything: its stack, its heap, what its loader
/// writes.
const MEMORY_OF_A_PROCESS: u64 = 256 * 1024;

/// Ends a test that fails: who reads 10 bytes at a time needs seconds of a processor for a crowd,
/// and a minute of one that many share.
const SETTLED: Duration = Duration::from_secs(60);

const ONE_MESSAGE: &str = "reads one message of a client, and closes";
const READS_NOTHING: &str = "reads nothing";

pub fn unread_replies(trial: &Trial<'_>) -> Outcome {
    if let Some(reason) = inapplicable(trial.server.talk) {
        return Ok(Verdict::Skip(reason));
    }
    let message = flood(trial.server.talk, UNREAD);
    trial.loaded().run(|running| {
        serve_one(trial, running)?;
        let start = memory(running)?;
        let bound = bound(trial.server, MEMORY_FOR_ONE);

        let speaker = trial.connect(running)?;
        let sent = speaker.client.send_until_full(&message, HELD_BACK)?;
        stay_in_bounds(running, start, bound)?;
        if must_hold_back(trial.server) {
            is_held_back(sent, message.len())?;
        }
        if trial.server.concurrency.limit() != Some(1) {
            serve_one(trial, running)?;
        }

        thread::scope(|scope| {
            let sender = spawn_in(scope, || {
                speaker.client.send(&message[sent..])?;
                speaker.client.half_close()
            })?;
            speaker.receive_answers(&message)?;
            sender.join().expect("the sending thread does not panic")
        })?;
        stay_in_bounds(running, start, bound)?;
        Ok(Verdict::Pass)
    })
}

pub fn unread_crowd(trial: &Trial<'_>) -> Outcome {
    if let Some(reason) = inapplicable(trial.server.talk) {
        return Ok(Verdict::Skip(reason));
    }
    let serves_all = trial.server.concurrency.limit().is_none();
    let message = flood(trial.server.talk, UNREAD_BY_EACH);
    trial.loaded().run(|running| {
        serve_one(trial, running)?;
        let start = memory(running)?;
        let bound = bound(trial.server, CROWD as u64 * memory_for_each(trial.server));

        let mut crowd = Vec::new();
        for number in 0..CROWD {
            let client = Client::connect_with_little_room(running.addr)?;
            let speaker = Speaker::new(client, running, trial.server);
            if serves_all {
                // Whoever is answered has left the backlog, which may hold no more than five.
                speaker.be_greeted()?;
                speaker.exchange(number)?;
            }
            // The data of no two clients are the same.
            crowd.push((speaker, &message[number..]));
        }
        let sent = send_until_full(&crowd)?;
        if must_hold_back(trial.server) {
            let all = crowd.iter().map(|(_, data)| data.len()).sum();
            is_held_back(sent.iter().sum(), all)?;
        }
        let verdict = settle(trial, running)?;
        stay_in_bounds(running, start, bound)?;
        receive_answers(&crowd, &sent)?;
        stay_in_bounds(running, start, bound)?;
        Ok(verdict)
    })
}

/// What one of the crowd may cost, in bytes.
fn memory_for_each(server: &Server) -> u64 {
    match server.concurrency {
        Concurrency::Processes => MEMORY_FOR_EACH + MEMORY_OF_A_PROCESS,
        _ => MEMORY_FOR_EACH,
    }
}

/// A program of somebody else may collect its garbage later: what it reads tells, not its memory.
fn bound(server: &Server, bound: u64) -> u64 {
    if server.is_foreign() { u64::MAX } else { bound }
}

/// Whether what a server reads must tell: its memory does not, and it answers as much as it reads.
fn must_hold_back(server: &Server) -> bool {
    server.is_foreign() && matches!(server.talk, Talk::Stream(_))
}

/// Makes sure that a server stops reading from a client that does not read.
fn is_held_back(sent: usize, all: usize) -> Outcome<()> {
    if sent < all {
        return Ok(());
    }
    let expected = "it stops reading from a client that does not read";
    fail(expected, format!("it has read all {} bytes", thousands(all)))
}

/// Why a server cannot be asked.
fn inapplicable(talk: Talk) -> Option<&'static str> {
    match talk {
        Talk::Once(_) => Some(ONE_MESSAGE),
        Talk::Accepts => Some(READS_NOTHING),
        _ => None,
    }
}

/// Waits until the server has done what it can for the crowd: it rests, and serves another client
/// at once.
fn settle(trial: &Trial<'_>, running: &Running) -> Outcome {
    let deadline = Instant::now() + SETTLED;
    loop {
        let failure = match make_sure_it_rests(trial, running) {
            Ok(verdict) if trial.server.concurrency.limit().is_some() => return Ok(verdict),
            Ok(verdict) => match serve_at_once(trial, running) {
                Ok(()) => return Ok(verdict),
                // A server that rests and does not answer never will.
                Err(silent) if silent.kind == Kind::TimedOut => return Err(silent),
                Err(late) => late,
            },
            Err(busy) => busy,
        };
        if failure.is_lack() || Instant::now() > deadline {
            return Err(failure);
        }
    }
}
