//! Python's `PollSelector`.

use std::io;
use std::os::fd::RawFd;
use std::time::Duration;

use select::{POLLIN, POLLOUT, Poll};

use crate::mask::{self, EVENT_READ, EVENT_WRITE, Mask};
use crate::selector::BaseSelector;

/// A selector over poll(2) (note 003:144): like select(2), but the list may have any length.
#[derive(Default)]
pub struct PollSelector {
    poll: Poll,
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
        self.poll.register(fd, to_poll(events));
        Ok(())
    }

    fn modify(&mut self, fd: RawFd, events: Mask) -> io::Result<()> {
        self.poll.modify(fd, to_poll(events))
    }

    fn unregister(&mut self, fd: RawFd) {
        self.poll.unregister(fd);
    }

    fn select(&mut self, timeout: Option<Duration>) -> io::Result<Vec<(RawFd, Mask)>> {
        let ready = self.poll.poll(timeout)?.into_iter();
        Ok(ready.map(|(fd, events)| (fd, from_poll(events))).collect())
    }
}

fn to_poll(events: Mask) -> i16 {
    let read = if events & EVENT_READ != 0 { POLLIN } else { 0 };
    let write = if events & EVENT_WRITE != 0 { POLLOUT } else { 0 };
    read | write
}

fn from_poll(events: i16) -> Mask {
    mask::from_bits(events as u32, POLLIN as u32, POLLOUT as u32)
}
