//! What is known of a descriptor that the executor watches, and who waits for it.

use std::cell::Cell;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::ops::Deref;
use std::os::fd::RawFd;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use common::uninterrupted_within;
use mio::event::Event;
use mio::unix::SourceFd;
use mio::{Interest, Token};

use crate::executor::{OUTSIDE, current};

/// A descriptor that the executor watches until this is dropped.
pub(crate) struct Watched {
    fd: RawFd,
    interest: Interest,
    readiness: Rc<Readiness>,
}

impl Watched {
    /// Watches a descriptor.
    ///
    /// # Errors
    /// Those of epoll_ctl(2), for example ENOSPC.
    ///
    /// # Panics
    /// If no task calls it.
    pub(crate) fn new(fd: RawFd, interest: Interest) -> io::Result<Watched> {
        let executor = current().expect(OUTSIDE);
        executor.registry.register(&mut SourceFd(&fd), Token(fd as usize), interest)?;
        let mut watched = executor.watched.borrow_mut();
        let length = watched.len().max(fd as usize + 1);
        watched.resize_with(length, || None);
        let readiness = Rc::<Readiness>::default();
        watched[fd as usize] = Some(readiness.clone());
        Ok(Watched { fd, interest, readiness })
    }

    /// Has it reported anew if it is still ready.
    ///
    /// # Errors
    /// Those of epoll_ctl(2).
    pub(crate) fn watch_again(&self) -> io::Result<()> {
        let registry = &current().expect(OUTSIDE).registry;
        registry.reregister(&mut SourceFd(&self.fd), Token(self.fd as usize), self.interest)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // The kernel forgets the descriptor when it is closed, which comes next.
        if let Some(executor) = current() {
            executor.watched.borrow_mut()[self.fd as usize] = None;
        }
    }
}

impl Deref for Watched {
    type Target = Readiness;

    fn deref(&self) -> &Readiness {
        &self.readiness
    }
}

/// Both directions of a descriptor. It is watched edge-triggered: what was reported counts until a
/// call finds that it is used up.
#[derive(Default)]
pub(crate) struct Readiness {
    pub(crate) read: Side,
    pub(crate) write: Side,
    /// Whether a short read may leave something behind: the end of the stream, an error, or what
    /// follows urgent data, at which reads stop (tcp(7)).
    pub(crate) has_more: Cell<bool>,
}

impl Readiness {
    /// Takes over what mio says, and wakes who waits for it.
    pub(crate) fn is_reported(&self, event: &Event) {
        let (failed, closed) = (event.is_error(), event.is_read_closed());
        if failed || closed || event.is_priority() {
            self.has_more.set(true);
        }
        if failed || closed || event.is_readable() {
            self.read.is_ready();
        }
        if failed || event.is_writable() || event.is_write_closed() {
            self.write.is_ready();
        }
    }
}

/// One direction of a descriptor, and the task that waits for it.
#[derive(Default)]
pub(crate) struct Side {
    ready: Cell<bool>,
    waiting: Cell<Option<Waker>>,
    /// Whether a task is in [`call`](Side::call).
    taken: Cell<bool>,
}

impl Side {
    fn is_ready(&self) {
        self.ready.set(true);
        if let Some(waiting) = self.waiting.take() {
            waiting.wake();
        }
    }

    /// Nothing is left, or no room: the next call waits for a report.
    pub(crate) fn is_used_up(&self) {
        self.ready.set(false);
    }

    /// Makes a call that does not block, as soon as this side is ready and its task's budget
    /// allows; until then the task waits.
    ///
    /// # Errors
    /// Those of the call, and that another task waits: which one gets what comes next would be
    /// chance. Python's `StreamReader.read` raises RuntimeError then.
    pub(crate) async fn call<T>(&self, mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
        if self.taken.replace(true) {
            return Err(io::Error::other("another task waits for this socket already"));
        }
        let _turn = Turn(self);
        poll_fn(|context| self.poll(context, &mut call)).await
    }

    fn poll<T>(
        &self,
        context: &mut Context<'_>,
        mut call: impl FnMut() -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        if self.ready.get() {
            let executor = current().expect(OUTSIDE);
            let Some(left) = executor.budget.get().checked_sub(1) else {
                // The others have their turn first.
                context.waker().wake_by_ref();
                return Poll::Pending;
            };
            executor.budget.set(left);
            match uninterrupted_within(None, |_| call()) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.is_used_up(),
                result => return Poll::Ready(result),
            }
        }
        self.waiting.set(Some(context.waker().clone()));
        Poll::Pending
    }
}

/// The turn of one task at a side. It ends with the call, or when the task gives the call up.
struct Turn<'a>(&'a Side);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.waiting.set(None);
        self.0.taken.set(false);
    }
}
