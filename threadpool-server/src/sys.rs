//! recv(2) that leaves the data in the socket, as a safe function.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// recv(2) that does not wait, and leaves the data in the socket. It succeeds if there are data, or
/// the end of the stream.
///
/// # Errors
/// `WouldBlock` when there is neither; others of recv(2).
pub fn peek(fd: BorrowedFd<'_>) -> io::Result<()> {
    let mut byte = 0u8;
    let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
    // SAFETY: byte has room for one byte, and lives through the call.
    if unsafe { libc::recv(fd.as_raw_fd(), (&raw mut byte).cast(), 1, flags) } == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
