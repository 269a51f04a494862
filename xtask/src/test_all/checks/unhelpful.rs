//! A kernel that cuts what is read and written, interrupts calls, and refuses sends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::catalog::Talk;
use crate::harness::client::{Client, DEADLINE};
use crate::harness::inside;
use crate::harness::launch::Running;
use crate::harness::outcome::{Expect, Outcome, Verdict, fail};
use crate::harness::preload::{Counts, Preload, REFUSE_FOURTH_DESCRIPTOR, REFUSE_THIRD_DESCRIPTOR};
use crate::harness::speaker::Speaker;
use crate::harness::threads::spawn_in;
use crate::harness::trial::Trial;
use crate::test_all::checks::owed::owe_the_last_answer;
use crate::test_all::checks::steps::{arbitrary_bytes, make_sure_it_rests, serve_another};

/// What goes through in both directions.
const VOLUME: usize = 1024 * 1024;

/// Clients of a server that takes one message of each.
const ONE_MESSAGE_CLIENTS: usize = 20;

/// The send buffer of a server's socket that is to be full: small, and yet large enough for
/// select(2), which reports room only while a third of it is free, and so lets nothing be refused
/// in the smallest one.
const LITTLE_ROOM: usize = 6 * 1024;
/// Times that the client stops reading until the server does. A server that has a socket in its
/// list twice sends in vain more often each time.
const BURSTS: usize = 6;
/// What it reads in between: more than both buffers hold.
const BURST: usize = 14 * 1024;
/// Among so few sends the share of those that are refused is an accident.
const FEW_SENDS: u64 = 50;
/// What it sends at once, again and again.
const CHUNK: usize = 16 * 1024;

/// What the system calls it (ENOSPC).
const NO_SPACE: &str = "No space left on device";

const NO_REGISTRATION: &str = "hands no client to epoll";
const READS_NOTHING: &str = "reads nothing";
const SENDS_NOTHING: &str = "sends nothing";
const ONE_MESSAGE: &str = "reads one message of a client, and closes";
/// Why the library that is preloaded changes nothing.
const PAST_LIBC: &str = "the kernel sends by itself: no call of libc is there to be cut or refused";

pub fn short_writes(trial: &Trial<'_>) -> Outcome {
    let talk = trial.server.talk;
    match talk {
        Talk::Accepts => return Ok(Verdict::Skip(READS_NOTHING)),
        Talk::Once("") => return Ok(Verdict::Skip(SENDS_NOTHING)),
        _ if trial.server.asks_io_uring() => return Ok(Verdict::Skip(PAST_LIBC)),
        _ => {}
    }
    let preload = &trial.preload(&[])?;
    trial.loaded().under(preload).run(|running| {
        if talk.converses() {
            let speaker = trial.connect(running)?;
            let message = volume(talk, VOLUME);
            let received = exchange_volume(&speaker, &message)?;
            answers_each_read(&speaker, &message, &received, preload)?;
        } else {
            for _ in 0..ONE_MESSAGE_CLIENTS {
                let speaker = trial.connect(running)?;
                speaker.be_greeted()?;
                // One byte, which nothing can cut: the server closes after its first read.
                speaker.client.send(b"x")?;
                speaker.client.receive_end()?;
            }
        }
        let counts = preload.counts()?;
        let cut = match talk {
            Talk::Once(_) => counts.cut_sends,
            _ if trial.server.trusts_short_reads => counts.cut_sends,
            _ => counts.cut_sends.min(counts.cut_receives),
        };
        if cut.min(counts.interrupted) == 0 {
            return fail(
                "sends and receives that are cut, and interrupted calls",
                format!("{counts:?}"),
            );
        }
        Ok(Verdict::Pass)
    })
}

pub fn refused_writes(trial: &Trial<'_>) -> Outcome {
    let talk = trial.server.talk;
    if !talk.converses() {
        return Ok(Verdict::Skip(ONE_MESSAGE));
    }
    if trial.server.asks_io_uring() {
        return Ok(Verdict::Skip(PAST_LIBC));
    }
    let preload = &trial.preload(&[])?;
    trial.loaded().under(preload).run(|running| {
        answers_the_last(trial, running, preload)?;
        let client = Client::connect_with_little_room_to_read(running.addr)?;
        let speaker = Speaker::new(client, running, trial.server);
        let socket = inside::connection(running, speaker.client.addr)?;
        let little = socket.set_send_buffer_size(LITTLE_ROOM);
        little.expect_to("a small send buffer")?;
        let enough = AtomicBool::new(false);
        thread::scope(|scope| {
            let send = || send_until(&enough, &speaker.client, &volume(talk, CHUNK));
            let sender = spawn_in(scope, send)?;
            let read_in_bursts = || {
                let mut received = Vec::new();
                for burst in 0..BURSTS {
                    inside::wait_until_it_reads_no_more(&socket, inside::STANDSTILL)?;
                    if !trial.server.polls {
                        seldom_sends_in_vain(&preload.counts()?)?;
                    }
                    if burst == 0 {
                        make_sure_it_rests(trial, running)?;
                    }
                    if trial.server.concurrency.limit() != Some(1) {
                        serve_another(trial, running)?;
                    }
                    received.extend(speaker.client.receive_some(BURST)?);
                }
                enough.store(true, Ordering::Relaxed);
                // With this copy open the client would not see the server close the connection.
                drop(socket);
                received.extend(speaker.client.receive_all()?);
                Ok(received)
            };
            let received = read_in_bursts();
            enough.store(true, Ordering::Relaxed);
            let sent = sender.join().expect("the sending thread does not panic");
            speaker.are_answers(&received?, &sent?)?;
            Ok(Verdict::Pass)
        })
    })
}

/// A client gets its last answer, which the kernel refused, without a word or an end that would
/// remind the server of it, and others are served meanwhile.
fn answers_the_last(trial: &Trial<'_>, running: &Running, preload: &Preload) -> Outcome<()> {
    let owed = owe_the_last_answer(trial, running, preload)?;
    if trial.server.concurrency.limit() != Some(1) {
        serve_another(trial, running)?;
    }
    let received = owed.speaker.client.receive_some(owed.answers)?;
    owed.speaker.are_answers(&received, &owed.sent)?;
    owed.speaker.leave()
}

/// Makes sure that a server asks for room before it sends: the library alone lets a quarter of all
/// sends be refused, and a full buffer some more.
fn seldom_sends_in_vain(counts: &Counts) -> Outcome<()> {
    let most = counts.cut_sends * 3 / 8 + FEW_SENDS;
    if counts.refused > most {
        let expected = format!("at most {most} of {} sends are refused", counts.cut_sends);
        return fail(expected, counts.refused);
    }
    Ok(())
}

/// Sends `chunk` again and again until there was enough, closes the sending side, and returns all
/// that it sent.
fn send_until(enough: &AtomicBool, client: &Client, chunk: &[u8]) -> Outcome<Vec<u8>> {
    let mut sent = Vec::new();
    while !enough.load(Ordering::Relaxed) {
        client.send(chunk)?;
        sent.extend(chunk);
    }
    client.half_close()?;
    Ok(sent)
}

/// Sends all of `message` while its answers are received; returns them.
fn exchange_volume(speaker: &Speaker, message: &[u8]) -> Outcome<Vec<u8>> {
    thread::scope(|scope| {
        let sender = spawn_in(scope, || {
            speaker.client.send(message)?;
            speaker.client.half_close()
        })?;
        let received = speaker.client.receive_all()?;
        speaker.are_answers(&received, message)?;
        sender.join().expect("the sending thread does not panic")?;
        Ok(received)
    })
}

/// Makes sure that each read of `message` is answered, and nothing else.
fn answers_each_read(
    speaker: &Speaker,
    message: &[u8],
    received: &[u8],
    preload: &Preload,
) -> Outcome<()> {
    let reads = preload.counts()?.received;
    let answers = speaker.answers_length(message, reads);
    if received.len() != answers {
        return fail(format!("{answers} bytes that answer {reads} reads"), received.len());
    }
    Ok(())
}

/// A client that epoll(7) cannot take, under each mechanism that uses epoll.
pub fn refused_registration(trial: &Trial<'_>) -> Outcome {
    if !trial.server.registers_clients() {
        return Ok(Verdict::Skip(NO_REGISTRATION));
    }
    let by_hand = trial.server.selectors.iter().copied().filter(|selector| *selector == "epoll");
    for selector in [None].into_iter().chain(by_hand.map(Some)) {
        refuse_second_client(&trial.with_selector(selector))?;
    }
    Ok(Verdict::Pass)
}

fn refuse_second_client(trial: &Trial<'_>) -> Outcome {
    let second_client = match trial.server.listeners {
        1 => REFUSE_THIRD_DESCRIPTOR,
        _ => REFUSE_FOURTH_DESCRIPTOR,
    };
    let preload = &trial.preload(&[second_client])?;
    trial.loaded().under(preload).run(|running| {
        let seen = running.output.count();
        let first = trial.connect(running)?;
        if trial.server.listeners > 1 {
            // Loops take their clients at the same time; this one is registered once it is
            // answered.
            first.exchange(1)?;
        }
        let refused = trial.connect(running)?;
        refused.client.receive_close()?;
        let third = trial.connect(running)?;
        running.output.have_line(DEADLINE, seen, NO_SPACE)?;
        for speaker in [first, third] {
            let message = trial.server.talk.message(0);
            speaker.client.send(&message)?;
            speaker.client.half_close()?;
            speaker.receive_answers(&message)?;
        }
        match preload.counts()?.not_registered {
            1 => Ok(Verdict::Pass),
            times => fail("one client that epoll refuses", times),
        }
    })
}

/// A message of `length` bytes that this kind of server answers.
fn volume(talk: Talk, length: usize) -> Vec<u8> {
    match talk {
        Talk::Lines => (0..).flat_map(|number| talk.message(number)).take(length).collect(),
        Talk::Stream(_) => {
            let mut data = arbitrary_bytes(length);
            // A server of text may wait for the rest of a character, so the last byte is a whole
            // one.
            data[length - 1] = b'.';
            data
        }
        _ => (0..length).map(|position| b'a' + (position % 25) as u8).collect(),
    }
}
