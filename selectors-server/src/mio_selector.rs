//! A selector over mio, made level-triggered.

use std::collections::HashMap;
use std::io;
use std::os::fd::RawFd;
use std::time::Duration;

use common::uninterrupted_within;

use mio::event::Event;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};

use crate::mask::{EVENT_READ, EVENT_WRITE, Mask};
use crate::selector::BaseSelector;

/// How many events one call of mio returns at most; the kernel keeps the others for the next call.
const MAX_EVENTS: usize = 1024;

/// A selector over mio, which uses the best mechanism of its platform: epoll on Linux, kqueue on
/// BSD.
///
/// mio is edge-triggered: it reports a socket once, even if data is left in it. Python's selectors
/// are level-triggered. So each reported socket is re-armed before the next wait, and mio reports
/// it again if it is still ready.
pub struct MioSelector {
    poll: Poll,
    events: Events,
    interests: HashMap<RawFd, Interest>,
    reported: Vec<RawFd>,
}

impl MioSelector {
    /// A selector that watches nothing yet.
    ///
    /// # Errors
    /// What the system says, for example EMFILE.
    pub fn new() -> io::Result<MioSelector> {
        Ok(MioSelector {
            poll: Poll::new()?,
            events: Events::with_capacity(MAX_EVENTS),
            interests: HashMap::new(),
            reported: Vec::new(),
        })
    }

    fn arm_again(&mut self) {
        for fd in self.reported.drain(..) {
            if let Some(interest) = self.interests.get(&fd) {
                // A descriptor that was closed is refused, and has nothing to report.
                let _ = self.poll.registry().reregister(&mut SourceFd(&fd), token(fd), *interest);
            }
        }
    }
}

impl BaseSelector for MioSelector {
    fn name(&self) -> &'static str {
        "MioSelector over epoll(7)"
    }

    fn register(&mut self, fd: RawFd, events: Mask) -> io::Result<()> {
        let interest = to_interest(events);
        self.poll.registry().register(&mut SourceFd(&fd), token(fd), interest)?;
        self.interests.insert(fd, interest);
        Ok(())
    }

    fn modify(&mut self, fd: RawFd, events: Mask) -> io::Result<()> {
        let interest = to_interest(events);
        self.poll.registry().reregister(&mut SourceFd(&fd), token(fd), interest)?;
        self.interests.insert(fd, interest);
        Ok(())
    }

    fn unregister(&mut self, fd: RawFd) {
        self.interests.remove(&fd);
        // Closing a descriptor takes it out of the set already.
        let _ = self.poll.registry().deregister(&mut SourceFd(&fd));
    }

    fn select(&mut self, timeout: Option<Duration>) -> io::Result<Vec<(RawFd, Mask)>> {
        self.arm_again();
        uninterrupted_within(timeout, |left| self.poll.poll(&mut self.events, left))?;
        let ready = self.events.iter();
        let ready: Vec<_> =
            ready.map(|event| (event.token().0 as RawFd, from_mio(event))).collect();
        self.reported.extend(ready.iter().map(|(fd, _)| *fd));
        Ok(ready)
    }
}

fn token(fd: RawFd) -> Token {
    Token(fd as usize)
}

fn to_interest(events: Mask) -> Interest {
    match events {
        EVENT_READ => Interest::READABLE,
        EVENT_WRITE => Interest::WRITABLE,
        _ => Interest::READABLE | Interest::WRITABLE,
    }
}

/// A hang-up or an error is for both events: reading and writing both return it.
fn from_mio(event: &Event) -> Mask {
    let both = event.is_error() || (event.is_read_closed() && event.is_write_closed());
    let read = if both || event.is_readable() || event.is_read_closed() { EVENT_READ } else { 0 };
    let write =
        if both || event.is_writable() || event.is_write_closed() { EVENT_WRITE } else { 0 };
    read | write
}
