//! Python's `select.epoll`.

use std::io;
use std::os::fd::{AsFd, OwnedFd, RawFd};
use std::time::Duration;

use common::{to_millis, uninterrupted_within};

use crate::sys;

/// How many events one [`Epoll::poll`] returns at most; the kernel keeps the others for the next
/// call.
const MAX_EVENTS: usize = 1024;

/// `select.epoll()`: a set of descriptors in the kernel, and the events to report for each.
pub struct Epoll {
    fd: OwnedFd,
    events: Vec<libc::epoll_event>,
}

impl Epoll {
    /// `select.epoll()`.
    ///
    /// # Errors
    /// Those of epoll_create1(2), for example EMFILE.
    pub fn new() -> io::Result<Epoll> {
        Ok(Epoll {
            fd: sys::epoll_create()?,
            events: vec![libc::epoll_event { events: 0, u64: 0 }; MAX_EVENTS],
        })
    }

    /// `register(fd, eventmask)`.
    ///
    /// # Errors
    /// Those of epoll_ctl(2): EEXIST when it is registered already, EPERM for a regular file.
    pub fn register(&self, fd: RawFd, events: u32) -> io::Result<()> {
        sys::epoll_ctl(self.fd.as_fd(), libc::EPOLL_CTL_ADD, fd, events)
    }

    /// `modify(fd, eventmask)`. After it epoll reports the descriptor again if it is still ready,
    /// also edge-triggered.
    ///
    /// # Errors
    /// Those of epoll_ctl(2): ENOENT when it is not registered.
    pub fn modify(&self, fd: RawFd, events: u32) -> io::Result<()> {
        sys::epoll_ctl(self.fd.as_fd(), libc::EPOLL_CTL_MOD, fd, events)
    }

    /// `unregister(fd)`.
    ///
    /// # Errors
    /// Those of epoll_ctl(2): ENOENT when it is not registered.
    pub fn unregister(&self, fd: RawFd) -> io::Result<()> {
        sys::epoll_del(self.fd.as_fd(), fd)
    }

    /// `poll(timeout)`: waits until something is ready, and returns descriptors with their events.
    /// After a time-out the list is empty.
    ///
    /// # Errors
    /// Those of epoll_wait(2). A signal does not end the wait (PEP 475).
    pub fn poll(&mut self, timeout: Option<Duration>) -> io::Result<Vec<(RawFd, u32)>> {
        let mut ready = Vec::new();
        self.poll_into(&mut ready, timeout)?;
        Ok(ready)
    }

    /// The same into a list that a loop keeps, so that nothing is allocated for a call. What was in
    /// the list is removed.
    ///
    /// # Errors
    /// Those of [`poll`](Epoll::poll).
    pub fn poll_into(
        &mut self,
        ready: &mut Vec<(RawFd, u32)>,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        let events = &mut self.events;
        let epoll = self.fd.as_fd();
        let count =
            uninterrupted_within(timeout, |left| sys::epoll_wait(epoll, events, to_millis(left)))?;
        ready.clear();
        ready.extend(events[..count].iter().map(|event| (event.u64 as RawFd, event.events)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EPOLLET, EPOLLHUP, EPOLLIN, EPOLLOUT};
    use std::io::{Read, Write};
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;

    const AT_ONCE: Option<Duration> = Some(Duration::ZERO);

    #[test]
    fn level_triggered_reports_while_it_lasts() {
        let (mut a, mut peer) = UnixStream::pair().unwrap();
        let mut epoll = Epoll::new().unwrap();
        epoll.register(a.as_raw_fd(), EPOLLIN).unwrap();
        peer.write_all(b"xy").unwrap();
        for _ in 0..3 {
            assert_eq!(epoll.poll(None).unwrap(), [(a.as_raw_fd(), EPOLLIN)]);
        }
        assert_eq!(a.read(&mut [0; 2]).unwrap(), 2);
        assert_eq!(epoll.poll(AT_ONCE).unwrap(), []);
    }

    #[test]
    fn edge_triggered_reports_once_until_modified() {
        let (a, mut peer) = UnixStream::pair().unwrap();
        let fd = a.as_raw_fd();
        let mut epoll = Epoll::new().unwrap();
        epoll.register(fd, EPOLLIN | EPOLLET).unwrap();
        peer.write_all(b"x").unwrap();
        assert_eq!(epoll.poll(None).unwrap(), [(fd, EPOLLIN)]);
        assert_eq!(epoll.poll(AT_ONCE).unwrap(), []);
        epoll.modify(fd, EPOLLIN | EPOLLET).unwrap();
        assert_eq!(epoll.poll(AT_ONCE).unwrap(), [(fd, EPOLLIN)]);
        epoll.modify(fd, EPOLLOUT | EPOLLET).unwrap();
        assert_eq!(epoll.poll(AT_ONCE).unwrap(), [(fd, EPOLLOUT)]);
    }

    #[test]
    fn a_hang_up_is_always_reported() {
        let (a, peer) = UnixStream::pair().unwrap();
        let mut epoll = Epoll::new().unwrap();
        epoll.register(a.as_raw_fd(), 0).unwrap();
        drop(peer);
        assert_eq!(epoll.poll(None).unwrap(), [(a.as_raw_fd(), EPOLLHUP)]);
    }

    #[test]
    fn what_is_not_registered_is_an_error() {
        let (a, _peer) = UnixStream::pair().unwrap();
        let epoll = Epoll::new().unwrap();
        let error = epoll.unregister(a.as_raw_fd()).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ENOENT));
    }
}
