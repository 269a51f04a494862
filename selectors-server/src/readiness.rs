//! What is known of a descriptor that is watched edge-triggered, and the task that waits for it.

use std::cell::Cell;
use std::io::{self, ErrorKind};
use std::task::{Context, Poll, Waker};

use common::uninterrupted_within;
use mio::event::Event;

/// Both directions of a descriptor. A report counts until a call finds nothing more.
#[derive(Default)]
pub(crate) struct Readiness {
    pub(crate) read: Side,
    pub(crate) write: Side,
    /// Whether more may follow a short read: the end of the stream, an error, or what comes after
    /// an urgent byte, at which reads stop (tcp(7)).
    pub(crate) has_more: Cell<bool>,
}

impl Readiness {
    /// Takes over a report of mio, and wakes the tasks that wait.
    pub(crate) fn report(&self, event: &Event) {
        let (failed, closed) = (event.is_error(), event.is_read_closed());
        if failed || closed || event.is_priority() {
            self.has_more.set(true);
        }
        if failed || closed || event.is_readable() {
            self.read.set_ready();
        }
        if failed || event.is_writable() || event.is_write_closed() {
            self.write.set_ready();
        }
    }
}

/// One direction of a descriptor, and the task that waits for it.
#[derive(Default)]
pub(crate) struct Side {
    ready: Cell<bool>,
    waiting: Cell<Option<Waker>>,
    /// Whether a task has it.
    taken: Cell<bool>,
}

impl Side {
    fn set_ready(&self) {
        self.ready.set(true);
        if let Some(waiting) = self.waiting.take() {
            waiting.wake();
        }
    }

    /// Notes that nothing is left, or no room: the next call waits for a report.
    pub(crate) fn clear(&self) {
        self.ready.set(false);
    }

    /// Whether a call may find something.
    pub(crate) fn is_ready(&self) -> bool {
        self.ready.get()
    }

    /// Gives this side to one task, until the guard is dropped.
    ///
    /// # Errors
    /// That another task has it: it would be chance which task gets what comes next. Python's
    /// `StreamReader.read` raises RuntimeError then.
    pub(crate) fn take(&self) -> io::Result<Taken<'_>> {
        if self.taken.replace(true) {
            return Err(io::Error::other("another task waits for this socket already"));
        }
        Ok(Taken(self))
    }

    /// Makes a call that does not block, if this side is ready. If not, or if the call would block,
    /// the task is woken by the next report.
    pub(crate) fn poll<T>(
        &self,
        context: &Context<'_>,
        mut call: impl FnMut() -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        if self.ready.get() {
            match uninterrupted_within(None, |_| call()) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.clear(),
                result => return Poll::Ready(result),
            }
        }
        self.waiting.set(Some(context.waker().clone()));
        Poll::Pending
    }
}

/// A side that one task has. It ends with the call, or when the task drops the call.
pub(crate) struct Taken<'a>(&'a Side);

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.0.waiting.set(None);
        self.0.taken.set(false);
    }
}
