//! Calls that a signal interrupts (PEP 475).

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

/// Repeats a system call while signals interrupt it.
///
/// # Errors
/// Those of the call, except EINTR.
pub(crate) fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    uninterrupted_within(None, |_| call())
}

/// Repeats a call that waits while signals interrupt it, each time with the rest of its time-out.
/// `None` waits for ever.
///
/// # Errors
/// Those of the call, except EINTR.
pub fn uninterrupted_within<T>(
    timeout: Option<Duration>,
    mut call: impl FnMut(Option<Duration>) -> io::Result<T>,
) -> io::Result<T> {
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        match call(left) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// A time-out as epoll_wait(2) and poll(2) take it: -1 waits for ever, others are milliseconds. It
/// is rounded up, because a loop with shorter waits would spin.
pub fn to_millis(timeout: Option<Duration>) -> i32 {
    timeout.map_or(-1, |timeout| {
        let millis = timeout.as_nanos().div_ceil(1_000_000);
        millis.try_into().unwrap_or(i32::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupted_call_is_made_again() {
        let mut answers =
            vec![Ok(7), Err(ErrorKind::Interrupted.into()), Err(ErrorKind::Interrupted.into())];
        assert_eq!(uninterrupted(|| answers.pop().unwrap()).unwrap(), 7);
        assert!(answers.is_empty());
    }

    #[test]
    fn a_time_out_shrinks_with_each_call() {
        let mut given = Vec::new();
        let timeout = Duration::from_secs(60);
        let result = uninterrupted_within(Some(timeout), |left| {
            given.push(left.unwrap());
            std::thread::sleep(Duration::from_millis(1));
            if given.len() < 3 { Err(ErrorKind::Interrupted.into()) } else { Ok(()) }
        });
        result.unwrap();
        assert!(given[0] <= timeout && given[1] < given[0] && given[2] < given[1], "{given:?}");
    }

    #[test]
    fn a_time_out_is_rounded_up() {
        assert_eq!(to_millis(None), -1);
        assert_eq!(to_millis(Some(Duration::from_nanos(1))), 1);
        assert_eq!(to_millis(Some(Duration::from_millis(7))), 7);
        assert_eq!(to_millis(Some(Duration::MAX)), i32::MAX);
    }
}
