//! What a process does while the kernel copies data to it.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use epoll::uring::{Completion, Options, Ring, Setup};
use nonblocking::{Signals, watch};
use procfs::process::Process;
use rustix::event::PollFlags;
use rustix::thread::gettid;

use crate::claims::claim::{Answer, Measured};
use crate::claims::measure::sockets::{wait_for, wait_for_bytes};
use crate::claims::measure::time::{figure, medians, micros};
use xtask::harness::client::DEADLINE;

/// What is there to be read, in bytes: little and much; a ring has buffers of another size.
const LITTLE: usize = 1;
const MUCH: usize = 64 * 1024;
const BUFFER: usize = 16 * 1024;
const ROUNDS: usize = 51;

/// How a process learns that data is there; each then reads it.
#[derive(Clone, Copy, PartialEq)]
enum Model {
    Blocking,
    NonBlocking,
    Multiplexing,
    SignalDriven,
}

const MODELS: [Model; 4] =
    [Model::Blocking, Model::NonBlocking, Model::Multiplexing, Model::SignalDriven];

/// Whether blocking, non-blocking, multiplexing and signal-driven I/O all hold the process while
/// the kernel copies.
pub fn copying_holds_the_process() -> Result<Measured> {
    // The signals are blocked in a thread of its own: no other one has to know of them.
    thread::spawn(measure).join().expect("a reader does not panic")
}

fn measure() -> Result<Measured> {
    let mut signals = Signals::new().context("block signals")?;
    let mut slept = 0;
    let [little, much] = [LITTLE, MUCH].map(|count| {
        medians(ROUNDS, |model| {
            let (time, sleeps) = read(MODELS[model], count, &mut signals)?;
            slept += sleeps;
            Ok(time)
        })
    });
    let (little, much) = (little?, much?);
    let all = |times: [f64; MODELS.len()]| times.map(figure).join(", ");
    let figures = format!(
        "64 KiB: {} µs in recv (1 byte: {}), asleep: {slept} times; {}",
        all(much),
        all(little),
        ask_ring()?
    );
    Ok((judge(little, much), figures))
}

fn judge(little: [f64; MODELS.len()], much: [f64; MODELS.len()]) -> Answer {
    // What a call takes for one byte is its own price.
    match little.iter().zip(much).filter(|(little, much)| *much > 2.0 * **little).count() {
        0 => Answer::False,
        count if count == MODELS.len() => Answer::Holds,
        _ => Answer::Depends,
    }
}

/// Lets `count` bytes come to a socket, learns it as the model does, and reads them; returns how long
/// that call takes, in microseconds, and how often it sleeps. The socket is a local one: one of TCP
/// also sends an acknowledgement in some of the calls that read.
fn read(model: Model, count: usize, signals: &mut Signals) -> Result<(f64, u64)> {
    let (mut client, mut conn) = UnixStream::pair().context("a pair of sockets")?;
    if model == Model::NonBlocking {
        conn.set_nonblocking(true).context("do not block")?;
        let early = conn.read(&mut [0]).map_err(|error| error.kind());
        ensure!(early == Err(ErrorKind::WouldBlock), "a read before the data: {early:?}");
    } else if model == Model::SignalDriven {
        watch(conn.as_raw_fd()).context("ask for signals")?;
    }
    client.write_all(&vec![b'x'; count]).context("send")?;
    if model == Model::Multiplexing {
        wait_for(&conn, PollFlags::IN)?;
    } else if model == Model::SignalDriven {
        let count = signals.take(Some(DEADLINE)).context("take signals")?.count();
        ensure!(count > 0, "no signal comes");
    }
    wait_for_bytes(&conn, count)?;
    let mut data = vec![1; count];
    let (slept, start) = (sleeps()?, Instant::now());
    let length = conn.read(&mut data).context("read")?;
    let time = start.elapsed();
    ensure!(length == count, "{length} bytes came, and not {count}");
    Ok((micros(time), sleeps()? - slept))
}

/// How often this thread went to sleep so far.
fn sleeps() -> Result<u64> {
    let task = Process::myself()?.task_from_tid(gettid().as_raw_pid())?;
    task.status()?.voluntary_ctxt_switches.context("the switches of a thread")
}

/// How long io_uring_enter takes that asks for data that is there, much and little, and for data
/// that comes afterwards.
fn ask_ring() -> Result<String> {
    // The plain way completes in the call what is possible then.
    let options = Options { setup: Some(Setup::Plain), ..Options::default() };
    let mut ring = match Ring::new(options) {
        Ok(ring) => ring,
        Err(error) => return Ok(format!("{error:#}")),
    };
    let (mut client, conn) = UnixStream::pair().context("a pair of sockets")?;
    let mut completions = Vec::new();
    let [much, little, later] = medians(ROUNDS, |place| {
        let data = vec![b'x'; if place == 1 { LITTLE } else { BUFFER }];
        let mut send = || client.write_all(&data).context("send");
        if place < 2 {
            send()?;
            wait_for_bytes(&conn, data.len())?;
        }
        ring.receive(conn.try_clone().context("copy a descriptor")?.into());
        let start = Instant::now();
        ring.hand_over()?;
        let time = start.elapsed();
        if place == 2 {
            send()?;
        }
        ring.wait(&mut completions)?;
        let Some(Completion::Received { data: Ok(Some(buffer)), .. }) = completions.pop() else {
            bail!("io_uring does not receive");
        };
        ensure!(buffer.len() == data.len(), "{} bytes came", buffer.len());
        ring.give_back(buffer);
        Ok(micros(time))
    })?;
    Ok(format!(
        "io_uring_enter with 16 KiB there: {} (1 byte: {}), before they come: {}",
        figure(much),
        figure(little),
        figure(later)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_the_calls_decides() {
        let answer = |much| judge([0.5; 4], much);
        assert_eq!(answer([9.0; 4]), Answer::Holds);
        assert_eq!(answer([9.0, 9.0, 9.0, 0.5]), Answer::Depends);
        assert_eq!(answer([0.5; 4]), Answer::False);
    }
}
