//! Signals that tell which descriptor is ready (fcntl(2), F_SETSIG).

use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::time::Duration;

use common::{to_millis, uninterrupted_within};

use crate::sys::{self, SignalSet};

/// There is something to read, or the end of the stream (poll(2)).
pub const POLLIN: u32 = libc::POLLIN as u32;
/// An urgent byte came (tcp(7)).
pub const POLLPRI: u32 = libc::POLLPRI as u32;
/// There is room to write again.
pub const POLLOUT: u32 = libc::POLLOUT as u32;
/// An error waits to be told by the next call.
pub const POLLERR: u32 = libc::POLLERR as u32;
/// Both directions are closed.
pub const POLLHUP: u32 = libc::POLLHUP as u32;

/// How many signals one [`Signals::take`] takes at most; the kernel keeps the others for the next.
const MOST: usize = 128;

/// What a signal says.
pub enum Signal {
    /// The descriptor with this number has these events. It may be closed, and the number may be
    /// that of another one.
    Ready(RawFd, u32),
    /// The queue of signals was full, and some are lost (SIGIO).
    Lost,
}

/// The signals of all descriptors that this thread called [`watch`] for. They wait in a queue until
/// they are taken, and interrupt nothing.
pub struct Signals {
    descriptor: OwnedFd,
    waits: bool,
    taken: Vec<libc::signalfd_siginfo>,
}

impl Signals {
    /// Blocks the two signals in this thread. It must come before the first [`watch`]: a signal
    /// that is not blocked ends the program.
    ///
    /// # Errors
    /// Those of signalfd(2), for example EMFILE.
    pub fn new() -> io::Result<Signals> {
        let signals = SignalSet::new(&[libc::SIGIO, signal()])?;
        signals.block()?;
        let descriptor = signals.descriptor()?;
        Ok(Signals { descriptor, waits: true, taken: sys::no_signals(MOST) })
    }

    /// Takes the signals that are there: [`Signal::Lost`] first, then the others in the order in
    /// which they were sent. If there is none it waits for one. After the time-out it returns none.
    ///
    /// # Errors
    /// Those of read(2) and poll(2). A signal of another kind does not end the wait (PEP 475).
    pub fn take(
        &mut self,
        timeout: Option<Duration>,
    ) -> io::Result<impl Iterator<Item = Signal> + '_> {
        let waits = timeout.is_none();
        if self.waits != waits {
            let flags = if waits { 0 } else { libc::O_NONBLOCK };
            sys::set_flags(self.descriptor.as_raw_fd(), flags)?;
            self.waits = waits;
        }
        if timeout.is_some_and(|timeout| !timeout.is_zero()) {
            let descriptor = self.descriptor.as_fd();
            uninterrupted_within(timeout, |left| sys::wait(descriptor, to_millis(left)))?;
        }
        let (descriptor, taken) = (self.descriptor.as_fd(), &mut self.taken);
        let count = match uninterrupted_within(None, |_| sys::take_signals(descriptor, taken)) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            count => count?,
        };
        Ok(self.taken[..count].iter().map(|taken| match taken.ssi_signo.cast_signed() {
            libc::SIGIO => Signal::Lost,
            _ => Signal::Ready(taken.ssi_fd, taken.ssi_band),
        }))
    }
}

/// From here on the kernel sends this thread a signal for each event of the socket `fd`. The socket
/// does not block. Earlier events are not reported.
///
/// # Errors
/// Those of fcntl(2).
pub fn watch(fd: RawFd) -> io::Result<()> {
    sys::set_signal(fd, signal())?;
    sys::own(fd)?;
    sys::set_flags(fd, libc::O_ASYNC | libc::O_NONBLOCK)
}

/// The first real-time signal. Only real-time signals are queued, each with its descriptor and
/// events (signal(7)).
fn signal() -> libc::c_int {
    libc::SIGRTMIN()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::unix::net::UnixStream;
    use std::time::Instant;

    #[test]
    fn each_write_to_a_watched_socket_is_a_signal_with_its_number() {
        let mut signals = Signals::new().unwrap();
        let (a, mut a_peer) = UnixStream::pair().unwrap();
        let (b, mut b_peer) = UnixStream::pair().unwrap();
        watch(a.as_raw_fd()).unwrap();
        watch(b.as_raw_fd()).unwrap();
        assert_eq!(signals.take(Some(Duration::ZERO)).unwrap().count(), 0);
        let (start, timeout) = (Instant::now(), Duration::from_millis(20));
        assert_eq!(signals.take(Some(timeout)).unwrap().count(), 0);
        assert!(start.elapsed() >= timeout);
        b_peer.write_all(b"b").unwrap();
        a_peer.write_all(b"a").unwrap();
        let mut taken = signals.take(None).unwrap();
        for socket in [&b, &a] {
            let Some(Signal::Ready(fd, events)) = taken.next() else { panic!("no signal") };
            assert_eq!((fd, events & POLLIN), (socket.as_raw_fd(), POLLIN));
        }
    }
}
