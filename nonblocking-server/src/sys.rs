//! Signals instead of readiness (fcntl(2), signalfd(2)), as safe functions.
#![allow(unsafe_code)]

use std::io;
use std::mem::{size_of, zeroed};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr::null_mut;

/// Constants that libc lacks (fcntl(2)).
const F_SETSIG: libc::c_int = 10;
const F_SETOWN_EX: libc::c_int = 15;
const F_OWNER_TID: libc::c_int = 0;

/// fcntl(2), `struct f_owner_ex`.
#[repr(C)]
struct Owner {
    kind: libc::c_int,
    id: libc::pid_t,
}

/// A set of signals (sigsetops(3)).
pub struct SignalSet(libc::sigset_t);

impl SignalSet {
    /// The set of these signals.
    pub fn new(signals: &[libc::c_int]) -> io::Result<SignalSet> {
        // SAFETY: sigset_t is integers, for which zero is a value.
        let mut set: libc::sigset_t = unsafe { zeroed() };
        // SAFETY: set lives through the call.
        check(unsafe { libc::sigemptyset(&raw mut set) })?;
        for signal in signals {
            // SAFETY: set lives through the call, and was emptied.
            check(unsafe { libc::sigaddset(&raw mut set, *signal) })?;
        }
        Ok(SignalSet(set))
    }

    /// pthread_sigmask(3) with SIG_BLOCK: they wait to be taken, and interrupt nothing.
    pub fn block(&self) -> io::Result<()> {
        // SAFETY: the set lives through the call, and null asks for no old mask.
        let error =
            unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const self.0, null_mut()) };
        if error != 0 {
            return Err(io::Error::from_raw_os_error(error));
        }
        Ok(())
    }

    /// signalfd(2), closed on exec.
    pub fn descriptor(&self) -> io::Result<OwnedFd> {
        // SAFETY: the set lives through the call.
        let fd = check(unsafe { libc::signalfd(-1, &raw const self.0, libc::SFD_CLOEXEC) })?;
        // SAFETY: fd was just opened and nothing else owns it.
        Ok(unsafe { OwnedFd::from_raw_fd(fd) })
    }
}

/// Room for `count` signals, which [`take_signals`] fills in.
pub fn no_signals(count: usize) -> Vec<libc::signalfd_siginfo> {
    // SAFETY: signalfd_siginfo is integers, for which zero is a value.
    vec![unsafe { zeroed() }; count]
}

/// read(2) from a signalfd: takes pending signals, lower numbers first, and fills `signals` from
/// its start; returns how many it took.
pub fn take_signals(
    descriptor: BorrowedFd<'_>,
    signals: &mut [libc::signalfd_siginfo],
) -> io::Result<usize> {
    // SAFETY: signals has room for its size in bytes, and any bytes are such signals.
    let length = unsafe {
        libc::read(descriptor.as_raw_fd(), signals.as_mut_ptr().cast(), size_of_val(signals))
    };
    let length = usize::try_from(length).map_err(|_| io::Error::last_os_error())?;
    Ok(length / size_of::<libc::signalfd_siginfo>())
}

/// poll(2) of one descriptor: waits for `timeout` milliseconds at most until it can be read.
pub fn wait(descriptor: BorrowedFd<'_>, timeout: libc::c_int) -> io::Result<()> {
    let mut asked = libc::pollfd { fd: descriptor.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: asked is a list of one that lives through the call.
    check(unsafe { libc::poll(&raw mut asked, 1, timeout) }).map(drop)
}

/// fcntl(2) with F_SETFL.
pub fn set_flags(fd: RawFd, flags: libc::c_int) -> io::Result<()> {
    // SAFETY: F_SETFL takes a number.
    check(unsafe { libc::fcntl(fd, libc::F_SETFL, flags) }).map(drop)
}

/// fcntl(2) with F_SETSIG: the signal that O_ASYNC sends.
pub fn set_signal(fd: RawFd, signal: libc::c_int) -> io::Result<()> {
    // SAFETY: F_SETSIG takes a number.
    check(unsafe { libc::fcntl(fd, F_SETSIG, signal) }).map(drop)
}

/// fcntl(2) with F_SETOWN_EX: O_ASYNC sends its signals to this thread. In a thread that does not
/// block them they would end the process.
pub fn own(fd: RawFd) -> io::Result<()> {
    // SAFETY: gettid takes no pointers.
    let owner = Owner { kind: F_OWNER_TID, id: unsafe { libc::gettid() } };
    // SAFETY: owner lives through the call.
    check(unsafe { libc::fcntl(fd, F_SETOWN_EX, &raw const owner) }).map(drop)
}

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(result)
}
