//! System calls of a server, counted.
//!
//! A thread that was never on a processor has made none. The kernel counts how often each was
//! (/proc/PID/task/TID/schedstat), whoever may trace whom.

use std::thread;
use std::time::Duration;

use crate::harness::launch::Running;
use crate::harness::outcome::{Outcome, fail};
use crate::harness::process::look_at;
use crate::harness::wait::{found_if, wait_for};

/// Makes sure that a server makes no system call for `time`: from when all its threads sleep, none
/// is on a processor.
///
/// # Errors
/// When one is, with how often; those of [`wait_for`] when one does not go to sleep.
pub fn makes_none(running: &Running, time: Duration) -> Outcome<()> {
    let before = wait_for("a server that sleeps", || {
        let (sleeps, count) = turns(running)?;
        Ok(found_if(sleeps, "one of its threads is always awake").map(|()| count))
    })?;
    thread::sleep(time);
    let (_, after) = turns(running)?;
    let count = after.saturating_sub(before);
    if count > 0 {
        let expected = format!("no thread on a processor for {} ms", time.as_millis());
        return fail(expected, format!("{count} times"));
    }
    Ok(())
}

/// Whether all threads sleep, and how often they were on a processor so far, together.
fn turns(running: &Running) -> Outcome<(bool, u64)> {
    let threads = look_at(running, |process| {
        process.look_at_threads(|thread| {
            // The state first: who wakes up in between has been on a processor by the second look.
            let sleeps = thread.state()? == 'S';
            let [_, _, count] = thread.schedule()?;
            Ok((sleeps, count))
        })
    })?;
    let turns = threads.into_iter().flatten().map(|(_, turn)| turn);
    Ok(turns.fold((true, 0), |(all, sum), (sleeps, count)| (all && sleeps, sum + count)))
}
