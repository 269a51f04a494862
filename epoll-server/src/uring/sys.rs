//! io_uring(7) with a safe face: what the kernel may still read or write belongs to it, until a
//! completion hands it back.
#![allow(unsafe_code)]

use std::array::from_fn;
use std::io;
use std::mem::{ManuallyDrop, size_of};
use std::ops::Deref;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr::slice_from_raw_parts_mut;
use std::sync::atomic::{AtomicU16, AtomicU32, AtomicU64, Ordering};

use common::uninterrupted_within;
use io_uring::types::{CancelBuilder, Fd};
use io_uring::{IoUring, cqueue, opcode, squeue};

/// Buffers in the pool: clients whose data one wait can bring. The kernel wants a power of two.
pub const BUFFERS: usize = 256;
/// Bytes in a buffer.
pub const BUFFER_SIZE: usize = 16 * 1024;

/// The ring of buffers that the kernel takes from, as `struct io_uring_buf` lays it out
/// (io_uring_register_buf_ring(3)); it begins with a page.
#[repr(C, align(4096))]
struct BufferRing([BufferEntry; BUFFERS]);

#[repr(C)]
#[derive(Default)]
struct BufferEntry {
    address: AtomicU64,
    length: AtomicU32,
    id: AtomicU16,
    /// In the first entry: how many buffers were ever put into the ring, modulo 2^16.
    tail: AtomicU16,
}

/// A buffer of the pool that the kernel has filled and handed over.
pub struct Buffer {
    id: u16,
    memory: Box<[u8]>,
    length: usize,
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.memory[..self.length]
    }
}

/// The buffers that the kernel receives into: it takes one when data has come, so that a client
/// that is silent holds none.
pub struct Pool {
    /// Never freed: the kernel may look at it for as long as the ring of requests is open.
    entries: &'static BufferRing,
    /// The buffers that are in the ring, by their ids; what is there belongs to the kernel.
    given: Vec<Option<*mut u8>>,
    tail: u16,
}

impl Pool {
    /// A pool whose buffers are all the kernel's, under the number `group`.
    ///
    /// # Errors
    /// Those of io_uring_register(2): EINVAL before Linux 5.19.
    pub fn new(ring: &IoUring, group: u16) -> io::Result<Pool> {
        let entries = Box::leak(Box::new(BufferRing(from_fn(|_| BufferEntry::default()))));
        let address = &raw const *entries as u64;
        let submitter = ring.submitter();
        // SAFETY: the entries live as long as the process, and there are that many.
        unsafe { submitter.register_buf_ring_with_flags(address, BUFFERS as u16, group, 0) }?;
        let mut pool = Pool { entries, given: vec![None; BUFFERS], tail: 0 };
        for id in 0..BUFFERS as u16 {
            pool.give(Buffer { id, memory: vec![0; BUFFER_SIZE].into(), length: 0 });
        }
        Ok(pool)
    }

    /// Gives a buffer to the kernel, which may fill it from now on.
    pub fn give(&mut self, buffer: Buffer) {
        let memory = Box::into_raw(buffer.memory).cast::<u8>();
        let entry = &self.entries.0[self.tail as usize % BUFFERS];
        entry.address.store(memory as u64, Ordering::Relaxed);
        entry.length.store(BUFFER_SIZE as u32, Ordering::Relaxed);
        entry.id.store(buffer.id, Ordering::Relaxed);
        self.given[usize::from(buffer.id)] = Some(memory);
        self.tail = self.tail.wrapping_add(1);
        // The kernel sees the entry before it sees that there is one more.
        self.entries.0[0].tail.store(self.tail, Ordering::Release);
    }

    /// Takes over the buffer that a completion names, with the `length` bytes in it.
    pub fn take(&mut self, id: u16, length: usize) -> Option<Buffer> {
        let memory = self.given.get_mut(usize::from(id))?.take()?;
        let memory = slice_from_raw_parts_mut(memory, BUFFER_SIZE);
        // SAFETY: `give` made it of a box of this size, and the kernel has finished with it.
        let memory = unsafe { Box::from_raw(memory) };
        Some(Buffer { id, memory, length: length.min(BUFFER_SIZE) })
    }

    /// How many buffers the kernel has.
    pub fn free(&self) -> usize {
        self.given.iter().flatten().count()
    }
}

/// The bytes of a send.
pub enum Data {
    /// A buffer of the pool, as it was received.
    Buffer(Buffer),
    /// What was gathered while another send was in flight.
    Gathered(Vec<u8>),
}

impl Deref for Data {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Data::Buffer(buffer) => buffer,
            Data::Gathered(bytes) => bytes,
        }
    }
}

/// What a send does when its socket has no room for all of its bytes.
#[derive(Clone, Copy, PartialEq)]
pub enum Patience {
    /// It ends at once, with those that there was room for; one that took all has no completion.
    Try,
    /// It waits for room.
    Wait,
}

/// The data of the sends that have begun, by the descriptors of their sockets. Never freed: the
/// kernel may read it until the send has completed.
#[derive(Default)]
pub struct InFlight(ManuallyDrop<Vec<Option<Data>>>);

impl InFlight {
    /// Begins to send `data`: the next system call takes the request to the kernel.
    ///
    /// # Errors
    /// Those of io_uring_enter(2), which makes room in a full queue.
    ///
    /// # Panics
    /// If a send on this socket is in flight.
    pub fn send(
        &mut self,
        ring: &mut IoUring,
        fd: RawFd,
        data: Data,
        patience: Patience,
        user_data: u64,
    ) -> io::Result<()> {
        if self.0.len() <= fd as usize {
            self.0.resize_with(fd as usize + 1, || None);
        }
        let place = &mut self.0[fd as usize];
        assert!(place.is_none(), "one send at a time keeps the bytes in order");
        let data = place.insert(data);
        let send = opcode::Send::new(Fd(fd), data.as_ptr(), data.len() as u32);
        // With MSG_WAITALL a send that took less than all has failed, and then it does complete.
        let send = match patience {
            Patience::Try => send
                .flags(libc::MSG_WAITALL | libc::MSG_DONTWAIT)
                .build()
                .flags(squeue::Flags::SKIP_SUCCESS),
            Patience::Wait => send.flags(libc::MSG_WAITALL).build(),
        };
        push(ring, &send.user_data(user_data))
    }

    /// Takes back the data of a send that has completed.
    pub fn take(&mut self, fd: RawFd) -> Option<Data> {
        self.0.get_mut(fd as usize)?.take()
    }
}

/// Accepts every client that comes, each in a completion of its own, until one of them says that it
/// is the last.
///
/// # Errors
/// Those of io_uring_enter(2), which makes room in a full queue.
pub fn accept(ring: &mut IoUring, listener: RawFd, user_data: u64) -> io::Result<()> {
    let accept = opcode::AcceptMulti::new(Fd(listener)).flags(libc::SOCK_CLOEXEC);
    push(ring, &accept.build().user_data(user_data))
}

/// Receives whatever comes, each time into a buffer of the pool `group`, until a completion says
/// that it is the last.
///
/// # Errors
/// Those of io_uring_enter(2), which makes room in a full queue.
pub fn receive(ring: &mut IoUring, fd: RawFd, group: u16, user_data: u64) -> io::Result<()> {
    let receive = opcode::RecvMulti::new(Fd(fd), group);
    push(ring, &receive.build().user_data(user_data))
}

/// Cancels the request that has `target` as its user data; that one completes with ECANCELED,
/// unless it has ended already.
///
/// # Errors
/// Those of io_uring_enter(2), which makes room in a full queue.
pub fn cancel(ring: &mut IoUring, target: u64, user_data: u64) -> io::Result<()> {
    let cancel = opcode::AsyncCancel2::new(CancelBuilder::user_data(target));
    push(ring, &cancel.build().user_data(user_data))
}

/// The client of a completed accept.
///
/// # Errors
/// Those of accept(2).
pub fn accepted(completion: cqueue::Entry) -> io::Result<OwnedFd> {
    let fd = check(completion.result())?;
    // SAFETY: the kernel opened fd for this completion, and nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// setsockopt(2) with SO_RCVBUF: the kernel keeps at most `bytes` for its process to read, about as
/// much again for its own needs, and lets the sender wait (socket(7), tcp(7)). Sockets that a
/// listener accepts inherit it.
pub fn set_receive_buffer_size(socket: BorrowedFd<'_>, bytes: libc::c_int) -> io::Result<()> {
    // SAFETY: bytes lives through the call, and its size is the one given.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_RCVBUF,
            (&raw const bytes).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if result == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// What a completion holds in the place of a system call's result: there an error is negative.
///
/// # Errors
/// That of the request.
pub fn check(result: i32) -> io::Result<i32> {
    if result < 0 {
        return Err(io::Error::from_raw_os_error(-result));
    }
    Ok(result)
}

/// Writes a request into the queue; where that is full, the kernel takes what is in it first.
fn push(ring: &mut IoUring, request: &squeue::Entry) -> io::Result<()> {
    loop {
        // SAFETY: what a request points to is in `InFlight`, or in the pool that the kernel has.
        let pushed = unsafe { ring.submission().push(request) };
        if pushed.is_ok() {
            return Ok(());
        }
        uninterrupted_within(None, |_| ring.submit())?;
    }
}
