//! Many pipes, of which some are active: how long each event takes, by each mechanism.
//!
//! This is the benchmark that came with libevent: a byte in each active pipe; whoever reads one
//! writes one into the next pipe, until so many were written.

use std::collections::VecDeque;
use std::fmt;
use std::io::{PipeReader, PipeWriter, pipe};
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use io_uring::IoUring;
use nix::sys::select::{FdSet, select};
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::OwnedFd;

use crate::bench::sys;
use crate::bench::usage::own_time;

/// Pipes that have a byte at a time, and bytes that are written in all.
pub const ACTIVE: usize = 100;
const WRITES: usize = 1000;

/// Descriptors that an `fd_set` has room for.
const FD_SETSIZE: RawFd = 1024;

/// How the pipes are watched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mechanism {
    /// select(2).
    Select,
    /// poll(2).
    Poll,
    /// epoll(7), level-triggered.
    Epoll,
    /// A ring that waits for readiness: the reads are the same as the others'.
    IoUring,
}

/// All of them, in the order of the chart.
pub const MECHANISMS: [Mechanism; 4] =
    [Mechanism::Select, Mechanism::Poll, Mechanism::Epoll, Mechanism::IoUring];

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Mechanism::Select => "select",
            Mechanism::Poll => "poll",
            Mechanism::Epoll => "epoll",
            Mechanism::IoUring => "io_uring",
        })
    }
}

impl Mechanism {
    /// The most pipes that it can watch here; each takes two of the process's `descriptors`.
    pub fn most(self, descriptors: u64) -> usize {
        // Some descriptors are taken by what this process has open anyway.
        const OTHERS: u64 = 64;
        let room = match self {
            Mechanism::Select => descriptors.min(FD_SETSIZE.unsigned_abs().into()),
            _ => descriptors,
        };
        (room.saturating_sub(OTHERS) / 2) as usize
    }

    /// Why it cannot be used on this system.
    pub fn is_missing(self) -> Option<String> {
        let refused = (self == Mechanism::IoUring).then(|| IoUring::new(8).err()).flatten();
        refused.map(|error| format!("the kernel refuses io_uring: {error}"))
    }
}

/// Runs the benchmark over `count` pipes, and returns processor time for each event, in
/// microseconds.
///
/// # Errors
/// When there are too few descriptors, or the kernel refuses a call.
pub fn run(mechanism: Mechanism, count: usize) -> Result<f64> {
    let pipes = (0..count).map(|_| pipe().context("a pipe")).collect::<Result<Vec<_>>>()?;
    let (readers, writers): (Vec<PipeReader>, Vec<PipeWriter>) = pipes.into_iter().unzip();
    let mut watch: Box<dyn Watch> = match mechanism {
        Mechanism::Select => Box::new(Select::new(&readers)?),
        Mechanism::Poll => Box::new(Poll::new(&readers)),
        Mechanism::Epoll => Box::new(Epoll::new(&readers)?),
        Mechanism::IoUring => Box::new(Ring::new(&readers)?),
    };
    // The first run is the warm-up: it touches all memory.
    exchange(watch.as_mut(), &readers, &writers)?;
    let before = time()?;
    let events = exchange(watch.as_mut(), &readers, &writers)?;
    Ok((time()? - before).as_secs_f64() * 1e6 / events as f64)
}

/// Puts the first bytes into the pipes, and reads until none is left; returns how many there were.
fn exchange(
    watch: &mut dyn Watch,
    readers: &[PipeReader],
    writers: &[PipeWriter],
) -> Result<usize> {
    let active = ACTIVE.min(readers.len());
    let distance = readers.len() / active;
    for first in 0..active {
        put(&writers[first * distance])?;
    }
    let (mut written, mut read, mut ready) = (active, 0, Vec::new());
    while read < written {
        watch.wait(&mut ready)?;
        for place in ready.drain(..) {
            let mut byte = [0];
            let count = rustix::io::read(&readers[place], &mut byte).context("read a pipe")?;
            ensure!(count == 1 && byte == [b'e'], "pipe {place} had no byte");
            read += 1;
            if written < active + WRITES {
                put(&writers[(place + 1) % writers.len()])?;
                written += 1;
            }
        }
    }
    Ok(read)
}

fn put(writer: &PipeWriter) -> Result<()> {
    rustix::io::write(writer, b"e").context("write into a pipe").map(drop)
}

/// Processor time of one call of epoll_ctl(2), in microseconds: half of them add a pipe, half
/// remove it.
///
/// # Errors
/// When the kernel refuses a call.
pub fn time_epoll_ctl() -> Result<f64> {
    const PAIRS: usize = 5000;
    let (reader, _writer) = pipe().context("a pipe")?;
    let epoll = epoll::create(CreateFlags::CLOEXEC).context("epoll_create1")?;
    let before = time()?;
    for _ in 0..PAIRS {
        epoll::add(&epoll, &reader, EventData::new_u64(0), EventFlags::IN).context("epoll_ctl")?;
        epoll::delete(&epoll, &reader).context("epoll_ctl")?;
    }
    Ok((time()? - before).as_secs_f64() * 1e6 / (2 * PAIRS) as f64)
}

fn time() -> Result<Duration> {
    own_time().map_err(|failure| anyhow!(failure.actual))
}

/// Waits for pipes that have something to read.
trait Watch {
    /// Adds the places of all that are ready, at least one.
    fn wait(&mut self, ready: &mut Vec<usize>) -> Result<()>;
}

struct Select<'a> {
    readers: &'a [PipeReader],
    all: FdSet<'a>,
    /// One more than the highest descriptor.
    end: RawFd,
}

impl<'a> Select<'a> {
    fn new(readers: &'a [PipeReader]) -> Result<Select<'a>> {
        let mut all = FdSet::new();
        for reader in readers {
            ensure!(reader.as_raw_fd() < FD_SETSIZE, "select(2) has no room for {reader:?}");
            all.insert(reader.as_fd());
        }
        let end = readers.iter().map(|reader| reader.as_raw_fd() + 1).max().unwrap_or_default();
        Ok(Select { readers, all, end })
    }
}

impl Watch for Select<'_> {
    fn wait(&mut self, ready: &mut Vec<usize>) -> Result<()> {
        // The kernel writes its answer over the question (select(2)).
        let mut set = self.all;
        select(self.end, &mut set, None, None, None).context("select")?;
        let readers = self.readers.iter().enumerate();
        ready.extend(readers.filter(|(_, fd)| set.contains(fd.as_fd())).map(|(place, _)| place));
        Ok(())
    }
}

struct Poll<'a>(Vec<PollFd<'a>>);

impl<'a> Poll<'a> {
    fn new(readers: &'a [PipeReader]) -> Poll<'a> {
        Poll(readers.iter().map(|reader| PollFd::new(reader, PollFlags::IN)).collect())
    }
}

impl Watch for Poll<'_> {
    fn wait(&mut self, ready: &mut Vec<usize>) -> Result<()> {
        poll(&mut self.0, None).context("poll")?;
        let fds = self.0.iter().enumerate();
        ready.extend(fds.filter(|(_, fd)| !fd.revents().is_empty()).map(|(place, _)| place));
        Ok(())
    }
}

struct Epoll {
    epoll: OwnedFd,
    events: Vec<epoll::Event>,
}

impl Epoll {
    fn new(readers: &[PipeReader]) -> Result<Epoll> {
        let epoll = epoll::create(CreateFlags::CLOEXEC).context("epoll_create1")?;
        for (place, reader) in readers.iter().enumerate() {
            let data = EventData::new_u64(place as u64);
            epoll::add(&epoll, reader, data, EventFlags::IN).context("epoll_ctl")?;
        }
        Ok(Epoll { epoll, events: Vec::with_capacity(readers.len()) })
    }
}

impl Watch for Epoll {
    fn wait(&mut self, ready: &mut Vec<usize>) -> Result<()> {
        self.events.clear();
        let events = rustix::buffer::spare_capacity(&mut self.events);
        epoll::wait(&self.epoll, events, None).context("epoll_wait")?;
        ready.extend(self.events.iter().map(|event| event.data.u64() as usize));
        Ok(())
    }
}

struct Ring {
    ring: IoUring,
    numbers: Vec<RawFd>,
    /// Pipes that the kernel is not asked about now.
    unasked: VecDeque<usize>,
}

impl Ring {
    fn new(readers: &[PipeReader]) -> Result<Ring> {
        let entries = u32::try_from(readers.len()).context("fewer pipes")?.next_power_of_two();
        let ring = IoUring::new(entries).context("io_uring_setup")?;
        let numbers = readers.iter().map(AsRawFd::as_raw_fd).collect();
        Ok(Ring { ring, numbers, unasked: (0..readers.len()).collect() })
    }
}

impl Watch for Ring {
    fn wait(&mut self, ready: &mut Vec<usize>) -> Result<()> {
        for place in self.unasked.drain(..) {
            sys::ask_for_input(&mut self.ring, self.numbers[place], place as u64)?;
        }
        self.ring.submit_and_wait(1).context("io_uring_enter")?;
        for completion in self.ring.completion() {
            ensure!(completion.result() >= 0, "io_uring refuses a pipe");
            let place = completion.user_data() as usize;
            ready.push(place);
            self.unasked.push_back(place);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mechanism_brings_every_byte() {
        for mechanism in MECHANISMS.into_iter().filter(|one| one.is_missing().is_none()) {
            assert!(run(mechanism, 150).unwrap() > 0.0, "{mechanism}");
            assert!(run(mechanism, 3).unwrap() > 0.0, "{mechanism}");
        }
    }

    #[test]
    fn select_has_room_for_fewer_pipes() {
        assert_eq!(Mechanism::Select.most(20_000), 480);
        assert_eq!(Mechanism::Poll.most(20_000), 9968);
        assert_eq!(Mechanism::Poll.most(100), 18);
    }
}
