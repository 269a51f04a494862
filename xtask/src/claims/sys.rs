//! Calls that no library gives a safe face: SIGIO for one thread, and the kernel's own
//! asynchronous I/O.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::ptr::null_mut;

use nix::libc;
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use syscalls::{Sysno, syscall};

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
