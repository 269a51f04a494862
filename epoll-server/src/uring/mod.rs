//! io_uring(7): a queue of requests that the process shares with the kernel, and a queue of
//! completions. One system call hands over all requests and waits for completions.
//!
//! A client and its memory belong to the kernel until the request has completed. So a client is
//! closed only after its request has completed.
//!
//! | what is used | since Linux |
//! |---|---|
//! | a timer: IORING_OP_TIMEOUT | 5.4 |
//! | more completions than requests: IORING_SETUP_CQSIZE | 5.5 |
//! | completions that the queue has no room for are kept: IORING_FEAT_NODROP | 5.5 |
//! | send and receive: IORING_OP_SEND, IORING_OP_RECV | 5.6 |
//! | a request that waits for its socket needs no thread: IORING_FEAT_FAST_POLL | 5.7 |
//! | an accept that completes for each client: IORING_ACCEPT_MULTISHOT | 5.19 |
//! | a ring of buffers to receive into: IORING_REGISTER_PBUF_RING | 5.19 |
//! | a receive that first waits for data: IORING_RECVSEND_POLL_FIRST | 5.19 |
//! | [`Setup::Cooperative`]: IORING_SETUP_COOP_TASKRUN | 5.19 |
//! | [`Setup::Deferred`]: IORING_SETUP_SINGLE_ISSUER, IORING_SETUP_DEFER_TASKRUN | 6.0, 6.1 |
//!
//! So Linux 5.19 is the oldest that serves. The sources are io_uring_setup(2), io_uring_enter(2),
//! io_uring_register(2), io_uring_prep_accept(3) and io_uring_prep_recv(3).

mod requests;
mod setup;
mod sys;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use io_uring::{IoUring, cqueue, squeue};

use requests::{Request, Requests};
pub use setup::{Options, Setup};
pub use sys::Buffer;
use sys::Pool;

/// How long to wait when the kernel takes no request and has completed none.
const REST: Duration = Duration::from_millis(1);

/// Something that the kernel has done.
pub enum Completion {
    /// It has accepted a client, or not. Without `more` it accepts no further clients.
    Accepted {
        /// The client, or the error of accept(2).
        client: io::Result<OwnedFd>,
        /// Whether further completions will come of the same request.
        more: bool,
    },
    /// It has received from a client, or not.
    Received {
        /// The client.
        client: OwnedFd,
        /// The data, `None` at the end of the stream, or the error of recv(2).
        data: io::Result<Option<Buffer>>,
    },
    /// It has sent to a client, or not.
    Sent {
        /// The client.
        client: OwnedFd,
        /// What it was given.
        data: Buffer,
        /// How many of the bytes it took, or the error of send(2).
        sent: io::Result<usize>,
    },
    /// The time that [`Ring::start_timer`] gave is over.
    TimeIsOver,
}

/// Requests, completions, and a pool of buffers to receive into. A program makes one for its whole
/// life: memory that the kernel may still use is not freed with it.
pub struct Ring {
    ring: IoUring,
    pool: Pool,
    /// The requests that the kernel has, or is handed over next.
    requests: Requests,
    /// What is handed over next, in this order.
    asked: VecDeque<squeue::Entry>,
    /// What the kernel could not do, mostly because there was no buffer. It is handed over again.
    again: VecDeque<Request>,
}

impl Ring {
    /// A ring with its buffers. Only trying tells whether this system allows it.
    ///
    /// # Errors
    /// Those of io_uring_setup(2) and io_uring_register(2), with advice for the operator.
    pub fn new(options: Options) -> Result<Ring> {
        let (ring, pool) = setup::set_up(options)?;
        let (asked, again) = (VecDeque::new(), VecDeque::new());
        Ok(Ring { ring, pool, requests: Requests::default(), asked, again })
    }

    /// Asks for every client that comes to `listener`.
    pub fn accept(&mut self, listener: &impl AsFd) {
        self.ask(Request::Accept(listener.as_fd().as_raw_fd()));
    }

    /// Asks for what a client sends next.
    pub fn receive(&mut self, client: OwnedFd) {
        self.ask(Request::Receive { client, is_ready: false });
    }

    /// Asks to send a client what is in a buffer, or as much of it as there is room for.
    pub fn send(&mut self, client: OwnedFd, data: Buffer) {
        self.ask(Request::Send(client, data));
    }

    /// Asks for a completion after a hundredth of a second.
    pub fn start_timer(&mut self) {
        self.ask(Request::Timer);
    }

    /// Gives a buffer back, so that a later receive needs no new memory. A client that waits for a
    /// buffer is next.
    pub fn give_back(&mut self, buffer: Buffer) {
        self.pool.give_back(buffer);
        self.ask_again();
    }

    fn ask(&mut self, request: Request) {
        let entry = request.entry();
        let number = self.requests.begin(request);
        self.asked.push_back(entry.user_data(number));
    }

    fn ask_again(&mut self) {
        if let Some(request) = self.again.pop_front() {
            self.ask(request);
        }
    }

    /// Hands over the requests, without waiting.
    ///
    /// # Errors
    /// Those of io_uring_enter(2) after which the ring is broken.
    pub fn hand_over(&mut self) -> Result<()> {
        self.enter(false).map(drop)
    }

    /// Hands over the requests, waits for completions, and puts them into `completions`, which is
    /// empty.
    ///
    /// # Errors
    /// Those of io_uring_enter(2) after which the ring is broken, for example EBADR: the kernel had
    /// no memory to keep a completion.
    pub fn wait(&mut self, completions: &mut Vec<Completion>) -> Result<()> {
        while completions.is_empty() {
            let entered = self.enter(true)?;
            self.reap(completions);
            if !entered && completions.is_empty() {
                thread::sleep(REST);
            }
        }
        Ok(())
    }

    /// Makes the system call. Returns whether the kernel did it: in a shortage it wants completions
    /// to be taken first (io_uring_enter(2)).
    fn enter(&mut self, may_wait: bool) -> Result<bool> {
        if self.asked.is_empty() {
            (0..self.pool.len()).for_each(|_| self.ask_again());
        }
        let may_wait = may_wait && self.again.is_empty();
        match sys::enter(&mut self.ring, &mut self.asked, may_wait) {
            Ok(()) => Ok(true),
            Err(error) => match error.raw_os_error() {
                Some(libc::EINTR) => Ok(true),
                Some(libc::EAGAIN | libc::EBUSY | libc::ENOMEM) => Ok(false),
                _ => Err(error).context("io_uring_enter"),
            },
        }
    }

    /// Takes the completions.
    fn reap(&mut self, completions: &mut Vec<Completion>) {
        for entry in self.ring.completion() {
            if cqueue::more(entry.flags()) {
                // Only an accept completes more than once.
                let client = sys::accepted(&entry);
                completions.push(Completion::Accepted { client, more: true });
                continue;
            }
            let Some(request) = self.requests.end(entry.user_data()) else { continue };
            let result = sys::check(entry.result()).map(|count| count as usize);
            completions.push(match (request, result) {
                (Request::Receive { client, .. }, Err(error)) if is(&error, libc::ENOBUFS) => {
                    self.again.push_back(Request::Receive { client, is_ready: true });
                    continue;
                }
                (request, Err(error)) if is(&error, libc::EINTR) || is(&error, libc::EAGAIN) => {
                    self.again.push_back(request);
                    continue;
                }
                (Request::Accept(_), _) => {
                    Completion::Accepted { client: sys::accepted(&entry), more: false }
                }
                (Request::Receive { client, .. }, received) => {
                    let length = *received.as_ref().unwrap_or(&0);
                    let buffer = self.pool.take(&entry, length);
                    Completion::Received { client, data: received.map(|_| buffer) }
                }
                (Request::Send(client, data), sent) => Completion::Sent { client, data, sent },
                (Request::Timer, _) => Completion::TimeIsOver,
            });
        }
    }
}

fn is(error: &io::Error, code: i32) -> bool {
    error.raw_os_error() == Some(code)
}
