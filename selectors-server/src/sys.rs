//! poll(2) with a safe face.
#![allow(unsafe_code)]

use std::io;

/// poll(2): fills in what is ready and returns how many entries that are. A time-out of -1 waits
/// for ever; others are milliseconds.
///
/// # Errors
/// Those of poll(2); EINTR when a signal came first.
pub fn poll(fds: &mut [libc::pollfd], timeout: i32) -> io::Result<usize> {
    // SAFETY: fds lives through the call, and its length is the one given.
    let ready = unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, timeout) };
    usize::try_from(ready).map_err(|_| io::Error::last_os_error())
}
