//! io_uring(7): a queue of requests that the kernel shares with its process, and a queue of their
//! completions. One system call hands over all that was asked for and waits for what is done.

mod sys;

use std::io;
use std::os::fd::{OwnedFd, RawFd};

use anyhow::{Context, ensure};
use common::uninterrupted_within;
use io_uring::{Builder, IoUring, Probe, cqueue, opcode};

pub use sys::{Buffer, Data, set_receive_buffer_size};
use sys::{InFlight, Patience, Pool};

/// Requests that the kernel has room for before it takes them, and completions before it holds them
/// back.
const REQUESTS: u32 = 1024;
const COMPLETIONS: u32 = 4096;

/// The number under which the kernel knows the pool.
const GROUP: u16 = 0;

/// What a request's user data says besides its descriptor: what was asked for.
const ACCEPT: u64 = 0;
const RECEIVE: u64 = 1 << 32;
const SEND: u64 = 2 << 32;
const CANCEL: u64 = 3 << 32;

/// Something that the kernel has done.
pub enum Completion {
    /// It has accepted a client, or not; unless there is `more`, it accepts nobody from now on.
    Accepted {
        /// The client, or the error of accept(2).
        client: io::Result<OwnedFd>,
        /// Whether further completions will come of the same request.
        more: bool,
    },
    /// It has received from the socket `fd`, or not; unless there is `more`, it has stopped.
    Received {
        /// The socket.
        fd: RawFd,
        /// The data, `None` at the end of the stream, or the error of recv(2); ENOBUFS while the
        /// kernel has no buffer left, ECANCELED after [`Ring::cancel_receive`].
        data: io::Result<Option<Buffer>>,
        /// Whether further completions will come of the same request.
        more: bool,
    },
    /// It has sent to the socket `fd`, or not.
    Sent {
        /// The socket.
        fd: RawFd,
        /// How many of the bytes it took, or the error of send(2).
        sent: io::Result<usize>,
        /// What it was given.
        data: Data,
    },
}

/// Requests, completions, and a pool of buffers for what is received.
pub struct Ring {
    ring: IoUring,
    pool: Pool,
    in_flight: InFlight,
    /// The sockets of the sends that the next system call will try.
    tried: Vec<RawFd>,
    /// What is done, for a moment.
    done: Vec<Completion>,
}

impl Ring {
    /// A ring, and a pool of 256 buffers of 16 KiB. That this system allows one is what can only be
    /// found out by asking.
    ///
    /// # Errors
    /// Those of io_uring_setup(2) and io_uring_register(2), for example EPERM where a sandbox or
    /// `kernel.io_uring_disabled` forbids it; an explanation before Linux 6.0.
    pub fn new() -> anyhow::Result<Ring> {
        let ring = set_up().context("io_uring_setup")?;
        let mut probe = Probe::new();
        ring.submitter().register_probe(&mut probe).context("io_uring_register")?;
        // No probe tells of multishot receive; it came with the same kernel as this request.
        let has_multishot = probe.is_supported(opcode::SendZc::CODE);
        ensure!(has_multishot, "io_uring_setup: no multishot receive before Linux 6.0");
        let pool = Pool::new(&ring, GROUP).context("io_uring_register")?;
        Ok(Ring { ring, pool, in_flight: InFlight::default(), tried: Vec::new(), done: Vec::new() })
    }

    /// Asks for every client that comes to `listener`.
    ///
    /// # Errors
    /// Those of io_uring_enter(2).
    pub fn accept(&mut self, listener: RawFd) -> io::Result<()> {
        sys::accept(&mut self.ring, listener, ACCEPT)
    }

    /// Asks for all that comes from the socket `fd`.
    ///
    /// # Errors
    /// Those of io_uring_enter(2).
    pub fn receive(&mut self, fd: RawFd) -> io::Result<()> {
        sys::receive(&mut self.ring, fd, GROUP, RECEIVE | fd as u64)
    }

    /// Takes back what [`receive`](Ring::receive) asked for.
    ///
    /// # Errors
    /// Those of io_uring_enter(2).
    pub fn cancel_receive(&mut self, fd: RawFd) -> io::Result<()> {
        sys::cancel(&mut self.ring, RECEIVE | fd as u64, CANCEL)
    }

    /// Asks to send a buffer to the socket `fd` as far as there is room now, so that no client who
    /// does not read keeps a buffer of the pool.
    ///
    /// # Errors
    /// Those of io_uring_enter(2).
    ///
    /// # Panics
    /// If a send on this socket is in flight.
    pub fn try_send(&mut self, fd: RawFd, buffer: Buffer) -> io::Result<()> {
        self.tried.push(fd);
        let (data, user_data) = (Data::Buffer(buffer), SEND | fd as u64);
        self.in_flight.send(&mut self.ring, fd, data, Patience::Try, user_data)
    }

    /// Asks to send all of `bytes` to the socket `fd`, whenever there is room.
    ///
    /// # Errors
    /// Those of io_uring_enter(2).
    ///
    /// # Panics
    /// If a send on this socket is in flight.
    pub fn send(&mut self, fd: RawFd, bytes: Vec<u8>) -> io::Result<()> {
        let (data, user_data) = (Data::Gathered(bytes), SEND | fd as u64);
        self.in_flight.send(&mut self.ring, fd, data, Patience::Wait, user_data)
    }

    /// Gives a buffer back to the pool; other data is freed.
    pub fn give_back(&mut self, data: Data) {
        if let Data::Buffer(buffer) = data {
            self.pool.give(buffer);
        }
    }

    /// How many buffers the kernel can receive into before it needs one back.
    pub fn free_buffers(&self) -> usize {
        self.pool.free()
    }

    /// Hands over what was asked for and waits until `count` requests have completed: one system
    /// call. What is done is put into `completions`, what was sent first.
    ///
    /// # Errors
    /// Those of io_uring_enter(2).
    pub fn wait(&mut self, completions: &mut Vec<Completion>, count: usize) -> io::Result<()> {
        uninterrupted_within(None, |_| self.ring.submit_and_wait(count))?;
        let Ring { ring, pool, in_flight, tried, done } = self;
        let read = |completion| read(completion, pool, in_flight);
        done.extend(ring.completion().filter_map(read));
        // A send that was tried is over when the call returns, and has a completion only if it
        // failed; unless the call took a part of the requests, for want of memory.
        if ring.submission().is_empty() {
            completions.extend(tried.drain(..).filter_map(|fd| {
                let data = in_flight.take(fd)?;
                Some(Completion::Sent { fd, sent: Ok(data.len()), data })
            }));
        }
        completions.append(done);
        Ok(())
    }
}

fn kind(completion: &cqueue::Entry) -> u64 {
    completion.user_data() >> 32 << 32
}

/// What a completion says; nothing where a request was cancelled, whose own completion tells more.
fn read(
    completion: cqueue::Entry,
    pool: &mut Pool,
    in_flight: &mut InFlight,
) -> Option<Completion> {
    let (fd, flags) = (completion.user_data() as u32 as RawFd, completion.flags());
    let more = cqueue::more(flags);
    match kind(&completion) {
        ACCEPT => Some(Completion::Accepted { client: sys::accepted(completion), more }),
        RECEIVE => {
            let length = sys::check(completion.result()).map(|length| length as usize);
            let take = |id| pool.take(id, *length.as_ref().unwrap_or(&0));
            let mut buffer = cqueue::buffer_select(flags).and_then(take);
            let empty = buffer.take_if(|buffer| buffer.is_empty());
            empty.into_iter().for_each(|buffer| pool.give(buffer));
            Some(Completion::Received { fd, data: length.map(|_| buffer), more })
        }
        SEND => {
            let sent = sys::check(completion.result()).map(|sent| sent as usize);
            Some(Completion::Sent { fd, sent, data: in_flight.take(fd)? })
        }
        _ => None,
    }
}

/// io_uring_setup(2) for one thread that comes for its completions when it is ready for them, so
/// that the kernel interrupts it for none (Linux 6.1); without that where it is not known.
fn set_up() -> io::Result<IoUring> {
    let ways: [fn(&mut Builder) -> &mut Builder; 3] = [
        |ring| ring.setup_single_issuer().setup_defer_taskrun(),
        |ring| ring.setup_coop_taskrun(),
        |ring| ring,
    ];
    let mut refusal = None;
    for way in ways {
        let mut ring = IoUring::builder();
        ring.setup_cqsize(COMPLETIONS).setup_submit_all();
        way(&mut ring);
        match ring.build(REQUESTS) {
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => refusal = Some(error),
            built => return built,
        }
    }
    Err(refusal.unwrap_or_else(|| io::ErrorKind::Unsupported.into()))
}
