//! What a process does about signals, with a safe face.
#![allow(unsafe_code)]

use std::{io, mem, ptr};

use libc::{SIG_DFL, SIG_ERR, SIG_SETMASK, c_int, pthread_sigmask, signal, sigset_t};

/// Gives a signal its default action.
///
/// # Errors
/// Those of signal(2).
pub fn set_default(number: c_int) -> io::Result<()> {
    // SAFETY: the default action runs no code of this process.
    let before = unsafe { signal(number, SIG_DFL) };
    if before == SIG_ERR { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Lets every signal come to this thread, and to those that it starts.
///
/// # Errors
/// Those of pthread_sigmask(3).
pub fn unblock_all() -> io::Result<()> {
    // SAFETY: a `sigset_t` is an array of bits, and none of them is set in the empty set.
    let none: sigset_t = unsafe { mem::zeroed() };
    // SAFETY: the set lives as long as the call, and a null pointer asks for no old set.
    match unsafe { pthread_sigmask(SIG_SETMASK, &raw const none, ptr::null_mut()) } {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}
