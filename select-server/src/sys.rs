//! select(2) and poll(2), as safe functions.
#![allow(unsafe_code)]

use std::io;
use std::mem::zeroed;
use std::os::fd::RawFd;
use std::ptr::null_mut;
use std::time::Duration;

/// The first descriptor number that select(2) cannot hold: an `fd_set` is an array of 1,024 bits.
pub const FD_SETSIZE: usize = libc::FD_SETSIZE;

/// A set of descriptors below [`FD_SETSIZE`].
#[derive(Clone, Copy)]
pub struct FdSet(libc::fd_set);

impl FdSet {
    pub fn new() -> FdSet {
        // SAFETY: fd_set is an array of integers, for which zero is a value.
        FdSet(unsafe { zeroed() })
    }

    /// FD_SET.
    ///
    /// # Errors
    /// `InvalidInput` for a descriptor outside 0 to FD_SETSIZE - 1: the macro would write past the
    /// array.
    pub fn insert(&mut self, fd: RawFd) -> io::Result<()> {
        if !fits(fd) {
            let message = format!("filedescriptor out of range in select(): {fd}");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        // SAFETY: fd is inside the array, as checked above.
        unsafe { libc::FD_SET(fd, &raw mut self.0) };
        Ok(())
    }

    /// FD_ISSET; false for what the set cannot hold.
    pub fn contains(&self, fd: RawFd) -> bool {
        // SAFETY: fd is inside the array, as checked before.
        fits(fd) && unsafe { libc::FD_ISSET(fd, &raw const self.0) }
    }
}

fn fits(fd: RawFd) -> bool {
    usize::try_from(fd).is_ok_and(|fd| fd < FD_SETSIZE)
}

/// select(2): leaves in each set the descriptors that are ready, and returns how many there are, or
/// zero after a time-out. `nfds` is the highest descriptor plus one.
///
/// # Errors
/// Those of select(2); EINTR when a signal came first.
pub fn select(
    nfds: RawFd,
    read: &mut FdSet,
    write: &mut FdSet,
    except: &mut FdSet,
    timeout: Option<Duration>,
) -> io::Result<usize> {
    let mut timeval = timeout.map(to_timeval);
    let timeval = timeval.as_mut().map_or(null_mut(), |value| &raw mut *value);
    // SAFETY: the sets and the time-out live through the call; a null time-out waits for ever.
    let ready = unsafe {
        libc::select(nfds, &raw mut read.0, &raw mut write.0, &raw mut except.0, timeval)
    };
    usize::try_from(ready).map_err(|_| io::Error::last_os_error())
}

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

/// Rounded up to a microsecond: a loop with shorter waits would spin.
fn to_timeval(timeout: Duration) -> libc::timeval {
    let micros = timeout.as_nanos().div_ceil(1000);
    libc::timeval {
        // On some systems a time has 32 bits; 68 years are enough.
        tv_sec: (micros / 1_000_000).try_into().unwrap_or(i32::MAX.into()),
        tv_usec: (micros % 1_000_000) as _,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_fits_and_refuses_the_rest() {
        let mut set = FdSet::new();
        set.insert(1023).unwrap();
        assert!(set.contains(1023));
        assert!(!set.contains(3));
        assert!(!set.contains(1024));
        for fd in [-1, 1024, RawFd::MAX] {
            let error = set.insert(fd).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        }
    }

    #[test]
    fn a_time_out_is_rounded_up() {
        let short = to_timeval(Duration::from_nanos(1));
        assert_eq!((short.tv_sec, short.tv_usec), (0, 1));
        let long = to_timeval(Duration::from_nanos(1_999_999_001));
        assert_eq!((long.tv_sec, long.tv_usec), (2, 0));
    }
}
