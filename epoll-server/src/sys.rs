//! epoll(7), and signals that end a program, as safe functions.
#![allow(unsafe_code)]

use std::io;
use std::mem::zeroed;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr::{null, null_mut};

/// epoll_create1(2), closed on exec.
pub fn epoll_create() -> io::Result<OwnedFd> {
    // SAFETY: epoll_create1 takes no pointers.
    let fd = check(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
    // SAFETY: fd was just opened and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// epoll_ctl(2) with EPOLL_CTL_ADD or EPOLL_CTL_MOD; the event carries the descriptor's number.
pub fn epoll_ctl(epoll: BorrowedFd<'_>, op: i32, fd: RawFd, events: u32) -> io::Result<()> {
    let mut event = libc::epoll_event { events, u64: fd as u64 };
    // SAFETY: event lives through the call.
    check(unsafe { libc::epoll_ctl(epoll.as_raw_fd(), op, fd, &raw mut event) }).map(drop)
}

/// epoll_ctl(2) with EPOLL_CTL_DEL, which takes no event.
pub fn epoll_del(epoll: BorrowedFd<'_>, fd: RawFd) -> io::Result<()> {
    // SAFETY: EPOLL_CTL_DEL ignores its event, so null is allowed.
    check(unsafe { libc::epoll_ctl(epoll.as_raw_fd(), libc::EPOLL_CTL_DEL, fd, null_mut()) })
        .map(drop)
}

/// epoll_wait(2): fills `events` from its start and returns how many it filled. A time-out of -1
/// waits for ever; others are milliseconds.
///
/// # Errors
/// Those of epoll_wait(2); EINTR when a signal came first.
pub fn epoll_wait(
    epoll: BorrowedFd<'_>,
    events: &mut [libc::epoll_event],
    timeout: i32,
) -> io::Result<usize> {
    let capacity = i32::try_from(events.len()).unwrap_or(i32::MAX);
    // SAFETY: events has room for capacity entries and lives through the call.
    let filled =
        unsafe { libc::epoll_wait(epoll.as_raw_fd(), events.as_mut_ptr(), capacity, timeout) };
    check(filled).map(|filled| filled as usize)
}

/// A set of signals (sigsetops(3)).
#[derive(Clone, Copy)]
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
}

/// pthread_sigmask(3) with `how`, for example SIG_BLOCK; threads that are started later inherit it.
pub fn mask_signals(how: libc::c_int, set: &SignalSet) -> io::Result<()> {
    // SAFETY: set lives through the call, and null asks for no old mask.
    check_number(unsafe { libc::pthread_sigmask(how, &raw const set.0, null_mut()) })
}

/// sigwait(3): takes the next signal of the set, all of which are blocked.
pub fn wait_for_signal(set: &SignalSet) -> io::Result<libc::c_int> {
    let mut signal = 0;
    // SAFETY: set and signal live through the call.
    check_number(unsafe { libc::sigwait(&raw const set.0, &raw mut signal) })?;
    Ok(signal)
}

/// Whether sigaction(2) says that a signal is ignored.
pub fn is_ignored(signal: libc::c_int) -> bool {
    // SAFETY: sigaction is integers and a function that is not called, for which zero is a value.
    let mut action: libc::sigaction = unsafe { zeroed() };
    // SAFETY: action lives through the call, and null changes nothing.
    let asked = unsafe { libc::sigaction(signal, null(), &raw mut action) };
    asked == 0 && action.sa_sigaction == libc::SIG_IGN
}

/// raise(3): sends a signal to this thread.
pub fn raise(signal: libc::c_int) -> io::Result<()> {
    // SAFETY: raise takes no pointers.
    check(unsafe { libc::raise(signal) }).map(drop)
}

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(result)
}

/// The calls of pthreads give the number of the error, and leave errno alone.
fn check_number(error: libc::c_int) -> io::Result<()> {
    if error != 0 {
        return Err(io::Error::from_raw_os_error(error));
    }
    Ok(())
}
