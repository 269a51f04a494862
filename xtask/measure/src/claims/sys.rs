//! System calls that the measurements make and no library gives a safe face.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::ptr::null_mut;

use nix::libc;
use rustix::event::{FdSetElement, Timespec};
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use syscalls::{Sysno, syscall};

/// select(2) as the kernel has it, without waiting: leaves in `readable` the descriptors below
/// `end` that can be read, and returns how many that are.
pub fn select_at_once(end: RawFd, readable: &mut [FdSetElement]) -> rustix::io::Result<usize> {
    if usize::try_from(end).is_ok_and(|end| end > 8 * size_of_val(readable)) {
        return Err(rustix::io::Errno::INVAL);
    }
    let now = Timespec::default();
    // SAFETY: the bitmap has room for `end` bits; a number in it that is not open is EBADF.
    let ready = unsafe { rustix::event::select(end, Some(readable), None, None, Some(&now)) }?;
    Ok(ready.unsigned_abs() as usize)
}

/// poll(2) without waiting: fills in what is ready, and returns how many entries that are. The
/// kernel passes over entries below zero, which no library has.
pub fn poll_at_once(list: &mut [libc::pollfd]) -> io::Result<usize> {
    // SAFETY: list lives through the call, and its length is the one given.
    let ready = unsafe { libc::poll(list.as_mut_ptr(), list.len() as libc::nfds_t, 0) };
    usize::try_from(ready).map_err(|_| io::Error::last_os_error())
}

/// Whether mmap(2) gives a page of a descriptor's memory; it is given back at once.
pub fn share_memory(descriptor: impl AsFd) -> rustix::io::Result<()> {
    const PAGE: usize = 4096;
    let (prot, flags) = (ProtFlags::READ, MapFlags::SHARED);
    // SAFETY: the kernel chooses a place where nothing is.
    let memory = unsafe { mmap(null_mut(), PAGE, prot, flags, descriptor, 0) }?;
    // SAFETY: the memory was mapped just now, with this length, and nothing refers to it.
    unsafe { munmap(memory, PAGE) }
}

/// Lets a descriptor that sends signals send SIGIO instead of a real-time signal (fcntl(2)).
pub fn send_sigio(socket: &impl AsFd) -> io::Result<()> {
    // libc does not name it everywhere.
    const F_SETSIG: libc::c_int = 10;
    // SAFETY: F_SETSIG takes a number.
    match unsafe { libc::fcntl(socket.as_fd().as_raw_fd(), F_SETSIG, 0) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// A request as the kernel takes it (io_submit(2), struct iocb).
#[repr(C)]
#[derive(Default)]
struct Request {
    data: u64,
    key_and_flags: [u32; 2],
    /// 0 reads (IOCB_CMD_PREAD).
    opcode: u16,
    priority: i16,
    fd: u32,
    buffer: u64,
    length: u64,
    offset: i64,
    reserved: [u64; 2],
}

/// A queue of Linux's aio (io_setup(2)), and room that the kernel reads into.
pub struct Aio {
    context: libc::c_ulong,
    buffer: Box<[u8; 4096]>,
}

impl Aio {
    /// Asks the kernel for its queue.
    pub fn new() -> io::Result<Aio> {
        let mut context: libc::c_ulong = 0;
        // SAFETY: context is zero, as the call wants it, and lives through the call.
        unsafe { syscall!(Sysno::io_setup, 1, &raw mut context) }.map_err(error)?;
        Ok(Aio { context, buffer: Box::new([0; 4096]) })
    }

    /// Asks to read from `fd` (io_submit(2)), and returns when that call does.
    pub fn read(&mut self, fd: BorrowedFd<'_>) -> io::Result<()> {
        let mut request = Request {
            fd: fd.as_raw_fd().cast_unsigned(),
            buffer: self.buffer.as_mut_ptr().expose_provenance() as u64,
            length: self.buffer.len() as u64,
            ..Request::default()
        };
        let requests = [&raw mut request];
        // SAFETY: the request lives through the call, the buffer until the queue is destroyed.
        let submitted = unsafe { syscall!(Sysno::io_submit, self.context, 1, requests.as_ptr()) };
        submitted.map(drop).map_err(error)
    }

    /// Waits until the request is done, and returns how many bytes were read.
    pub fn wait(&mut self) -> io::Result<usize> {
        // struct io_event: data, request, result, and more of it.
        let mut event = [0_i64; 4];
        let no_limit = null_mut::<libc::timespec>();
        // SAFETY: there is room for one event, and it lives through the call.
        unsafe { syscall!(Sysno::io_getevents, self.context, 1, 1, event.as_mut_ptr(), no_limit) }
            .map_err(error)?;
        usize::try_from(event[2]).map_err(|_| io::Error::from_raw_os_error(-event[2] as i32))
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

// linux/aio_abi.h
const _: () = assert!(size_of::<Request>() == 64);
