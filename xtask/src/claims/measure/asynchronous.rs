//! Whether asking for data returns before there is any, and whether a signal tells when it is
//! there.

use std::io::Write;
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use epoll::uring::{Completion, Options, Ring};
use nix::sys::signal::SigSet;
use procfs::process::Process;
use rustix::thread::gettid;

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::measure::connections::connect;
use crate::claims::sys::Aio;

/// What comes, and how long it is held back at most for the call to return.
const MESSAGE: &[u8] = b"hello";
const SILENCE: Duration = Duration::from_millis(300);

/// What became of a request for data that was not there yet.
#[derive(Clone, Copy, Debug)]
struct Request {
    /// Whether the call returned before the data came.
    returned_first: bool,
    /// Signals that waited for the thread when the data had been read.
    signals: u32,
}

/// Both ways of Linux.
#[derive(Clone, Copy, Debug)]
struct Figures {
    aio: Request,
    io_uring: Request,
}

/// Asks for data on an empty socket, by io_submit(2) and by io_uring(7).
///
/// # Errors
/// When the kernel refuses a call, or the data does not come.
pub fn asynchronous() -> Result<Measured> {
    // A thread of its own: what it blocks is blocked nowhere else.
    let measured = thread::spawn(|| {
        let aio = match Aio::new() {
            Ok(aio) => aio,
            Err(error) => return Ok(Measured::Missing(format!("io_setup: {error}"))),
        };
        let ring = match Ring::new(Options::default()) {
            Ok(ring) => ring,
            Err(error) => return Ok(Measured::Missing(format!("{error:#}"))),
        };
        SigSet::all().thread_set_mask().context("block signals")?;
        let figures = Figures { aio: by_aio(aio)?, io_uring: by_ring(ring)? };
        Ok(Measured::Found(judge(figures)))
    });
    measured.join().expect("the thread does not panic")
}

fn judge(Figures { aio, io_uring }: Figures) -> Finding {
    let both = [aio, io_uring];
    let answer = match both.iter().filter(|one| one.returned_first).count() {
        0 => Answer::False,
        2 if both.iter().all(|one| one.signals > 0) => Answer::Holds,
        _ => Answer::Depends,
    };
    let told = |Request { returned_first, signals }| {
        let returned = if returned_first { "returned at once" } else { "waited for the data" };
        format!("{returned}, {signals} signals")
    };
    let figures = format!("empty socket: io_submit {}; io_uring {}", told(aio), told(io_uring));
    let why = match (aio.returned_first, io_uring.returned_first) {
        (false, true) if io_uring.signals == 0 => {
            "io_submit itself waits for a socket's data and reads it; io_uring waits without the \
             process, and tells by a queue in shared memory, not by a signal."
        }
        (true, true) if answer == Answer::Holds => {
            "Both wait without the process, and send a signal."
        }
        (true, true) => "Both wait without the process, and not both send a signal.",
        (false, true) => "io_uring waits without the process, and io_submit does not.",
        (true, false) => "Here io_submit waits without the process, and io_uring does not.",
        (false, false) => "Here asking waits for the data, just like reading.",
    };
    Finding { answer, figures, why }
}

fn by_aio(mut aio: Aio) -> Result<Request> {
    let (socket, peer) = connect()?;
    let returned_first = ask(&peer, || aio.read(socket.as_fd()).context("io_submit"))?;
    let length = aio.wait().context("io_getevents")?;
    ensure!(length == MESSAGE.len(), "{length} bytes were read");
    Ok(Request { returned_first, signals: waiting_signals()? })
}

fn by_ring(mut ring: Ring) -> Result<Request> {
    let (socket, peer) = connect()?;
    let mut completions = Vec::new();
    let returned_first = ask(&peer, || {
        ring.receive(socket.into());
        ring.hand_over()
    })?;
    ring.wait(&mut completions)?;
    let length = match completions.pop() {
        Some(Completion::Received { data, .. }) => {
            data.context("receive")?.map_or(0, |buffer| buffer.len())
        }
        _ => bail!("io_uring completed what was not asked for"),
    };
    ensure!(length == MESSAGE.len(), "{length} bytes were read");
    Ok(Request { returned_first, signals: waiting_signals()? })
}

/// Runs `call`, and sends the data as soon as it has returned, or after a while all the same;
/// tells whether it had returned.
fn ask(mut peer: &TcpStream, call: impl FnOnce() -> Result<()>) -> Result<bool> {
    let (returned, has_returned) = channel();
    thread::scope(|scope| {
        let sender = scope.spawn(move || {
            let returned_first = has_returned.recv_timeout(SILENCE).is_ok();
            peer.write_all(MESSAGE).context("send").map(|()| returned_first)
        });
        let called = call();
        // Who sends may be done already.
        let _ = returned.send(());
        let returned_first = sender.join().expect("the sending thread does not panic")?;
        called.map(|()| returned_first)
    })
}

/// How many signals wait for this thread.
fn waiting_signals() -> Result<u32> {
    let id = gettid().as_raw_pid();
    let own = Process::myself().and_then(|process| process.task_from_tid(id));
    let status = own.and_then(|task| task.status()).context("look at this thread in /proc")?;
    Ok((status.sigpnd | status.shdpnd).count_ones())
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::signal::{Signal, raise};
    use std::io::Read;

    const AT_ONCE: Request = Request { returned_first: true, signals: 0 };
    const LATE: Request = Request { returned_first: false, signals: 0 };

    fn answer(aio: Request, io_uring: Request) -> Answer {
        judge(Figures { aio, io_uring }).answer
    }

    #[test]
    fn who_was_first_and_the_signals_decide() {
        let with_signal = Request { signals: 1, ..AT_ONCE };
        assert_eq!(answer(with_signal, with_signal), Answer::Holds);
        assert_eq!(answer(AT_ONCE, with_signal), Answer::Depends);
        assert_eq!(answer(LATE, AT_ONCE), Answer::Depends);
        assert_eq!(answer(LATE, LATE), Answer::False);
    }

    #[test]
    fn a_call_that_waits_for_the_data_does_not_return_first() {
        let (socket, peer) = connect().unwrap();
        let wait = || (&socket).read_exact(&mut [0; MESSAGE.len()]).context("receive");
        assert!(!ask(&peer, wait).unwrap());
        assert!(ask(&peer, || Ok(())).unwrap());
    }

    #[test]
    fn a_signal_that_waits_is_counted() {
        let count = || {
            SigSet::all().thread_set_mask().unwrap();
            let before = waiting_signals().unwrap();
            raise(Signal::SIGUSR1).unwrap();
            waiting_signals().unwrap() - before
        };
        assert_eq!(thread::spawn(count).join().unwrap(), 1);
    }

    #[test]
    fn it_is_measured() {
        match asynchronous().unwrap() {
            Measured::Found(found) => {
                let figures = "empty socket: io_submit waited for the data, 0 signals; io_uring \
                               returned at once, 0 signals";
                assert_eq!((found.answer, &*found.figures), (Answer::Depends, figures));
            }
            Measured::Missing(reason) => assert!(reason.starts_with("io_"), "{reason}"),
        }
    }
}
