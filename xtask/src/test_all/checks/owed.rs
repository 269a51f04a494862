//! A client that is owed its last answer: the server has read all that the client sent, and the
//! kernel has refused the answer to the last of it.

use std::thread;
use std::time::{Duration, Instant};

use crate::catalog::Talk;
use crate::harness::client::{Client, DEADLINE};
use crate::harness::inside;
use crate::harness::launch::Running;
use crate::harness::outcome::{Expect, Outcome, time_out};
use crate::harness::preload::Preload;
use crate::harness::speaker::Speaker;
use crate::harness::trial::Trial;

/// The send buffer of the server's socket while it fills: [`FULL`] is less than a third of it, so
/// that select(2) still reports room for the last answer.
const ROOM: usize = 32 * 1024;
/// Bytes that wait there in the end: more than the smallest send buffer holds.
const FULL: u64 = 6 * 1024;
/// What the client sends at once until then.
const PIECE: usize = 4 * 1024;

/// A client that is owed its last answer.
pub struct Owed {
    /// The client, which has read nothing, not even its greeting.
    pub speaker: Speaker,
    /// All that it sent.
    pub sent: Vec<u8>,
    /// How many bytes wait for it, from its greeting to its last answer.
    pub answers: usize,
}

/// Makes the first client of a preloaded server wait for its last answer; `None` where the system
/// lets nobody at the server's socket.
///
/// # Errors
/// When the server does not answer, or the kernel refuses nothing.
pub fn owe_the_last_answer(
    trial: &Trial<'_>,
    running: &Running,
    preload: &Preload,
) -> Outcome<Option<Owed>> {
    let client = Client::connect_with_little_room_to_read(running.addr)?;
    let speaker = Speaker::new(client, running, trial.server);
    // The copy is dropped at once: epoll forgets a socket only when all copies are closed.
    match inside::connection(running, speaker.client.addr)? {
        Some(socket) => socket.set_send_buffer_size(ROOM).expect_to("a send buffer of 32 KiB")?,
        None => return Ok(None),
    }
    let mut sent = Vec::new();
    while waiting(&speaker, preload)? < FULL {
        let piece = piece(trial.server.talk);
        speaker.client.send(&piece)?;
        sent.extend(piece);
        wait_until_answered(&speaker, &sent, preload)?;
    }

    let refused = preload.counts()?.refused;
    preload.give_little_room(true)?;
    let last = last(trial.server.talk);
    speaker.client.send(last)?;
    sent.extend(last);
    wait_for_refusal(preload, refused)?;
    preload.give_little_room(false)?;
    let answers = speaker.answers_length(&sent, preload.counts()?.received);
    Ok(Some(Owed { speaker, sent, answers }))
}

/// Waits until the kernel has refused more than `before` sends of the server, or made them wait for
/// room.
fn wait_for_refusal(preload: &Preload, before: u64) -> Outcome<()> {
    let deadline = Instant::now() + DEADLINE;
    while preload.counts()?.refused <= before {
        if Instant::now() > deadline {
            return time_out(
                "a send that the kernel refuses",
                format!("{:?} after {} s", preload.counts()?, DEADLINE.as_secs()),
            );
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// Bytes that wait in the server's socket until the client has room for them.
fn waiting(speaker: &Speaker, preload: &Preload) -> Outcome<u64> {
    let arrived = speaker.client.unread()?;
    Ok(preload.counts()?.sent_bytes.saturating_sub(arrived))
}

/// Waits until the server has read all of `sent` and given all answers to it to the kernel.
fn wait_until_answered(speaker: &Speaker, sent: &[u8], preload: &Preload) -> Outcome<()> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let counts = preload.counts()?;
        let answers = speaker.answers_length(sent, counts.received) as u64;
        if counts.received_bytes == sent.len() as u64 && counts.sent_bytes == answers {
            return Ok(());
        }
        if Instant::now() > deadline {
            return time_out(
                format!("{} bytes are read and {answers} bytes answer them", sent.len()),
                format!("{} are read, and {}", counts.received_bytes, counts.sent_bytes),
            );
        }
        thread::sleep(Duration::from_micros(100));
    }
}

fn piece(talk: Talk) -> Vec<u8> {
    match talk {
        Talk::Lines => "name 19\n".repeat(PIECE / 8).into_bytes(),
        _ => vec![b'a'; PIECE],
    }
}

/// A message with one answer, however the kernel cuts it.
fn last(talk: Talk) -> &'static [u8] {
    match talk {
        Talk::Lines => b"last 1\n",
        _ => b"z",
    }
}
