//! A client that is owed its last answer: the server has read all that the client sent, and the
//! kernel has refused the answer to the last of it.

use std::thread;
use std::time::{Duration, Instant};

use crate::catalog::Talk;
use crate::harness::client::{Client, DEADLINE};
use crate::harness::inside;
use crate::harness::launch::Running;
use crate::harness::outcome::{Expect, Outcome, time_out};
use crate::harness::preload::{Counts, Preload};
use crate::harness::speaker::Speaker;
use crate::harness::trial::Trial;

/// The buffers of the server's socket while it fills: [`FULL`] is less than a third of it, so
/// that select(2) still reports room for the last answer.
const ROOM: usize = 32 * 1024;
/// Bytes that wait there in the end: more than the smallest send buffer holds.
const FULL: u64 = 6 * 1024;
/// What the client sends at once until then.
const PIECE: usize = 4 * 1024;

/// How long all of that takes at most where every answer is short and needs a read of its own.
const REFUSAL: Duration = Duration::from_secs(30);

/// A client that is owed its last answer.
pub struct Owed {
    /// The client, which has read nothing, not even its greeting.
    pub speaker: Speaker,
    /// All that it sent.
    pub sent: Vec<u8>,
    /// How many bytes wait for it, from its greeting to its last answer.
    pub answers: usize,
}

/// Makes the first client of a preloaded server wait for its last answer.
///
/// # Errors
/// When the server does not answer, or the kernel refuses nothing.
pub fn owe_the_last_answer(
    trial: &Trial<'_>,
    running: &Running,
    preload: &Preload,
) -> Outcome<Owed> {
    let client = Client::connect_with_little_room_to_read(running.addr)?;
    let speaker = Speaker::new(client, running, trial.server);
    let socket = inside::connection(running, speaker.client.addr)?;
    socket.set_send_buffer_size(ROOM).expect_to("a send buffer of 32 KiB")?;
    // Where the system's own buffers are tiny, two full directions hold each other up for seconds.
    socket.set_recv_buffer_size(ROOM).expect_to("a receive buffer of 32 KiB")?;
    // epoll forgets a socket only when all copies are closed.
    drop(socket);
    let talk = trial.server.talk;
    let mut sent = Vec::new();
    let deadline = Instant::now() + REFUSAL;
    while Instant::now() < deadline {
        if waiting(&speaker, preload)? < FULL {
            say(&speaker, &mut sent, &piece(talk))?;
            wait_for(preload, &speaker, &sent, |_| false)?;
            continue;
        }
        let before = preload.counts()?.refused;
        preload.give_little_room(true)?;
        say(&speaker, &mut sent, last(talk))?;
        let refused = wait_for(preload, &speaker, &sent, |counts| counts.refused > before)?;
        preload.give_little_room(false)?;
        if refused {
            let answers = speaker.answers_length(&sent, preload.counts()?.received);
            return Ok(Owed { speaker, sent, answers });
        }
        // Some of what waited was only on its way to the client, or the kernel has put the answer
        // into a packet that waits with room for more: some answers later that is full.
    }
    time_out("a send that the kernel refuses", format!("{:?}", preload.counts()?))
}

fn say(speaker: &Speaker, sent: &mut Vec<u8>, message: &[u8]) -> Outcome<()> {
    sent.extend(message);
    speaker.client.send(message)
}

/// Bytes that wait in the server's socket until the client has room for them, or are on their way.
fn waiting(speaker: &Speaker, preload: &Preload) -> Outcome<u64> {
    let arrived = speaker.client.unread()?;
    Ok(preload.counts()?.sent_bytes.saturating_sub(arrived))
}

/// Waits until the counts are `as_wanted`, and says so, or until the server has read all of `sent`
/// and the kernel has taken all answers to it.
fn wait_for(
    preload: &Preload,
    speaker: &Speaker,
    sent: &[u8],
    as_wanted: impl Fn(&Counts) -> bool,
) -> Outcome<bool> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let counts = preload.counts()?;
        if as_wanted(&counts) {
            return Ok(true);
        }
        let answers = speaker.answers_length(sent, counts.received) as u64;
        if counts.received_bytes == sent.len() as u64 && counts.sent_bytes == answers {
            return Ok(false);
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
