//! How a server parts with its clients: with those that are idle, and with all at its end.

use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::harness::client::{Client, DEADLINE};
use crate::harness::inside;
use crate::harness::outcome::{Expect, Outcome, Verdict, fail, time_out};
use crate::harness::process::{descriptors, wait_for_descriptors};
use crate::harness::sock_diag;
use crate::harness::trial::Trial;
use crate::harness::wait::{found_if, wait_for};
use crate::test_all::checks::steps::{arbitrary_bytes, descriptors_after_one_client, ended_by};

/// `--idle`, and how long that is.
const IDLE: &[&str] = &["--quiet", "--idle", "2"];
const IDLE_TIME: Duration = Duration::from_secs(2);
/// How often a client speaks that is not idle.
const INTERVAL: Duration = Duration::from_millis(100);

/// More than the buffers of both sides hold.
const MESSAGE: usize = 8 * 1024 * 1024;
/// How long the server stops reading that holds its client back.
const HELD_BACK: Duration = Duration::from_millis(300);
/// The send buffer of the server's socket: what is in it is sent within the second.
const LITTLE_ROOM: usize = 64 * 1024;
/// How soon it ends whose client does not read: after its second, on a machine that is busy.
const END: Duration = Duration::from_secs(3);

/// What its client receives last, more than its own buffer holds. Before that it waits until the
/// server says that no more comes, and a little longer: one that loses the rest closes then. While a
/// client with a full buffer waits longer, TCP tries again later and later.
const LAST: usize = 16 * 1024;
const PATIENCE: Duration = Duration::from_millis(100);
const A_LITTLE: Duration = Duration::from_millis(20);

/// How soon it listens no more, long before its end.
const REFUSED: Duration = Duration::from_millis(500);
/// How often it is tried whether a client can still connect.
const ATTEMPTS: usize = 3;

const NO_MANNERS: &str = "closes nobody for being idle, and ends at once by a signal";

pub fn idle_clients(trial: &Trial<'_>) -> Outcome {
    if !trial.server.has_manners {
        return Ok(Verdict::Skip(NO_MANNERS));
    }
    let mut running = trial.launch().with(IDLE).start()?;
    let open = descriptors_after_one_client(trial, &running)?;
    let never_reads = Client::connect_with_little_room_to_read(running.addr)?;
    never_reads.send_until_full(&arbitrary_bytes(MESSAGE), HELD_BACK)?;
    let talks = trial.connect(&running)?;
    let silent = trial.connect(&running)?;
    let since = Instant::now();
    silent.exchange(0)?;
    // The one that talks stays, whatever becomes of the others.
    while descriptors(&running)? > open + 1 {
        if since.elapsed() > DEADLINE {
            return time_out("two idle clients that are closed", "they are not");
        }
        talks.exchange(1)?;
        thread::sleep(INTERVAL);
    }
    if since.elapsed() < IDLE_TIME {
        return fail(format!("closed after {IDLE_TIME:?}"), format!("{:?}", since.elapsed()));
    }
    silent.client.receive_end()?;
    talks.exchange(2)?;
    talks.leave()?;
    wait_for_descriptors(&running, open)?;
    running.program.is_alive()?;
    Ok(Verdict::Pass)
}

pub fn owed_at_the_end(trial: &Trial<'_>) -> Outcome {
    if !trial.server.has_manners {
        return Ok(Verdict::Skip(NO_MANNERS));
    }
    if !sock_diag::is_told() {
        return Ok(Verdict::Skip(sock_diag::UNTOLD));
    }
    for _ in 0..ATTEMPTS {
        if one_reads(trial)? {
            break;
        }
    }
    for _ in 0..ATTEMPTS {
        if one_never_reads(trial)? {
            return Ok(Verdict::Pass);
        }
    }
    fail("no further client between the signal and the end", "they connect")
}

/// It ends, whether its client reads or not. Returns whether nobody could connect before that: on a
/// machine that is busy, nobody may have tried.
fn one_never_reads(trial: &Trial<'_>) -> Outcome<bool> {
    let mut running = trial.launch().with(&["--quiet"]).start()?;
    let never_reads = Client::connect_with_little_room_to_read(running.addr)?;
    never_reads.send_until_full(&arbitrary_bytes(MESSAGE), HELD_BACK)?;
    let start = Instant::now();
    running.program.signal(Signal::TERM)?;
    wait_for("a port that is closed", || {
        let connected = match Client::connect(running.addr) {
            Err(failure) if failure.is_lack() => return Err(failure),
            connected => connected.is_ok(),
        };
        Ok(found_if(!connected, "one connects"))
    })?;
    let refused = start.elapsed() < REFUSED;
    ended_by(&mut running, Signal::TERM, start, END)?;
    Ok(refused)
}

/// A client that is held back when the signal comes gets the answers to all that was read. Returns
/// whether the server could have lost some: on a machine that is busy, it may be late.
fn one_reads(trial: &Trial<'_>) -> Outcome<bool> {
    let preload = trial.preload(&[])?;
    let mut running = trial.loaded().under(&preload).start()?;
    let silent = trial.connect(&running)?;
    silent.exchange(0)?;
    let client = Client::connect_with_little_room_to_read(running.addr)?;
    let socket = inside::connection(&running, client.addr)?;
    socket.set_send_buffer_size(LITTLE_ROOM).expect_to("a send buffer of that size")?;
    let before = preload.counts()?.received_bytes;
    let message = arbitrary_bytes(MESSAGE);
    client.send_until_full(&message, HELD_BACK)?;
    inside::wait_until_it_reads_no_more(&socket, inside::STANDSTILL)?;
    // With a copy of it open, the client would not see the server close it.
    drop(socket);
    let read = (preload.counts()?.received_bytes - before) as usize;
    let start = Instant::now();
    running.program.signal(Signal::TERM)?;
    let mut received = client.receive_some(read.saturating_sub(LAST))?;
    // What is not received yet waits in the kernel of a server that has sent all.
    let patience = Instant::now() + PATIENCE;
    while !inside::is_shut(&running, client.addr)? && Instant::now() < patience {
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(A_LITTLE);
    let could_lose = inside::is_shut(&running, client.addr)?;
    // It may read and answer some more before it knows of the signal.
    received.extend(client.receive_all()?);
    if received.len() < read || !message.starts_with(&received) {
        return fail(format!("the {read} bytes that it has read"), format!("{}", received.len()));
    }
    silent.client.receive_end()?;
    ended_by(&mut running, Signal::TERM, start, END)?;
    Ok(could_lose)
}
