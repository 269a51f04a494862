//! Python's `select.poll`.

use std::io;
use std::os::fd::RawFd;
use std::time::Duration;

use common::{to_millis, uninterrupted_within};

use crate::sys;

/// There is something to read, or the end of the stream (poll(2)).
pub const POLLIN: i16 = libc::POLLIN;
/// There is an exceptional condition; for TCP, out-of-band data.
pub const POLLPRI: i16 = libc::POLLPRI;
/// There is room to write.
pub const POLLOUT: i16 = libc::POLLOUT;
/// There is an error, which the next call returns. It is always reported.
pub const POLLERR: i16 = libc::POLLERR;
/// Both directions are closed. It is always reported.
pub const POLLHUP: i16 = libc::POLLHUP;

/// `select.poll()`: a list of descriptors, and the events to report for each. There is no limit for
/// their number or for how high they are.
#[derive(Default)]
pub struct Poll {
    /// In the order of the descriptors.
    list: Vec<libc::pollfd>,
}

impl Poll {
    /// `select.poll()`: nothing is registered yet.
    pub fn new() -> Poll {
        Poll::default()
    }

    /// `register(fd, eventmask)`; for one that is registered already, `modify`.
    pub fn register(&mut self, fd: RawFd, events: i16) {
        match self.position(fd) {
            Ok(position) => self.list[position].events = events,
            Err(place) => self.list.insert(place, libc::pollfd { fd, events, revents: 0 }),
        }
    }

    /// `modify(fd, eventmask)`.
    ///
    /// # Errors
    /// ENOENT when it is not registered.
    pub fn modify(&mut self, fd: RawFd, events: i16) -> io::Result<()> {
        let position = self.position(fd);
        let position = position.map_err(|_| io::Error::from_raw_os_error(libc::ENOENT))?;
        self.list[position].events = events;
        Ok(())
    }

    /// `unregister(fd)`; nothing happens to one that is not registered.
    pub fn unregister(&mut self, fd: RawFd) {
        if let Ok(position) = self.position(fd) {
            self.list.remove(position);
        }
    }

    /// Where a descriptor is in the list, or where it would be.
    fn position(&self, fd: RawFd) -> Result<usize, usize> {
        self.list.binary_search_by_key(&fd, |entry| entry.fd)
    }

    /// `poll(timeout)`: waits until something is ready, and returns descriptors with their events,
    /// in the order of the descriptors. After a time-out the list is empty.
    ///
    /// # Errors
    /// Those of poll(2): EINVAL for more descriptors than the process may open. A signal does not
    /// end the wait (PEP 475).
    pub fn poll(&mut self, timeout: Option<Duration>) -> io::Result<Vec<(RawFd, i16)>> {
        let mut ready = Vec::new();
        self.poll_into(&mut ready, timeout)?;
        Ok(ready)
    }

    /// The same into a list that a loop keeps, so that nothing is allocated for a call.
    ///
    /// # Errors
    /// Those of [`poll`](Poll::poll).
    pub fn poll_into(
        &mut self,
        ready: &mut Vec<(RawFd, i16)>,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        ready.clear();
        // Each call copies the whole list to the kernel and back: epoll(7) avoids this cost.
        let list = &mut self.list;
        let count = uninterrupted_within(timeout, |left| sys::poll(list, to_millis(left)))?;
        let reported = list.iter().filter(|entry| entry.revents != 0);
        // The scan ends at the last one that is ready.
        ready.extend(reported.take(count).map(|entry| (entry.fd, entry.revents)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;
    use std::time::Instant;

    #[test]
    fn what_is_registered_is_reported_and_nothing_else() {
        let (a, mut a_peer) = UnixStream::pair().unwrap();
        let (b, mut b_peer) = UnixStream::pair().unwrap();
        let mut poll = Poll::new();
        poll.register(a.as_raw_fd(), POLLIN);
        poll.register(b.as_raw_fd(), POLLIN);
        a_peer.write_all(b"a").unwrap();
        assert_eq!(poll.poll(None).unwrap(), [(a.as_raw_fd(), POLLIN)]);
        b_peer.write_all(b"b").unwrap();
        poll.unregister(a.as_raw_fd());
        assert_eq!(poll.poll(None).unwrap(), [(b.as_raw_fd(), POLLIN)]);
        poll.modify(b.as_raw_fd(), POLLOUT).unwrap();
        assert_eq!(poll.poll(None).unwrap(), [(b.as_raw_fd(), POLLOUT)]);
        let error = poll.modify(a.as_raw_fd(), POLLIN).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ENOENT));
    }

    #[test]
    fn a_time_out_gives_an_empty_list_and_a_hang_up_comes_unasked() {
        let (a, peer) = UnixStream::pair().unwrap();
        let mut poll = Poll::new();
        poll.register(a.as_raw_fd(), 0);
        let (start, timeout) = (Instant::now(), Duration::from_millis(20));
        assert_eq!(poll.poll(Some(timeout)).unwrap(), []);
        assert!(start.elapsed() >= timeout);
        drop(peer);
        assert_eq!(poll.poll(None).unwrap(), [(a.as_raw_fd(), POLLHUP)]);
    }
}
