//! The buffers that io_uring(7) receives into, and its queue, as safe functions. Memory that the
//! kernel may still use belongs to it until a completion returns it.
#![allow(unsafe_code)]

use std::array::from_fn;
use std::collections::VecDeque;
use std::io;
use std::mem::replace;
use std::ops::{Deref, Range};
use std::os::fd::{FromRawFd, OwnedFd};
use std::ptr::slice_from_raw_parts_mut;
use std::sync::atomic::{AtomicU16, AtomicU32, AtomicU64, Ordering};

use io_uring::{EnterFlags, IoUring, cqueue, squeue};

/// Bytes in a buffer: what one receive takes at most.
pub const BUFFER_SIZE: usize = 16 * 1024;
/// Buffers that a pool has at most.
pub const MOST_BUFFERS: usize = 256;
/// The number under which the kernel knows the pool.
pub const GROUP: u16 = 0;

/// The ring of buffers that the kernel takes from, an array of `struct io_uring_buf`
/// (io_uring_register_buf_ring(3)). It begins at a page of any size.
#[repr(C, align(65536))]
struct BufferRing([BufferEntry; MOST_BUFFERS]);

#[repr(C)]
#[derive(Default)]
struct BufferEntry {
    address: AtomicU64,
    length: AtomicU32,
    id: AtomicU16,
    /// In the first entry: how many buffers were ever put into the ring, modulo 2^16.
    tail: AtomicU16,
}

/// A buffer that the kernel has filled, with the bytes that are still to be sent.
pub struct Buffer {
    memory: Box<[u8]>,
    left: Range<usize>,
}

impl Buffer {
    /// Takes `count` bytes off its beginning.
    ///
    /// # Panics
    /// If there are fewer.
    pub fn advance(&mut self, count: usize) {
        assert!(count <= self.left.len(), "no more than there is can be sent");
        self.left.start += count;
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.memory[self.left.clone()]
    }
}

/// The buffers that the kernel receives into. It takes one when data has come, so a silent client
/// holds none. For each one that it returns it gets another one.
pub struct Pool {
    /// Never freed: the kernel may use it while the ring of requests is open.
    entries: &'static BufferRing,
    /// The kernel's buffers, by their ids. They are also never freed.
    given: Vec<*mut u8>,
    tail: u16,
    /// Buffers that came back.
    spare: Vec<Box<[u8]>>,
}

impl Pool {
    /// A pool of at least `count` buffers, which are all the kernel's; it wants a power of two.
    ///
    /// # Errors
    /// Those of io_uring_register(2).
    ///
    /// # Panics
    /// If there is no room for so many.
    pub fn new(ring: &IoUring, count: u16) -> io::Result<Pool> {
        let count = count.next_power_of_two();
        assert!(usize::from(count) <= MOST_BUFFERS, "no room for {count} buffers");
        let entries = Box::leak(Box::new(BufferRing(from_fn(|_| BufferEntry::default()))));
        let address = &raw const *entries as u64;
        let submitter = ring.submitter();
        // SAFETY: the entries live as long as the process, and there are at least that many.
        unsafe { submitter.register_buf_ring_with_flags(address, count, GROUP, 0) }?;
        let given = (0..count).map(|_| Box::into_raw(new_memory()).cast()).collect();
        let mut pool = Pool { entries, given, tail: 0, spare: Vec::new() };
        (0..count).for_each(|id| pool.offer(id));
        Ok(pool)
    }

    /// How many buffers the kernel has.
    pub fn len(&self) -> usize {
        self.given.len()
    }

    /// Lets the kernel fill the buffer of this id from here on.
    fn offer(&mut self, id: u16) {
        let entry = &self.entries.0[usize::from(self.tail) % self.given.len()];
        let address = self.given[usize::from(id)] as u64;
        entry.address.store(address, Ordering::Relaxed);
        entry.length.store(BUFFER_SIZE as u32, Ordering::Relaxed);
        entry.id.store(id, Ordering::Relaxed);
        self.tail = self.tail.wrapping_add(1);
        // The kernel sees the entry before it sees that there is one more.
        self.entries.0[0].tail.store(self.tail, Ordering::Release);
    }

    /// The buffer of a completion, with `length` bytes in it. The kernel gets another one for it.
    /// It keeps an empty one.
    pub fn take(&mut self, completion: &cqueue::Entry, length: usize) -> Option<Buffer> {
        let id = cqueue::buffer_select(completion.flags())?;
        if length == 0 {
            self.offer(id);
            return None;
        }
        let other = self.spare.pop().unwrap_or_else(new_memory);
        let filled = replace(&mut self.given[usize::from(id)], Box::into_raw(other).cast());
        self.offer(id);
        let filled = slice_from_raw_parts_mut(filled, BUFFER_SIZE);
        // SAFETY: it was a box of this size, and the kernel has finished with it.
        let memory = unsafe { Box::from_raw(filled) };
        Some(Buffer { memory, left: 0..length.min(BUFFER_SIZE) })
    }

    /// Keeps a buffer for a later receive, unless there are enough.
    pub fn give_back(&mut self, buffer: Buffer) {
        if self.spare.len() < self.given.len() {
            self.spare.push(buffer.memory);
        }
    }
}

fn new_memory() -> Box<[u8]> {
    vec![0; BUFFER_SIZE].into()
}

/// Hands over as many requests as the queue has room for, with one system call. It waits for a
/// completion, unless there are more requests or completions already.
///
/// # Errors
/// Those of io_uring_enter(2).
pub fn enter(
    ring: &mut IoUring,
    requests: &mut VecDeque<squeue::Entry>,
    may_wait: bool,
) -> io::Result<()> {
    let (submitter, mut queue, _) = ring.split();
    while let Some(request) = requests.front() {
        // SAFETY: what a request points to is in `Requests` until it has completed, or static.
        if unsafe { queue.push(request) }.is_err() {
            break;
        }
        requests.pop_front();
    }
    queue.sync();
    let is_behind = !requests.is_empty() || queue.cq_overflow();
    let count = u32::from(may_wait && !is_behind);
    let flags = EnterFlags::GETEVENTS.bits();
    // SAFETY: the call is given no pointer.
    unsafe { submitter.enter::<()>(queue.len() as u32, count, flags, None) }.map(drop)
}

/// The client of a completed accept.
///
/// # Errors
/// Those of accept(2).
pub fn accepted(completion: &cqueue::Entry) -> io::Result<OwnedFd> {
    let fd = check(completion.result())?;
    // SAFETY: the kernel opened fd for this completion, and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// The result of a completion: a negative number is an error.
///
/// # Errors
/// That of the request.
pub fn check(result: i32) -> io::Result<i32> {
    if result < 0 {
        return Err(io::Error::from_raw_os_error(-result));
    }
    Ok(result)
}
