//! Whether asking for data returns before there is any, and whether a signal tells when it is
//! there.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use epoll::uring::{Completion, Options, Ring};
use nix::errno::Errno;
use nix::sys::aio::{Aio as _, AioRead};
use nix::sys::signal::{SigSet, SigevNotify, Signal};
use signal_hook::flag;

use crate::claims::claim::{Answer, Lack, Measured};
use crate::claims::measure::calls::read_in;
use crate::claims::measure::sockets::connect;
use crate::claims::sys::Aio;
use xtask::harness::client::DEADLINE;
use xtask::harness::proc::Process;
use xtask::harness::wait::{found_if, wait_within};

/// What comes, and how long it is held back at most for the call to return.
const MESSAGE: &[u8] = b"hello";
const SILENCE: Duration = Duration::from_millis(300);
/// How long a thread is looked for that reads, and a signal waited for.
const LOOK: Duration = Duration::from_millis(150);
/// The signal that aio_read(3) is to send.
const DONE: Signal = Signal::SIGUSR2;

/// What became of a request for data that was not there yet: whether the call returned before the
/// data came, and whether a signal came when it had been read.
type Request = (bool, bool);

/// Asks for data on an empty socket, by io_submit(2), by io_uring(7) and by aio_read(3).
pub fn asynchronous() -> Result<Measured> {
    // A thread of its own: what it blocks is blocked nowhere else.
    thread::spawn(measure).join().expect("the thread does not panic")
}

fn measure() -> Result<Measured> {
    let aio = Aio::new().map_err(|error| Lack(format!("io_setup: {error}")))?;
    let ring = Ring::new(Options::default()).map_err(|error| Lack(format!("{error:#}")))?;
    let (posix, by_thread) = by_posix()?;
    SigSet::all().thread_set_mask().context("block signals")?;
    let (aio, io_uring) = (by_aio(aio)?, by_ring(ring)?);
    let told = |(returned_first, is_signalled): Request| {
        let returned = if returned_first { "returned at once" } else { "waited for the data" };
        format!("{returned}, {} signal", if is_signalled { "a" } else { "no" })
    };
    let figures = format!(
        "empty socket: io_submit {}; io_uring {}; aio_read {}{}",
        told(aio),
        told(io_uring),
        told(posix),
        if by_thread { ", and a thread of the process reads" } else { "" }
    );
    Ok((judge([aio, io_uring, posix], by_thread), figures))
}

/// `by_thread` says whether one of them needs a thread of the process.
fn judge(all: [Request; 3], by_thread: bool) -> Answer {
    match all.map(|(returned_first, _)| returned_first) {
        [true, true, true] if !by_thread && all.iter().all(|request| request.1) => Answer::Holds,
        [false, false, false] => Answer::False,
        _ => Answer::Depends,
    }
}

fn by_posix() -> Result<(Request, bool)> {
    let came = Arc::<AtomicBool>::default();
    flag::register(DONE as i32, came.clone()).context("catch a signal")?;
    let (socket, peer) = connect()?;
    let mut buffer = [0; MESSAGE.len()];
    let notify = SigevNotify::SigevSignal { signal: DONE, si_value: 0 };
    let mut read = pin!(AioRead::new(socket.as_fd(), 0, &mut buffer, 0, notify));
    let mut by_thread = false;
    let returned_first = ask(&peer, || {
        read.as_mut().submit().context("aio_read")?;
        by_thread = is_so_within(LOOK, || does_a_thread_read(socket.as_raw_fd()));
        Ok(())
    })?;
    let done = is_so_within(DEADLINE, || read.as_mut().error() != Err(Errno::EINPROGRESS));
    ensure!(done, "aio_read does not end");
    let length = read.as_mut().aio_return().context("aio_return")?;
    ensure!(length == MESSAGE.len(), "{length} bytes were read");
    let is_signalled = is_so_within(LOOK, || came.load(Ordering::Relaxed));
    Ok(((returned_first, is_signalled), by_thread))
}

/// Whether a thread of this process waits in a call that reads from a descriptor.
fn does_a_thread_read(fd: RawFd) -> bool {
    let calls = Process::own().and_then(|own| own.look_at_threads(|thread| thread.read("syscall")));
    // Some kernels do not tell.
    let mut calls = calls.into_iter().flatten();
    calls.any(|(_, call)| read_in(&call).is_some_and(|(from, _)| from == fd as u64))
}

/// Whether something becomes so in time.
fn is_so_within(time: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    wait_within(time, "it is so", || Ok(found_if(is_so(), "it is not"))).is_ok()
}

fn by_aio(mut aio: Aio) -> Result<Request> {
    let (socket, peer) = connect()?;
    let returned_first = ask(&peer, || aio.read(socket.as_fd()).context("io_submit"))?;
    let length = aio.wait().context("io_getevents")?;
    ensure!(length == MESSAGE.len(), "{length} bytes were read");
    Ok((returned_first, does_a_signal_wait()?))
}

fn by_ring(mut ring: Ring) -> Result<Request> {
    let (socket, peer) = connect()?;
    let mut completions = Vec::new();
    let returned_first = ask(&peer, || {
        ring.receive(socket.into());
        ring.hand_over()
    })?;
    ring.wait(&mut completions)?;
    match completions.pop() {
        Some(Completion::Received { data: Ok(Some(data)), .. }) if *data == *MESSAGE => {}
        _ => bail!("io_uring does not receive the data"),
    }
    Ok((returned_first, does_a_signal_wait()?))
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
        // The sender may be done already.
        let _ = returned.send(());
        let returned_first = sender.join().expect("the sending thread does not panic")?;
        called.map(|()| returned_first)
    })
}

/// Whether a signal waits for this thread (proc(5), /proc/PID/status).
fn does_a_signal_wait() -> Result<bool> {
    let status = fs::read_to_string("/proc/thread-self/status").context("look at this thread")?;
    let mut masks = status.lines().filter_map(|line| line.split_once("Pnd:"));
    Ok(masks.any(|(_, mask)| mask.trim().contains(|digit| digit != '0')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::signal::raise;
    use std::io::Read;

    #[test]
    fn what_returned_first_the_signals_and_the_thread_decide() {
        let (late, at_once, signal) = ((false, false), (true, false), (true, true));
        assert_eq!(judge([signal; 3], false), Answer::Holds);
        assert_eq!(judge([signal; 3], true), Answer::Depends);
        assert_eq!(judge([at_once, signal, signal], false), Answer::Depends);
        assert_eq!(judge([late, at_once, signal], true), Answer::Depends);
        assert_eq!(judge([late; 3], false), Answer::False);
    }

    #[test]
    fn a_call_that_waits_for_the_data_does_not_return_first() {
        let (socket, peer) = connect().unwrap();
        let wait = || (&socket).read_exact(&mut [0; MESSAGE.len()]).context("receive");
        assert!(!ask(&peer, wait).unwrap());
        assert!(ask(&peer, || Ok(())).unwrap());
    }

    #[test]
    fn a_signal_that_waits_is_seen() {
        let look = || {
            SigSet::all().thread_set_mask().unwrap();
            let before = does_a_signal_wait().unwrap();
            raise(Signal::SIGUSR1).unwrap();
            (before, does_a_signal_wait().unwrap())
        };
        assert_eq!(thread::spawn(look).join().unwrap(), (false, true));
    }
}
