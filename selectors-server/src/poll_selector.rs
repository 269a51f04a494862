//! Python's `PollSelector`.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::RawFd;
use std::time::Duration;

use common::{to_millis, uninterrupted_within};

use crate::mask::{self, EVENT_READ, EVENT_WRITE, Mask};
use crate::selector::BaseSelector;
use crate::sys;

/// A selector over poll(2) (note 003:144): like select(2), but the list may be of any length.
#[derive(Default)]
pub struct PollSelector {
    watched: BTreeMap<RawFd, Mask>,
}

impl PollSelector {
    /// A selector that watches nothing yet.
    pub fn new() -> PollSelector {
        PollSelector::default()
    }
}

impl BaseSelector for PollSelector {
    fn name(&self) -> &'static str {
        "PollSelector over poll(2)"
    }

    fn register(&mut self, fd: RawFd, events: Mask) -> io::Result<()> {
        self.watched.insert(fd, events);
        Ok(())
    }

    fn modify(&mut self, fd: RawFd, events: Mask) -> io::Result<()> {
        self.watched.insert(fd, events);
        Ok(())
    }

    fn unregister(&mut self, fd: RawFd) {
        self.watched.remove(&fd);
    }

    fn select(&mut self, timeout: Option<Duration>) -> io::Result<Vec<(RawFd, Mask)>> {
        // The whole list goes to the kernel and back with every call: the cost that epoll(7)
        // avoids.
        let mut list: Vec<libc::pollfd> = self.watched.iter().map(to_pollfd).collect();
        uninterrupted_within(timeout, |left| sys::poll(&mut list, to_millis(left)))?;
        let ready = list.iter().filter(|entry| entry.revents != 0);
        Ok(ready.map(|entry| (entry.fd, from_poll(entry.revents))).collect())
    }
}

fn to_pollfd((fd, events): (&RawFd, &Mask)) -> libc::pollfd {
    let read = if events & EVENT_READ != 0 { libc::POLLIN } else { 0 };
    let write = if events & EVENT_WRITE != 0 { libc::POLLOUT } else { 0 };
    libc::pollfd { fd: *fd, events: read | write, revents: 0 }
}

fn from_poll(revents: libc::c_short) -> Mask {
    mask::from_bits(revents as u32, libc::POLLIN as u32, libc::POLLOUT as u32)
}
