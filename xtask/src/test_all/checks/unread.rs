//! Clients that send and do not read.

use std::thread;
use std::time::{Duration, Instant};

use crate::catalog::{Concurrency, Server, Talk};
use crate::harness::client::Client;
use crate::harness::launch::Running;
use crate::harness::outcome::{Kind, Outcome, Verdict};
use crate::harness::process::memory;
use crate::harness::speaker::Speaker;
use crate::harness::trial::Trial;
use crate::test_all::checks::faults::{serve_at_once, serve_one};
use crate::test_all::checks::{make_sure_it_rests, stay_in_bounds};

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
/// Multishot receive empties the socket before the server can stop it: `KERNEL_LIMIT` in io-uring,
/// which the kernel doubles.
const RECEIVED_AT_ONCE: u64 = 256 * 1024;
/// What a process has of its own before it does anything: its stack, its heap, what its loader
/// writes.
const MEMORY_OF_A_PROCESS: u64 = 256 * 1024;

/// How long a server must stop reading to count as holding its client back.
const HELD_BACK: Duration = Duration::from_millis(300);

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
    trial.while_loaded(|running| {
        serve_one(trial, running)?;
        let start = memory(running)?;

        let speaker = trial.connect(running)?;
        let sent = speaker.client.send_until_full(&message, HELD_BACK)?;
        stay_in_bounds(running, start, MEMORY_FOR_ONE)?;
        if trial.server.concurrency.limit() != Some(1) {
            serve_one(trial, running)?;
        }

        thread::scope(|scope| {
            let sender = scope.spawn(|| {
                speaker.client.send(&message[sent..])?;
                speaker.client.half_close()
            });
            speaker.receive_answers(&message)?;
            sender.join().expect("the sending thread does not panic")
        })?;
        stay_in_bounds(running, start, MEMORY_FOR_ONE)?;
        Ok(Verdict::Pass)
    })
}

pub fn unread_crowd(trial: &Trial<'_>) -> Outcome {
    if let Some(reason) = inapplicable(trial.server.talk) {
        return Ok(Verdict::Skip(reason));
    }
    let serves_all = trial.server.concurrency.limit().is_none();
    let message = flood(trial.server.talk, UNREAD_BY_EACH);
    trial.while_loaded(|running| {
        serve_one(trial, running)?;
        let start = memory(running)?;
        let bound = CROWD as u64 * memory_for_each(trial.server);

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
        _ if server.asks_io_uring() => MEMORY_FOR_EACH + RECEIVED_AT_ONCE,
        _ => MEMORY_FOR_EACH,
    }
}

/// Why a server cannot be asked.
fn inapplicable(talk: Talk) -> Option<&'static str> {
    match talk {
        Talk::Once(_) => Some(ONE_MESSAGE),
        Talk::Accepts => Some(READS_NOTHING),
        _ => None,
    }
}

/// About `size` bytes to send.
fn flood(talk: Talk, size: usize) -> Vec<u8> {
    match talk {
        // Lines as long as the pool takes them: each costs it the same, however short.
        Talk::Lines => format!("{} 19\n", "x".repeat(1000)).repeat(size / 1004).into_bytes(),
        // 25 letters: whoever loses 1,024 bytes, or another power of two, shifts what follows.
        _ => b"abcdefghijklmnopqrstuvwxy".repeat(size / 25),
    }
}

/// Lets all clients send at once, each until it is held back; returns how many bytes each sent.
fn send_until_full(crowd: &[(Speaker, &[u8])]) -> Outcome<Vec<usize>> {
    thread::scope(|scope| {
        let senders: Vec<_> = crowd
            .iter()
            .map(|(speaker, data)| scope.spawn(|| speaker.client.send_until_full(data, HELD_BACK)))
            .collect();
        senders
            .into_iter()
            .map(|sender| sender.join().expect("a sending thread does not panic"))
            .collect()
    })
}

/// Lets all clients close their sending side and receive the answers to what they sent.
fn receive_answers(crowd: &[(Speaker, &[u8])], sent: &[usize]) -> Outcome<()> {
    let receive = |speaker: &Speaker, data| {
        speaker.client.make_room_to_read()?;
        speaker.client.half_close()?;
        speaker.receive_answers(data)
    };
    thread::scope(|scope| {
        let receivers: Vec<_> = crowd
            .iter()
            .zip(sent)
            .map(|((speaker, data), sent)| scope.spawn(|| receive(speaker, &data[..*sent])))
            .collect();
        receivers
            .into_iter()
            .try_for_each(|receiver| receiver.join().expect("a receiving thread does not panic"))
    })
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
        if Instant::now() > deadline {
            return Err(failure);
        }
    }
}
