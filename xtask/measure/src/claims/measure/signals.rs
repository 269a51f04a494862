//! How many signals tell of data that came.

use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::AsRawFd;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use nonblocking::{Signals, watch};
use rustix::event::PollFlags;

use crate::claims::claim::{Answer, Measured};
use crate::claims::measure::sockets::wait_for;
use crate::claims::sys::send_sigio;
use xtask::harness::client::DEADLINE;

/// Messages, one at a time and all at once.
const MESSAGES: usize = 100;
const MESSAGE: &[u8] = b"hello";
const MOMENT: Duration = Duration::from_millis(20);

/// Counts the signals for messages that come apart, and for messages that come at once.
pub fn signal_driven() -> Result<Measured> {
    // The signals are this thread's own, which ends with the measurement.
    let measured = thread::spawn(|| -> Result<Measured> {
        let mut signals = Signals::new().context("block signals")?;
        let (socket, peer) = sockets()?;
        let queued = count(&mut signals, &socket, &peer, true)?;
        send_sigio(&socket).context("ask for SIGIO")?;
        let apart = count(&mut signals, &socket, &peer, false)?;
        let burst = count(&mut signals, &socket, &peer, true)?;
        let figures = format!(
            "{MESSAGES} messages, one at a time: {apart} SIGIO; all at once: {burst} SIGIO, or \
             {queued} real-time signals"
        );
        Ok((judge(apart, burst), figures))
    });
    measured.join().expect("the thread does not panic")
}

fn judge(apart: usize, burst: usize) -> Answer {
    match (apart, burst) {
        (MESSAGES, MESSAGES) => Answer::Holds,
        (MESSAGES, _) => Answer::Depends,
        _ => Answer::False,
    }
}

/// Sends messages, and counts the signals: taken before the next message, or not before the last.
fn count(
    signals: &mut Signals,
    socket: &UdpSocket,
    peer: &UdpSocket,
    at_once: bool,
) -> Result<usize> {
    let mut take = |patience| -> Result<usize> {
        Ok(signals.take(Some(patience)).context("take signals")?.count())
    };
    let mut count = 0;
    for _ in 0..MESSAGES {
        peer.send(MESSAGE).context("send")?;
        if !at_once {
            count += take(DEADLINE)?;
            receive(socket)?;
        }
    }
    if at_once {
        (0..MESSAGES).try_for_each(|_| receive(socket))?;
        // What came can be read a moment before its signal is sent.
        thread::sleep(MOMENT);
    }
    // Without a wait, also those that reading made.
    Ok(count + take(Duration::ZERO)?)
}

/// A socket that sends signals, and its peer: UDP, because a stream may join what was sent.
fn sockets() -> Result<(UdpSocket, UdpSocket)> {
    let bind = || UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).context("bind a socket");
    let (socket, peer) = (bind()?, bind()?);
    peer.connect(socket.local_addr().context("ask for an address")?).context("connect")?;
    watch(socket.as_raw_fd()).context("ask for signals")?;
    Ok((socket, peer))
}

/// Takes one message, which may still be on its way.
fn receive(socket: &UdpSocket) -> Result<()> {
    wait_for(socket, PollFlags::IN)?;
    let length = socket.recv(&mut [0; MESSAGE.len()]).context("receive")?;
    ensure!(length == MESSAGE.len(), "another message came");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_signals_decide() {
        assert_eq!(judge(100, 100), Answer::Holds);
        assert_eq!(judge(100, 1), Answer::Depends);
        assert_eq!(judge(99, 1), Answer::False);
        assert_eq!(judge(200, 100), Answer::False);
    }
}
