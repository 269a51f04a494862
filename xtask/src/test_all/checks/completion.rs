//! A server that asks the kernel for work instead of calling it (io_uring(7)).

use epoll::uring::{Options, Ring, Setup};
use rustix::process::Signal;

use crate::harness::client::Client;
use crate::harness::launch::Running;
use crate::harness::outcome::{Outcome, Verdict, fail};
use crate::harness::preload::{NO_RING_KNOWN, ONE_RING_KNOWN};
use crate::harness::proc::number;
use crate::harness::process::{look_at, signal_all, stop, wait_for_descriptors};
use crate::harness::speaker::Speaker;
use crate::harness::trial::Trial;
use crate::test_all::checks::crowd::{flood, receive_answers, send_until_full};
use crate::test_all::checks::steps::{descriptors_after_one_client, refused, serve_one};

/// Messages of one client: a call that moved some of them would be counted.
const MESSAGES: usize = 200;

/// More clients than the server has buffers, of which each that has spoken takes one.
const CLIENTS: usize = 600;

/// A ring with so little room that what happens does not fit, and how it is set up.
const SMALL_RINGS: [(Setup, &[&str]); 3] = [
    (Setup::Deferred, &["--quiet", "--completions", "8", "--buffers", "4", "--setup", "deferred"]),
    (
        Setup::Cooperative,
        &["--quiet", "--completions", "8", "--buffers", "4", "--setup", "cooperative"],
    ),
    (Setup::Plain, &["--quiet", "--completions", "8", "--buffers", "4", "--setup", "plain"]),
];
/// Clients that do not read, and what each of them sends at most.
const SLOW: usize = 10;
const UNREAD_BY_EACH: usize = 256 * 1024;
/// The others beside them.
const QUICK: usize = 100;

/// What nobody but io_uring(7) needs.
const CALLS: &str = "sends and receives by system calls of its own";

pub fn completions(trial: &Trial<'_>) -> Outcome {
    if !trial.server.asks_io_uring() {
        return Ok(Verdict::Skip(CALLS));
    }
    let preload = &trial.preload(&[])?;
    trial.loaded().under(preload).run(|running| {
        let speaker = trial.connect(running)?;
        let before = reads_and_writes(running)?;
        for number in 0..MESSAGES {
            speaker.exchange(number)?;
        }
        let counts = preload.counts()?;
        if counts.received + counts.cut_sends + counts.refused > 0 {
            return fail("no recv(2) and no send(2) of the server", format!("{counts:?}"));
        }
        let calls = reads_and_writes(running)? - before;
        if calls > 0 {
            return fail("no read(2) and no write(2) of the server", calls);
        }
        if counts.refused_by_ring == 0 {
            return fail("calls of io_uring_enter(2) that fail", format!("{counts:?}"));
        }
        Ok(Verdict::Pass)
    })?;
    trial.loaded().run(|running| {
        let speakers = come(trial, running, CLIENTS)?;
        all_speak_at_once(trial, running, &speakers)
    })
}

/// How often the server has called read(2), write(2) and the like (/proc/PID/io).
fn reads_and_writes(running: &Running) -> Outcome<u64> {
    let calls = look_at(running, |process| {
        let io = process.read("io")?;
        Ok(number(&io, "syscr")? + number(&io, "syscw")?)
    })?;
    Ok(calls.iter().sum())
}

fn come(trial: &Trial<'_>, running: &Running, count: usize) -> Outcome<Vec<Speaker>> {
    (0..count).map(|number| trial.connect_patiently(running, number)).collect()
}

/// All clients speak while the server is stopped: it finds more messages than it has buffers, and
/// answers all of them.
fn all_speak_at_once(trial: &Trial<'_>, running: &Running, speakers: &[Speaker]) -> Outcome {
    let talk = trial.server.talk;
    stop(running)?;
    for (number, speaker) in speakers.iter().enumerate() {
        speaker.client.send(&talk.message(number))?;
    }
    signal_all(running, Signal::CONT)?;
    for (number, speaker) in speakers.iter().enumerate() {
        speaker.client.receive(&talk.reply(&talk.message(number), speaker.client.addr))?;
    }
    Ok(Verdict::Pass)
}

pub fn small_ring(trial: &Trial<'_>) -> Outcome {
    if !trial.server.asks_io_uring() {
        return Ok(Verdict::Skip(CALLS));
    }
    for (setup, args) in SMALL_RINGS {
        let options = Options { setup: Some(setup), completions: 8, buffers: 4 };
        // A kernel may know the plain way alone.
        if setup != Setup::Plain && Ring::new(options).is_err() {
            continue;
        }
        let mut running = trial.launch().with(args).start()?;
        serve_beside_slow_clients(trial, &running).map_err(|failure| {
            failure.told(|actual| format!("{actual}, with `{}`", args.join(" ")))
        })?;
        running.program.is_alive()?;
    }
    Ok(Verdict::Pass)
}

/// Clients that do not read have more to send than the ring has room for. The others are all served
/// at once, and no byte is lost.
fn serve_beside_slow_clients(trial: &Trial<'_>, running: &Running) -> Outcome {
    let text = flood(trial.server.talk, UNREAD_BY_EACH);
    let quick = come(trial, running, QUICK)?;
    let slow: Outcome<Vec<_>> = (0..SLOW)
        .map(|number| {
            let client = Client::connect_with_little_room(running.addr)?;
            Ok((Speaker::new(client, running, trial.server), &text[number..]))
        })
        .collect();
    let slow = slow?;
    let sent = send_until_full(&slow)?;
    all_speak_at_once(trial, running, &quick)?;
    // One alone: nothing else happens that would bring its message.
    for (number, speaker) in quick.iter().enumerate() {
        speaker.exchange(number)?;
    }
    receive_answers(&slow, &sent)?;
    all_speak_at_once(trial, running, &quick)?;
    drop(slow);
    // All leave at once.
    let open = descriptors_after_one_client(trial, running)? - quick.len();
    stop(running)?;
    drop(quick);
    signal_all(running, Signal::CONT)?;
    wait_for_descriptors(running, open)?;
    Ok(Verdict::Pass)
}

pub fn old_kernel(trial: &Trial<'_>) -> Outcome {
    if !trial.server.asks_io_uring() {
        return Ok(Verdict::Skip(CALLS));
    }
    let preload = trial.preload(&[NO_RING_KNOWN])?;
    let line = trial.loaded().under(&preload).line();
    refused(trial, &line, &["io_uring_setup", "Linux 5.19"])?;
    let preload = &trial.preload(&[ONE_RING_KNOWN])?;
    trial.loaded().under(preload).run(|running| {
        serve_one(trial, running)?;
        Ok(Verdict::Pass)
    })
}
