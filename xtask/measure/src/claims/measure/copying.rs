//! What a process does while the kernel copies data to it, and what copies cost.

use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind, Read, Write, pipe};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use epoll::uring::{Completion, Options, Ring, Setup};
use nonblocking::{Signals, watch};
use rustix::event::PollFlags;
use rustix::fs::{MemfdFlags, memfd_create, sendfile};
use rustix::io::pread;
use rustix::pipe::{SpliceFlags, splice};

use crate::claims::claim::{Answer, Measured, of_parts};
use crate::claims::measure::sockets::{connect, wait_for};
use crate::claims::measure::turns::{least, medians};
use crate::process_usage::own_time;
use crate::units::{figure, micros};
use xtask::harness::client::DEADLINE;
use xtask::harness::proc::number;

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
    // What a call takes for one byte is its own price.
    let copies = [0, 1, 2, 3].map(|model| much[model] > 2.0 * little[model]);
    Ok((of_parts(&copies), figures))
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
    let mut data = vec![1; count];
    let (slept, start) = (sleeps()?, Instant::now());
    let length = conn.read(&mut data).context("read")?;
    let time = start.elapsed();
    ensure!(length == count, "{length} bytes came, and not {count}");
    Ok((micros(time), sleeps()? - slept))
}

/// How often this thread went to sleep so far.
fn sleeps() -> Result<u64> {
    let status = fs::read_to_string("/proc/thread-self/status").context("look at this thread")?;
    Ok(number(&status, "voluntary_ctxt_switches")?)
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

/// Bytes that are sent each time, and in each call: as many as a pipe holds.
const MIB: usize = 1024 * 1024;
const FILE: usize = 4 * MIB;
const CHUNK: usize = 64 * 1024;
const TIMES: usize = 31;

/// The copies are most of what it costs where a way with them takes this many times what one without
/// them takes.
const MOST: f64 = 3.0;
/// They cost nothing below that.
const NOTHING: f64 = 1.1;

/// Sends a file to a socket that does little besides, and to one of the network, with copies through
/// the process, and without.
pub fn cached_io() -> Result<Measured> {
    // Its pages are in the page cache, and there is no disk under it that could be slow.
    let file = memfd_create("cached-io", MemfdFlags::CLOEXEC).context("memfd_create")?;
    let mut file = File::from(file);
    file.write_all(&vec![b'e'; FILE]).context("fill a file")?;
    let (sender, receiver) = UnixStream::pair().context("a pair of sockets")?;
    let unix = send_all_ways(&file, sender, receiver)?;
    let (sender, receiver) = connect()?;
    let tcp = send_all_ways(&file, sender, receiver)?;
    let told = |times: [f64; 3]| times.map(|time| format!("{time:.0}")).join(", ");
    let figures = format!(
        "processor µs of the sender's thread per MiB, read+write, sendfile, splice: UNIX socket \
         {}; TCP on the loopback interface {}",
        told(unix),
        told(tcp)
    );
    Ok((judge_cached([unix, tcp]), figures))
}

/// By what each way costs: with copies, by sendfile and by splice.
fn judge_cached(costs: [[f64; 3]; 2]) -> Answer {
    let [unix, tcp] = costs.map(|[copied, sendfile, splice]| copied / sendfile.min(splice));
    match (unix.min(tcp), unix.max(tcp)) {
        (MOST.., _) => Answer::Holds,
        (_, NOTHING..) => Answer::Depends,
        _ => Answer::False,
    }
}

/// Sends the file by each way in turns; returns the processor time of this thread for each MiB, in
/// microseconds.
fn send_all_ways<S>(file: &File, mut sender: S, receiver: S) -> Result<[f64; 3]>
where
    S: Read + Write + AsFd + Send + 'static,
{
    let mut receiver = BufReader::with_capacity(MIB, receiver);
    let drain = thread::spawn(move || io::copy(&mut receiver, &mut io::sink()));
    let (reader, writer) = pipe().context("a pipe")?;
    let mut buffer = vec![0; CHUNK];
    let costs = least(TIMES, |place| {
        let before = own_time()?;
        let mut sent = 0;
        while sent < FILE as u64 {
            let length = match place {
                0 => {
                    let length = pread(file, &mut buffer, sent).context("read")?;
                    sender.write_all(&buffer[..length]).context("write")?;
                    sent += length as u64;
                    length
                }
                1 => sendfile(&sender, file, Some(&mut sent), CHUNK).context("sendfile")?,
                _ => splice_through((&reader, &writer), file, &mut sent, &sender)?,
            };
            ensure!(length > 0, "the file is too short");
        }
        Ok(micros(own_time()? - before) / (FILE / MIB) as f64)
    });
    // The other end reads up to the end of the stream.
    drop(sender);
    let received = drain.join().expect("the receiving thread does not panic")?;
    ensure!(received == (3 * TIMES * FILE) as u64, "{received} bytes came, not all");
    costs
}

/// Hands a part of the file to a socket, through a pipe.
fn splice_through(
    (reader, writer): (impl AsFd, impl AsFd),
    file: &File,
    sent: &mut u64,
    socket: &impl AsFd,
) -> Result<usize> {
    let none = SpliceFlags::empty();
    let length = splice(file, Some(sent), writer, None, CHUNK, none).context("splice a file")?;
    let mut left = length;
    while left > 0 {
        left -= splice(&reader, None, socket, None, left, none).context("splice into a socket")?;
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_costs_decide() {
        let (saves, little, nothing) =
            ([350.0, 100.0, 120.0], [240.0, 200.0, 250.0], [200.0, 200.0, 220.0]);
        assert_eq!(judge_cached([saves, saves]), Answer::Holds);
        assert_eq!(judge_cached([saves, nothing]), Answer::Depends);
        assert_eq!(judge_cached([little, little]), Answer::Depends);
        assert_eq!(judge_cached([nothing, nothing]), Answer::False);
    }
}
