//! What a process does while the kernel copies data to it.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use io_uring::IoUring;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use procfs::process::Process;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::thread::gettid;

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::measure::clock::{figure, micros};
use crate::claims::measure::connections::{PATIENCE, wait_for_bytes};
use crate::claims::measure::rounds::medians;
use crate::claims::sys;

/// What is there to be read, in bytes: little and much.
const LITTLE: usize = 1;
const MUCH: usize = 64 * 1024;
const ROUNDS: usize = 51;

/// How a process learns that data is there; each then reads it.
#[derive(Clone, Copy)]
enum Model {
    Blocking,
    NonBlocking,
    Multiplexing,
    SignalDriven,
}

const MODELS: [Model; 4] =
    [Model::Blocking, Model::NonBlocking, Model::Multiplexing, Model::SignalDriven];

/// Whether blocking, non-blocking, multiplexing and signal-driven all hold the process while the
/// kernel copies.
///
/// # Errors
/// When the kernel refuses a call.
pub fn copying_holds_the_process() -> Result<Measured> {
    // The signal is blocked in a thread of its own: no other one has to know of it.
    let measured = thread::spawn(measure).join().expect("a reader does not panic")?;
    Ok(Measured::Found(judge(&measured)))
}

/// Times in microseconds.
struct Copies {
    /// From the call to its return, by each of [`MODELS`].
    little: [f64; MODELS.len()],
    much: [f64; MODELS.len()],
    /// How often the process slept in as many calls that read much.
    sleeps: u64,
    /// The call that asks io_uring for much: as usual, and with a worker of the kernel's that does
    /// it. `None` where the kernel refuses io_uring.
    asking: Option<[f64; 2]>,
}

fn measure() -> Result<Copies> {
    let mut readers = Vec::new();
    for model in MODELS {
        readers.push(Reader::new(model)?);
    }
    let little = medians(ROUNDS, |model| readers[model].take(LITTLE))?;
    let much = medians(ROUNDS, |model| readers[model].take(MUCH))?;
    let mut sleeps = 0;
    for reader in &mut readers {
        for _ in 0..ROUNDS {
            sleeps += reader.sleeps()?;
        }
    }
    Ok(Copies { little, much, sleeps, asking: ask_ring()? })
}

/// A local socket: one of TCP also sends an acknowledgement in some of the calls that read.
struct Reader {
    model: Model,
    client: UnixStream,
    conn: UnixStream,
    /// Where SIGIO is told.
    signals: SignalFd,
}

impl Reader {
    fn new(model: Model) -> Result<Reader> {
        let (client, conn) = UnixStream::pair().context("a pair of sockets")?;
        let mut set = SigSet::empty();
        set.add(Signal::SIGIO);
        set.thread_block().context("block SIGIO")?;
        let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
        let signals = SignalFd::with_flags(&set, flags).context("signalfd")?;
        match model {
            Model::Blocking | Model::Multiplexing => {}
            Model::NonBlocking => conn.set_nonblocking(true).context("do not block")?,
            Model::SignalDriven => {
                conn.set_nonblocking(true).context("do not block")?;
                sys::watch_by_sigio(&conn).context("ask for SIGIO")?;
            }
        }
        Ok(Reader { model, client, conn, signals })
    }

    /// Lets `count` bytes come, and returns how long the call takes that reads them.
    fn take(&mut self, count: usize) -> Result<f64> {
        self.fill(count)?;
        let mut data = vec![1; count];
        let start = Instant::now();
        let length = self.conn.read(&mut data).context("read")?;
        let time = start.elapsed();
        ensure!(length == count, "{length} bytes came, and not {count}");
        Ok(micros(time))
    }

    /// Lets much come, and returns how often the call sleeps that reads it.
    fn sleeps(&mut self) -> Result<u64> {
        self.fill(MUCH)?;
        let before = switches()?;
        self.conn.read_exact(&mut [0; MUCH]).context("read")?;
        Ok(switches()? - before)
    }

    /// Lets `count` bytes come, and learns it as its model does.
    fn fill(&mut self, count: usize) -> Result<()> {
        if let Model::NonBlocking = self.model {
            let early = self.conn.read(&mut [0]).map_err(|error| error.kind());
            ensure!(early == Err(ErrorKind::WouldBlock), "a read before the data: {early:?}");
        }
        self.client.write_all(&vec![b'x'; count]).context("send")?;
        match self.model {
            Model::Multiplexing => wait(PollFd::new(&self.conn, PollFlags::IN))?,
            Model::SignalDriven => {
                wait(PollFd::new(&self.signals, PollFlags::IN))?;
                self.signals.read_signal().context("take a signal")?;
            }
            Model::Blocking | Model::NonBlocking => {}
        }
        wait_for_bytes(&self.conn, count as u64)
    }
}

/// Waits for one descriptor.
fn wait(fd: PollFd<'_>) -> Result<()> {
    let ready = poll(&mut [fd], Some(&PATIENCE)).context("poll")?;
    ensure!(ready == 1, "nothing comes");
    Ok(())
}

/// How often this thread went to sleep so far.
///
/// # Errors
/// When /proc does not tell.
pub fn switches() -> Result<u64> {
    let task = Process::myself()?.task_from_tid(gettid().as_raw_nonzero().get())?;
    task.status()?.voluntary_ctxt_switches.context("the switches of a thread")
}

/// How long the call takes that asks io_uring for data that is there.
fn ask_ring() -> Result<Option<[f64; 2]>> {
    let Ok(mut ring) = IoUring::new(8) else { return Ok(None) };
    let (mut client, conn) = UnixStream::pair().context("a pair of sockets")?;
    let data = vec![b'x'; MUCH];
    let mut buffer = vec![0; MUCH];
    let asking = medians(ROUNDS, |worker| {
        client.write_all(&data).context("send")?;
        wait_for_bytes(&conn, MUCH as u64)?;
        let asked =
            sys::receive_by_ring(&mut ring, &conn, std::mem::take(&mut buffer), worker == 1);
        let (time, length);
        (buffer, time, length) = asked.context("io_uring")?;
        ensure!(length == MUCH, "{length} bytes came, and not {MUCH}");
        Ok(micros(time))
    });
    asking.map(Some)
}

fn judge(seen: &Copies) -> Finding {
    // What a call takes for one byte is its own price.
    let holds = |model: usize| seen.much[model] > 2.0 * seen.little[model];
    let answer = match (0..MODELS.len()).filter(|model| holds(*model)).count() {
        0 => Answer::False,
        count if count == MODELS.len() => Answer::Holds,
        _ => Answer::Depends,
    };
    let all = |times: &[f64]| times.iter().map(|time| figure(*time)).collect::<Vec<_>>().join(", ");
    let asking = match seen.asking {
        Some(times) => format!("io_uring {}, by a worker {}", figure(times[0]), figure(times[1])),
        None => "io_uring is refused".to_owned(),
    };
    Finding {
        answer,
        figures: format!(
            "64 KiB: {} µs in recv (1 byte: {}), asleep: {} times; {asking}",
            all(&seen.much),
            all(&seen.little),
            seen.sleeps,
        ),
        why: match answer {
            Answer::Holds => {
                "The kernel copies inside the call: the process does not sleep, but it does \
                 nothing else; io_uring, too, copies in the call that asks when the data is there."
            }
            _ => "A call that brings much takes as long as one that brings little.",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_the_calls_decides() {
        let answer = |much| {
            let seen = Copies { little: [0.5; 4], much, sleeps: 0, asking: None };
            judge(&seen).answer
        };
        assert_eq!(answer([9.0; 4]), Answer::Holds);
        assert_eq!(answer([9.0, 9.0, 9.0, 0.5]), Answer::Depends);
        assert_eq!(answer([0.5; 4]), Answer::False);
    }

    #[test]
    fn no_call_sleeps_once_the_data_is_there() {
        let seen = thread::spawn(measure).join().unwrap().unwrap();
        assert!(seen.little.iter().chain(&seen.much).all(|time| *time > 0.0));
        // Memory that other tests' threads change may let one of hundreds wait.
        assert!(seen.sleeps < 20, "{}", seen.sleeps);
    }
}
