//! A descriptor that the executor watches, with calls that wait.

use std::future::poll_fn;
use std::io;
use std::os::fd::RawFd;
use std::rc::Rc;
use std::task::Poll;

use mio::Interest;

use crate::executor::{self, spend_call};
use crate::readiness::{Readiness, Side};

/// A descriptor that the executor watches until this is dropped.
pub(crate) struct Watched {
    fd: RawFd,
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
        let readiness = Rc::<Readiness>::default();
        executor::watch(fd, interest, readiness.clone())?;
        Ok(Watched { fd, readiness })
    }

    /// Makes a call that reads, as soon as the descriptor is readable.
    ///
    /// # Errors
    /// Those of the call, and that another task waits.
    pub(crate) async fn read<T>(&self, call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
        wait_and_call(&self.readiness.read, call).await
    }

    /// Makes a call that writes, as soon as the descriptor is writable.
    ///
    /// # Errors
    /// Those of the call, and that another task waits.
    pub(crate) async fn write<T>(&self, call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
        wait_and_call(&self.readiness.write, call).await
    }

    /// Notes that there is nothing to read: the next call waits for a report.
    pub(crate) fn note_empty(&self) {
        self.readiness.read.clear();
    }

    /// Notes that a read has found less than it had room for. That was all, unless more may follow.
    pub(crate) fn note_short_read(&self) {
        if !self.readiness.has_more.get() {
            self.note_empty();
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        executor::forget(self.fd);
    }
}

/// Makes a call that does not block, as soon as its side is ready and its task's budget allows it.
async fn wait_and_call<T>(side: &Side, mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let _taken = side.take()?;
    poll_fn(|context| {
        if side.is_ready() && !spend_call() {
            // The other tasks run first.
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        side.poll(context, &mut call)
    })
    .await
}
