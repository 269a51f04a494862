//! poll(2), and a look at a socket that takes nothing from it, with a safe face.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};

/// poll(2) for one descriptor: waits until there is something to read or to accept, or an error.
///
/// # Errors
/// Those of poll(2); EINTR when a signal came first.
pub fn poll(fd: RawFd) -> io::Result<()> {
    let mut entry = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    // SAFETY: entry lives through the call, and is one; -1 waits for ever.
    check(unsafe { libc::poll(&raw mut entry, 1, -1) })
}

/// recv(2) of nothing, which waits for nothing and leaves the data where they are: whether there
/// are some, or the end of the stream.
///
/// # Errors
/// `WouldBlock` when there is neither; others of recv(2).
pub fn peek(fd: BorrowedFd<'_>) -> io::Result<()> {
    let mut byte = 0u8;
    let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
    // SAFETY: byte has room for one byte, and lives through the call.
    check(unsafe { libc::recv(fd.as_raw_fd(), (&raw mut byte).cast(), 1, flags) as libc::c_int })
}

fn check(result: libc::c_int) -> io::Result<()> {
    if result == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
