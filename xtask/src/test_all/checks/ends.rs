//! Ends that a server seldom sees: a client that leaves while replies are owed to it, and a broken
//! listener.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::catalog::Talk;
use crate::harness::client::Client;
use crate::harness::inside::{self, STANDSTILL};
use crate::harness::launch::Running;
use crate::harness::outcome::{Expect, Outcome, Verdict, fail, if_possible};
use crate::harness::preload::SEND_ONE_BYTE;
use crate::harness::process::{descriptors, signal_all, stop, wait_for_descriptors_within};
use crate::harness::sock_diag;
use crate::harness::speaker::Speaker;
use crate::harness::trial::Trial;
use crate::test_all::checks::owed::owe_the_last_answer;
use crate::test_all::checks::steps::{
    descriptors_after_one_client, make_sure_it_rests, serve_another, serve_one,
};

/// How soon a client's descriptor is closed once it is gone, and the server ends without its
/// listener.
const SOON: Duration = Duration::from_secs(1);

/// The send buffer of the server's socket, so that it soon owes what it cannot send.
const LITTLE_ROOM: usize = 4 * 1024;
/// What the client sends: in replies it is more than its own buffer and the server's hold.
const OWED: usize = 48 * 1024;
/// What the listings that answer each read by the same text read at once.
const READ: usize = 1024;
/// As [`STANDSTILL`], of a program of somebody else, which may be slow.
const LONG_STANDSTILL: Duration = Duration::from_millis(500);
/// Clients that reset while the server sends.
const RESETS: usize = 3;

const ONE_MESSAGE: &str = "owes nothing: it reads one message of a client, or none";

type Leave = fn(Client) -> Outcome<()>;

/// The ways in which a client leaves that is owed replies.
const WAYS: [(&str, Leave); 3] = [
    ("resets", Client::reset),
    ("half-closes and then resets", |client| {
        client.half_close()?;
        client.reset()
    }),
    // With bytes unread, close(2) ends the connection by a reset (RFC 1122, 4.2.2.13).
    ("closes with data unread", |client| {
        drop(client);
        Ok(())
    }),
];

pub fn owed_and_gone(trial: &Trial<'_>) -> Outcome {
    if !trial.server.talk.converses() {
        return Ok(Verdict::Skip(ONE_MESSAGE));
    }
    if !sock_diag::is_told() {
        return Ok(Verdict::Skip(sock_diag::UNTOLD));
    }
    trial.loaded().run(|running| {
        let other = match trial.server.concurrency.limit() {
            Some(1) => None,
            _ => Some(trial.connect(running)?),
        };
        if let Some(other) = &other {
            other.be_greeted()?;
            other.exchange(0)?;
        }
        let open = descriptors(running)?;
        for (way, leave) in WAYS {
            let client = be_owed(trial, running)?;
            if let Some(other) = &other {
                other.exchange(1)?;
            }
            let addr = client.addr;
            leave(client)?;
            be_closed_soon(running, addr, open, way)?;
            match &other {
                Some(other) => other.exchange(1)?,
                None => serve_one(trial, running)?,
            }
        }
        make_sure_it_rests(trial, running)
    })?;
    if trial.server.asks_io_uring() || trial.server.is_foreign() {
        // No call of libc sends that could be cut into bytes, or a library may not reach it.
        return Ok(Verdict::Pass);
    }
    leave_while_it_sends(trial)
}

/// A server that sends byte by byte: a client that is owed its last answer closes its sending side
/// and then resets, and others reset between two sends, so that not select(2) or the like reports
/// it, but send.
fn leave_while_it_sends(trial: &Trial<'_>) -> Outcome {
    let message = owed_message(trial.server.talk);
    let preload = &trial.preload(&[SEND_ONE_BYTE])?;
    trial.loaded().under(preload).run(|running| {
        // It has no more descriptors open than now once a client has come and gone.
        let owed = owe_the_last_answer(trial, running, preload)?;
        let open = descriptors(running)? - 1;
        owed.speaker.client.half_close()?;
        make_sure_it_rests(trial, running)?;
        let addr = owed.speaker.client.addr;
        owed.speaker.client.reset()?;
        be_closed_soon(running, addr, open, "resets that is owed its last answer")?;
        serve_another(trial, running)?;
        let open = descriptors(running)?;
        for _ in 0..RESETS {
            let speaker = trial.connect(running)?;
            speaker.client.send_until_full(&message, STANDSTILL)?;
            speaker.client.receive_some(1)?;
            let addr = speaker.client.addr;
            speaker.client.reset()?;
            be_closed_soon(running, addr, open, "resets between sends")?;
        }
        serve_another(trial, running)?;
        Ok(Verdict::Pass)
    })
}

/// Makes sure that the server soon has no more than `open` descriptors, once it can know that the
/// client at `addr` is gone, which left in this way.
fn be_closed_soon(running: &Running, addr: SocketAddr, open: usize, way: &str) -> Outcome<()> {
    inside::wait_until_reset(running, addr)?;
    wait_for_descriptors_within(SOON, running, open)
        .map_err(|failure| failure.told(|actual| format!("{actual} when a client {way}")))
}

/// An urgent byte is within a message, and all of it is there before the server reads: its
/// first read stops at that byte (tcp(7)), and what follows is to be answered, too.
fn within_a_message(trial: &Trial<'_>, running: &Running, speaker: &Speaker) -> Outcome<()> {
    stop(running)?;
    speaker.client.send(b"before")?;
    speaker.client.send_urgent()?;
    speaker.client.send(b"behind")?;
    signal_all(running, Signal::CONT)?;
    let reply = trial.server.talk.reply(b"beforebehind", speaker.client.addr);
    speaker.client.receive(&reply)
}

/// A message with answers that no client's buffers hold.
fn owed_message(talk: Talk) -> Vec<u8> {
    match talk {
        Talk::Lines => "name 19\n".repeat(OWED / 8).into_bytes(),
        Talk::Reads(text) => vec![b'a'; OWED / text.len() * READ],
        _ => vec![b'a'; OWED],
    }
}

/// A client that the server cannot send more to, and has read from as much as it will.
fn be_owed(trial: &Trial<'_>, running: &Running) -> Outcome<Client> {
    let client = Client::connect_with_little_room_to_read(running.addr)?;
    let speaker = Speaker::new(client, running, trial.server);
    let socket = inside::connection(running, speaker.client.addr)?;
    let little = socket.set_send_buffer_size(LITTLE_ROOM);
    little.expect_to("a small send buffer")?;
    speaker.be_greeted()?;
    let message = owed_message(trial.server.talk);
    let standstill = if trial.server.is_foreign() { LONG_STANDSTILL } else { STANDSTILL };
    let (mut left, mut sent) = (&message[..], 1);
    while sent > 0 {
        sent = speaker.client.send_until_full(left, standstill)?;
        inside::wait_until_it_reads_no_more(&socket, standstill)?;
        left = &left[sent..];
    }
    Ok(speaker.client)
}

pub fn broken_listener(trial: &Trial<'_>) -> Outcome {
    let mut running = trial.launch().start()?;
    serve_one(trial, &running)?;
    let listener = inside::listener(&running)?;
    let shut = listener.shutdown(std::net::Shutdown::Both);
    shut.expect_to("a listener to shut down")?;
    drop(listener);
    let start = Instant::now();
    let status = running.program.end()?;
    running.output.wait_for_end();
    let took = start.elapsed();
    // Some servers log on standard error, too; what `main` returns begins with this word.
    let errors = running.output.errors().into_iter();
    let errors: Vec<String> = errors.filter(|line| line.starts_with("Error: ")).collect();
    match errors.as_slice() {
        [line] if line.contains("accept") && status.code() == Some(1) && took < SOON => {
            Ok(Verdict::Pass)
        }
        lines => fail(
            "one line `Error: accept: …` on standard error, and exit 1 within a second",
            format!("{status} after {took:?}; {}", lines.join(" / ")),
        ),
    }
}

pub fn urgent_data(trial: &Trial<'_>) -> Outcome {
    let talk = trial.server.talk;
    if let Talk::Accepts = talk {
        return Ok(Verdict::Skip("reads nothing"));
    }
    trial.launch().run(|running| {
        let before_a_message = trial.connect(running)?;
        before_a_message.be_greeted()?;
        before_a_message.client.send_urgent()?;
        if trial.server.urgent_data_ends_it {
            before_a_message.client.receive_close()?;
            let between_messages = trial.connect(running)?;
            between_messages.exchange(1)?;
            between_messages.client.send_urgent()?;
            between_messages.client.receive_close()?;
            let open = descriptors_after_one_client(trial, running)?;
            if let Some(owed) = if_possible(be_owed(trial, running))? {
                owed.send_urgent()?;
                wait_for_descriptors_within(SOON, running, open)?;
            }
            make_sure_it_rests(trial, running)?;
        } else {
            // Only now: what the client says next takes the urgent byte with it.
            make_sure_it_rests(trial, running)?;
            before_a_message.exchange(1)?;
            if talk.converses() {
                before_a_message.client.send_urgent()?;
                before_a_message.exchange(2)?;
            }
            if let Talk::Stream(_) = talk {
                within_a_message(trial, running, &before_a_message)?;
            }
            before_a_message.leave()?;
        }
        serve_one(trial, running)?;
        Ok(Verdict::Pass)
    })
}
