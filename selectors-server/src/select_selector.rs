//! Python's `SelectSelector`.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::os::fd::RawFd;
use std::time::Duration;

use select::{FD_SETSIZE, select};

use crate::mask::{EVENT_READ, EVENT_WRITE, Mask};
use crate::selector::BaseSelector;

/// A selector over select(2) (note 003:143), for descriptors below [`FD_SETSIZE`] only (note
/// 003:158).
#[derive(Default)]
pub struct SelectSelector {
    watched: BTreeMap<RawFd, Mask>,
}

impl SelectSelector {
    /// A selector that watches nothing yet.
    pub fn new() -> SelectSelector {
        SelectSelector::default()
    }

    fn watched_for(&self, event: Mask) -> Vec<RawFd> {
        let watched = self.watched.iter();
        let for_event = watched.filter(|(_, events)| **events & event != 0);
        for_event.map(|(fd, _)| *fd).collect()
    }
}

impl BaseSelector for SelectSelector {
    fn name(&self) -> &'static str {
        "SelectSelector over select(2)"
    }

    /// A descriptor that is too high is refused here. In Python the next `select` fails.
    fn register(&mut self, fd: RawFd, events: Mask) -> io::Result<()> {
        if !usize::try_from(fd).is_ok_and(|fd| fd < FD_SETSIZE) {
            let message = format!("select(2) holds only descriptors below {FD_SETSIZE}, not {fd}");
            return Err(io::Error::new(ErrorKind::InvalidInput, message));
        }
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
        let (readers, writers) = (self.watched_for(EVENT_READ), self.watched_for(EVENT_WRITE));
        let (r, w, _) = select(&readers, &writers, &[], timeout)?;
        let mut ready: BTreeMap<RawFd, Mask> = r.into_iter().map(|fd| (fd, EVENT_READ)).collect();
        for fd in w {
            *ready.entry(fd).or_default() |= EVENT_WRITE;
        }
        Ok(ready.into_iter().collect())
    }
}
