//! System calls that the measurements make and no library gives a safe face.
#![allow(unsafe_code)]

use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::ptr::null_mut;
use std::time::{Duration, Instant};

use io_uring::{IoUring, opcode, squeue, types};
use nix::libc;
use rustix::event::{FdSetElement, FdSetIter, Timespec, fd_set_insert, fd_set_num_elements};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use syscalls::{Sysno, syscall};

/// A time-out of a call that does not wait.
pub const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// select(2) as the kernel has it, with a set as long as the highest descriptor asks for, however
/// high that is: returns those of `readers` that are readable when it returns.
///
/// # Errors
/// Those of [`select_bits`].
pub fn select(readers: &[BorrowedFd<'_>], timeout: &Timespec) -> rustix::io::Result<Vec<RawFd>> {
    let numbers = readers.iter().map(AsRawFd::as_raw_fd);
    let end = numbers.clone().max().map_or(0, |highest| highest + 1);
    let mut readable = vec![FdSetElement::default(); fd_set_num_elements(readers.len(), end)];
    numbers.for_each(|number| fd_set_insert(&mut readable, number));
    select_bits(end, &mut readable, timeout)?;
    Ok(FdSetIter::new(&readable).collect())
}

/// The same with a bitmap that the caller fills: waits until one of its descriptors below `end` is
/// readable, leaves those that are, and returns how many that are; zero when `timeout` is over
/// first.
///
/// # Errors
/// Those of select(2): EINTR when a signal came first; EINVAL where the bitmap ends before `end`.
pub fn select_bits(
    end: RawFd,
    readable: &mut [FdSetElement],
    timeout: &Timespec,
) -> rustix::io::Result<usize> {
    if usize::try_from(end).is_ok_and(|end| end > 8 * size_of_val(readable)) {
        return Err(rustix::io::Errno::INVAL);
    }
    // SAFETY: the bitmap has room for `end` bits; a number in it that is not open is EBADF.
    let ready = unsafe { rustix::event::select(end, Some(readable), None, None, Some(timeout)) }?;
    Ok(ready.unsigned_abs() as usize)
}

/// poll(2) without waiting: fills in what is ready, and returns how many entries that are. The
/// kernel passes over entries below zero.
///
/// # Errors
/// Those of poll(2).
pub fn poll_at_once(list: &mut [libc::pollfd]) -> io::Result<usize> {
    // SAFETY: list lives through the call, and its length is the one given.
    let ready = unsafe { libc::poll(list.as_mut_ptr(), list.len() as libc::nfds_t, 0) };
    usize::try_from(ready).map_err(|_| io::Error::last_os_error())
}

/// Whether mmap(2) gives the memory of a descriptor; it is given back at once.
///
/// # Errors
/// Those of mmap(2): ENODEV where there is no memory to share.
pub fn share_memory(descriptor: impl AsFd, length: usize) -> rustix::io::Result<()> {
    let (prot, flags) = (ProtFlags::READ, MapFlags::SHARED);
    // SAFETY: the kernel chooses a place where nothing is.
    let memory = unsafe { mmap(null_mut(), length, prot, flags, descriptor, 0) }?;
    // SAFETY: the memory was mapped just now, with this length, and nothing refers to it.
    unsafe { munmap(memory, length) }
}

/// What libc does not name (fcntl(2)).
const F_SETOWN_EX: libc::c_int = 15;
const F_OWNER_TID: libc::c_int = 0;

/// Lets the kernel send this thread, which must block it, a SIGIO whenever something happens to a
/// socket.
///
/// # Errors
/// Those of fcntl(2).
pub fn watch_by_sigio(socket: &impl AsFd) -> io::Result<()> {
    // fcntl(2), struct f_owner_ex.
    let owner: [libc::c_int; 2] = [F_OWNER_TID, nix::unistd::gettid().as_raw()];
    let fd = socket.as_fd().as_raw_fd();
    // SAFETY: owner has the two numbers that the call reads, and lives through it.
    if unsafe { libc::fcntl(fd, F_SETOWN_EX, owner.as_ptr()) } == -1 {
        return Err(io::Error::last_os_error());
    }
    let asynchronous = OFlags::from_bits_retain(libc::O_ASYNC.cast_unsigned());
    Ok(fcntl_setfl(socket, fcntl_getfl(socket)? | asynchronous)?)
}

/// Asks a ring to receive into a buffer, in a worker of the kernel's where `worker` says so, and
/// waits until it has. Returns the buffer, how long the call took that asked, and how many bytes
/// came.
///
/// # Errors
/// Those of io_uring_enter(2) and of recv(2).
pub fn receive_by_ring(
    ring: &mut IoUring,
    socket: &impl AsRawFd,
    mut buffer: Vec<u8>,
    worker: bool,
) -> io::Result<(Vec<u8>, Duration, usize)> {
    let room = u32::try_from(buffer.len()).map_err(io::Error::other)?;
    let flags = if worker { squeue::Flags::ASYNC } else { squeue::Flags::empty() };
    let entry = opcode::Recv::new(types::Fd(socket.as_raw_fd()), buffer.as_mut_ptr(), room);
    // Until the kernel is done with it, the buffer must not go away, whatever fails.
    let buffer = ManuallyDrop::new(buffer);
    // SAFETY: the buffer is given back only once the kernel has completed the request.
    unsafe { ring.submission().push(&entry.build().flags(flags)) }.map_err(io::Error::other)?;
    let start = Instant::now();
    ring.submit()?;
    let asked = start.elapsed();
    let result = loop {
        if let Some(done) = ring.completion().next() {
            break done.result();
        }
        ring.submit_and_wait(1)?;
    };
    let length = usize::try_from(result).map_err(|_| io::Error::from_raw_os_error(-result))?;
    Ok((ManuallyDrop::into_inner(buffer), asked, length))
}

/// A request to read, as the kernel takes it (io_submit(2), struct iocb).
#[repr(C)]
#[derive(Default)]
struct Request {
    data: u64,
    /// The second half is the key where the byte order is the other one.
    key_and_flags: [u32; 2],
    opcode: u16,
    priority: i16,
    fd: u32,
    buffer: u64,
    length: u64,
    offset: i64,
    reserved: u64,
    more_flags: u32,
    eventfd: u32,
}

/// What became of it (io_getevents(2), struct io_event).
#[repr(C)]
#[derive(Default)]
struct Event {
    data: u64,
    request: u64,
    result: i64,
    more_result: i64,
}

/// Room for a page, which the kernel writes into, and one request to fill it (io_setup(2)).
pub struct Aio {
    context: libc::c_ulong,
    buffer: Box<[u8; 4096]>,
}

impl Aio {
    /// Asks the kernel for its queue.
    ///
    /// # Errors
    /// Those of io_setup(2), for example ENOSYS where the kernel was built without.
    pub fn new() -> io::Result<Aio> {
        let mut context: libc::c_ulong = 0;
        // SAFETY: context is zero, as the call wants it, and lives through the call.
        unsafe { syscall!(Sysno::io_setup, 1, &raw mut context) }.map_err(error)?;
        Ok(Aio { context, buffer: Box::new([0; 4096]) })
    }

    /// Asks to read from `fd` (io_submit(2)), and returns when that call does.
    ///
    /// # Errors
    /// Those of io_submit(2).
    pub fn read(&mut self, fd: BorrowedFd<'_>) -> io::Result<()> {
        let mut request = Request {
            // An opcode of 0 reads (IOCB_CMD_PREAD).
            opcode: 0,
            fd: fd.as_raw_fd().cast_unsigned(),
            buffer: self.buffer.as_mut_ptr().expose_provenance() as u64,
            length: self.buffer.len() as u64,
            ..Request::default()
        };
        let requests = [&raw mut request];
        // SAFETY: the request lives through the call, the buffer until the context is destroyed.
        unsafe { syscall!(Sysno::io_submit, self.context, 1, requests.as_ptr()) }
            .map_err(error)
            .map(drop)
    }

    /// Waits until the request is done, and returns how many bytes were read.
    ///
    /// # Errors
    /// Those of io_getevents(2), and of the read.
    pub fn wait(&mut self) -> io::Result<usize> {
        let mut event = Event::default();
        let room = &raw mut event;
        let no_limit = null_mut::<libc::timespec>();
        // SAFETY: there is room for one event, and it lives through the call.
        unsafe { syscall!(Sysno::io_getevents, self.context, 1, 1, room, no_limit) }
            .map_err(error)?;
        usize::try_from(event.result)
            .map_err(|_| io::Error::from_raw_os_error(-event.result as i32))
    }
}

impl Drop for Aio {
    fn drop(&mut self) {
        // The kernel cancels the request, or waits for it, before the buffer is gone.
        // SAFETY: io_destroy takes no pointers.
        let _ = unsafe { syscall!(Sysno::io_destroy, self.context) };
    }
}

fn error(errno: syscalls::Errno) -> io::Error {
    io::Error::from_raw_os_error(errno.into_raw())
}

// What the kernel reads and writes has these sizes (linux/aio_abi.h).
const _: () = assert!(size_of::<Request>() == 64 && size_of::<Event>() == 32);

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn select_returns_those_that_are_readable() {
        let (silent, _peer) = UnixStream::pair().unwrap();
        let (closed, peer) = UnixStream::pair().unwrap();
        drop(peer);
        let readers = [silent.as_fd(), closed.as_fd()];
        assert_eq!(select(&readers, &AT_ONCE), Ok(vec![closed.as_raw_fd()]));
        assert_eq!(select(&readers[..1], &AT_ONCE), Ok(Vec::new()));
    }

    #[test]
    fn a_file_shares_its_memory_and_a_socket_does_not() {
        let file = File::open(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(share_memory(&file, 4096), Ok(()));
        let (socket, _peer) = UnixStream::pair().unwrap();
        assert_eq!(share_memory(&socket, 4096), Err(rustix::io::Errno::NODEV));
    }
}
