//! Polling for conditions that send no notification.

use std::fmt::Display;
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::client::DEADLINE;
use crate::harness::outcome::{Outcome, time_out};

/// How long one look is from the next, at least.
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
/// The same in times of what the look took: a list of all processes takes a processor for
/// milliseconds where there are thousands, and who is waited for may need it.
const TIMES_THE_LOOK: u32 = 9;

/// What a look finds: what was waited for, or in words what there is instead.
pub type Look<T> = Result<T, String>;

/// The look that finds what was waited for if `is_so`, else what `instead` says.
pub fn found_if(is_so: bool, instead: impl Display) -> Look<()> {
    if is_so { Ok(()) } else { Err(instead.to_string()) }
}

/// Looks until there is what was `expected`, and returns it. After [`DEADLINE`], the failure tells
/// what the last look found.
///
/// # Errors
/// Those of `look`; what the last look found, when nothing else came within [`DEADLINE`].
pub fn wait_for<T>(expected: impl Display, look: impl FnMut() -> Outcome<Look<T>>) -> Outcome<T> {
    wait_within(DEADLINE, expected, look)
}

/// The same for another `time`.
///
/// # Errors
/// Those of [`wait_for`].
pub fn wait_within<T>(
    time: Duration,
    expected: impl Display,
    mut look: impl FnMut() -> Outcome<Look<T>>,
) -> Outcome<T> {
    let deadline = Instant::now() + time;
    loop {
        let start = Instant::now();
        let instead = match look()? {
            Ok(found) => return Ok(found),
            Err(instead) => instead,
        };
        let end = Instant::now();
        if end > deadline {
            return time_out(expected, instead);
        }
        // The last look is at the deadline: what comes later has not come in time.
        thread::sleep(pause_after(end - start).min(deadline - end));
    }
}

/// How long to wait after a look that took so long and found nothing.
pub fn pause_after(look: Duration) -> Duration {
    (look * TIMES_THE_LOOK).max(SHORTEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::outcome::{Kind, fail};

    #[test]
    fn it_looks_until_there_is_what_was_expected() {
        let mut looks = 0;
        let found = wait_for("three looks", || {
            looks += 1;
            Ok(found_if(looks == 3, looks).map(|()| looks))
        });
        assert_eq!(found, Ok(3));
    }

    #[test]
    fn a_deadline_tells_what_the_last_look_found() {
        let never = || Ok(found_if(false, "two"));
        let failure = wait_within(Duration::ZERO, "three", never).unwrap_err();
        assert_eq!((failure.kind, failure.expected.as_str()), (Kind::TimedOut, "three"));
        assert_eq!(failure.actual, "two");
    }

    #[test]
    fn a_look_that_takes_long_does_not_put_off_the_deadline() {
        let start = Instant::now();
        let never = || {
            thread::sleep(Duration::from_millis(100));
            Ok(found_if(false, "two"))
        };
        let failure = wait_within(Duration::from_millis(150), "three", never).unwrap_err();
        assert_eq!(failure.kind, Kind::TimedOut);
        assert!(start.elapsed() < pause_after(Duration::from_millis(100)));
    }

    #[test]
    fn what_cannot_be_looked_at_ends_the_wait() {
        let gone: Outcome<()> = wait_for("three", || fail("a process", "it has ended"));
        assert_eq!(gone.unwrap_err().kind, Kind::Different);
    }
}
