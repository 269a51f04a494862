//! Python's `EpollSelector`.

use std::io;
use std::os::fd::RawFd;
use std::time::Duration;

use epoll::{EPOLLIN, EPOLLOUT, Epoll};

use crate::mask::{self, EVENT_READ, EVENT_WRITE, Mask};
use crate::selector::BaseSelector;

/// A selector over level-triggered epoll(7) (note 003:145).
pub struct EpollSelector(Epoll);

impl EpollSelector {
    /// A selector that watches nothing yet.
    ///
    /// # Errors
    /// Those of epoll_create1(2).
    pub fn new() -> io::Result<EpollSelector> {
        Epoll::new().map(EpollSelector)
    }
}

impl BaseSelector for EpollSelector {
    fn name(&self) -> &'static str {
        "EpollSelector over epoll(7)"
    }

    fn register(&mut self, fd: RawFd, events: Mask) -> io::Result<()> {
        self.0.register(fd, to_epoll(events))
    }

    fn modify(&mut self, fd: RawFd, events: Mask) -> io::Result<()> {
        self.0.modify(fd, to_epoll(events))
    }

    fn unregister(&mut self, fd: RawFd) {
        // Closing a descriptor takes it out of the set already.
        let _ = self.0.unregister(fd);
    }

    fn select(&mut self, timeout: Option<Duration>) -> io::Result<Vec<(RawFd, Mask)>> {
        let ready = self.0.poll(timeout)?.into_iter();
        let ready = ready.map(|(fd, bits)| (fd, mask::from_bits(bits, EPOLLIN, EPOLLOUT)));
        Ok(ready.collect())
    }
}

fn to_epoll(events: Mask) -> u32 {
    let read = if events & EVENT_READ != 0 { EPOLLIN } else { 0 };
    let write = if events & EVENT_WRITE != 0 { EPOLLOUT } else { 0 };
    read | write
}
