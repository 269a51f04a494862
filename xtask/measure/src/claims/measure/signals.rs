//! How many signals tell of data that came.

use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::AsRawFd;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nonblocking::{Signals, watch};

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::sys::watch_by_sigio;
use xtask::harness::client::DEADLINE;

/// Messages, one at a time and all at once.
const MESSAGES: usize = 100;
const MESSAGE: &[u8] = b"hello";
const MOMENT: Duration = Duration::from_millis(20);

/// Signals that came.
#[derive(Clone, Copy, Debug)]
struct Figures {
    /// SIGIO for messages, each of which is read before the next comes.
    apart: usize,
    /// SIGIO for as many messages that come before the first signal is taken.
    burst: usize,
    /// Real-time signals for the same.
    queued: usize,
}

/// Counts the signals for messages that come apart, and for messages that come at once.
///
/// # Errors
/// When the kernel refuses a call, or a message does not come.
pub fn signal_driven() -> Result<Measured> {
    // The signals are this thread's own, which ends with the measurement.
    let measured = thread::spawn(|| -> Result<Figures> {
        let mut signals = Signals::new().context("block signals")?;
        let (socket, peer) = sockets()?;
        watch_by_sigio(&socket).context("ask for SIGIO")?;
        let apart = apart(&mut signals, &socket, &peer)?;
        let burst = burst(&mut signals, &socket, &peer)?;
        let (socket, peer) = sockets()?;
        watch(socket.as_raw_fd()).context("ask for a real-time signal")?;
        socket.set_nonblocking(false).context("wait for data that is on its way")?;
        let queued = self::burst(&mut signals, &socket, &peer)?;
        Ok(Figures { apart, burst, queued })
    });
    let figures = measured.join().expect("the thread does not panic")?;
    Ok(Measured::Found(judge(figures)))
}

fn judge(Figures { apart, burst, queued }: Figures) -> Finding {
    let answer = match (apart, burst) {
        (MESSAGES, MESSAGES) => Answer::Holds,
        (MESSAGES, _) => Answer::Depends,
        _ => Answer::False,
    };
    let figures = format!(
        "{MESSAGES} messages, one at a time: {apart} SIGIO; all at once: {burst} SIGIO, or {queued} \
         real-time signals"
    );
    let why = match answer {
        Answer::Holds => "Here the kernel queues SIGIO.",
        Answer::Depends => {
            "SIGIO waits at most once, so after it a program must read until there is nothing; \
             only real-time signals (F_SETSIG) are queued, up to a limit."
        }
        Answer::False => "Here not even messages that come one at a time have a signal each.",
    };
    Finding { answer, figures, why }
}

/// Sends messages, each when the one before was read, and counts the signals.
fn apart(signals: &mut Signals, socket: &UdpSocket, peer: &UdpSocket) -> Result<usize> {
    let mut count = 0;
    for _ in 0..MESSAGES {
        send(peer)?;
        match wait_for_signals(signals)? {
            0 => break,
            signals => count += signals,
        }
        receive(socket)?;
    }
    // Those that reading made.
    Ok(count + take(signals)?)
}

/// Sends messages before a signal is taken, and counts the signals.
fn burst(signals: &mut Signals, socket: &UdpSocket, peer: &UdpSocket) -> Result<usize> {
    (0..MESSAGES).try_for_each(|_| send(peer))?;
    (0..MESSAGES).try_for_each(|_| receive(socket))?;
    // What came can be read a moment before its signal is sent.
    thread::sleep(MOMENT);
    take(signals)
}

/// Two sockets that send to each other: UDP, because a stream may join what was sent.
fn sockets() -> Result<(UdpSocket, UdpSocket)> {
    let bind = || UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).context("bind a socket");
    let (one, other) = (bind()?, bind()?);
    for (socket, peer) in [(&one, &other), (&other, &one)] {
        socket.connect(peer.local_addr().context("ask for an address")?).context("connect")?;
        socket.set_read_timeout(Some(DEADLINE)).context("a deadline")?;
    }
    Ok((one, other))
}

fn send(peer: &UdpSocket) -> Result<()> {
    peer.send(MESSAGE).context("send").map(drop)
}

/// Takes one message, which may still be on its way.
fn receive(socket: &UdpSocket) -> Result<()> {
    let length = socket.recv(&mut [0; MESSAGE.len()]).context("receive")?;
    ensure!(length == MESSAGE.len(), "another message came");
    Ok(())
}

/// Waits for a signal, at most for [`DEADLINE`], and takes all that there are.
fn wait_for_signals(signals: &mut Signals) -> Result<usize> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let count = take(signals)?;
        if count > 0 || Instant::now() > deadline {
            return Ok(count);
        }
        thread::sleep(Duration::from_micros(100));
    }
}

/// Takes the signals that wait, and returns how many those are.
fn take(signals: &mut Signals) -> Result<usize> {
    Ok(signals.take(Some(Duration::ZERO)).context("take signals")?.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(apart: usize, burst: usize) -> Answer {
        judge(Figures { apart, burst, queued: 100 }).answer
    }

    #[test]
    fn the_numbers_of_signals_decide() {
        assert_eq!(answer(100, 100), Answer::Holds);
        assert_eq!(answer(100, 1), Answer::Depends);
        assert_eq!(answer(99, 1), Answer::False);
        assert_eq!(answer(200, 100), Answer::False);
    }

    #[test]
    fn it_is_measured() {
        let Measured::Found(found) = signal_driven().unwrap() else { panic!("it is missing") };
        assert_eq!(found.answer, Answer::Depends, "{}", found.figures);
    }
}
