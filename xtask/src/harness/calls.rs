//! System calls of a server, counted.
//!
//! A thread that was never on a processor has made none. The kernel counts how often each was
//! (/proc/PID/task/TID/schedstat), whoever may trace whom.

use std::collections::BTreeMap;
use std::time::Duration;
use std::{io, thread};

use crate::harness::launch::Running;
use crate::harness::outcome::{Outcome, fail};
use crate::harness::proc::Thread;
use crate::harness::process::look_at;
use crate::harness::wait::{found_if, wait_for};

/// Makes sure that a server makes no system call for `time`: from when all its threads sleep, none
/// is on a processor.
///
/// # Errors
/// When one is, with how often; those of [`wait_for`] when one does not go to sleep.
pub fn makes_none(running: &Running, time: Duration) -> Outcome<()> {
    let before = asleep(running)?;
    thread::sleep(time);
    let after: u64 = turns(running)?.values().map(|turns| turns.count).sum();
    let count = after.saturating_sub(before);
    if count > 0 {
        return fail(
            format!("no thread on a processor for {} ms", time.as_millis()),
            format!("{count} times"),
        );
    }
    Ok(())
}

/// How often a thread was on a processor so far.
struct Turns {
    count: u64,
    sleeps: bool,
}

/// Waits until all threads sleep; returns how often they were on a processor, together.
fn asleep(running: &Running) -> Outcome<u64> {
    wait_for("a server that sleeps", || {
        let turns = turns(running)?;
        let sleeps = turns.values().all(|turns| turns.sleeps);
        let count = turns.values().map(|turns| turns.count).sum();
        Ok(found_if(sleeps, "one of its threads is always awake").map(|()| count))
    })
}

/// The threads of all its processes, by their ids.
fn turns(running: &Running) -> Outcome<BTreeMap<i32, Turns>> {
    let threads = look_at(running, |process| process.look_at_threads(turns_of))?;
    Ok(threads.into_iter().flatten().collect())
}

fn turns_of(thread: &Thread<'_>) -> io::Result<Turns> {
    // The state first: who wakes up in between has been on a processor by the second look.
    let sleeps = thread.state()? == 'S';
    let [_, _, count] = thread.schedule()?;
    Ok(Turns { count, sleeps })
}
