//! Memory, descriptors and processor time of a child.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use procfs::process::Process;
use rustix::process::{Resource, Rlimit, Signal, getrlimit, prlimit, setrlimit};

use crate::harness::client::DEADLINE;
use crate::harness::launch::Running;
use crate::harness::outcome::{Expect, Outcome, fail};

const READABLE: &str = "a server to look at in /proc";

fn process(running: &Running) -> Outcome<Process> {
    Process::new(running.program.pid().as_raw_nonzero().get()).expect_to(READABLE)
}

/// Stops it by SIGSTOP, and waits until it has stopped: a SIGCONT that came before would take the signal back
/// (signal(7)).
///
/// # Errors
/// When it does not stop within [`DEADLINE`].
pub fn stop(running: &Running) -> Outcome<()> {
    running.program.signal(Signal::STOP)?;
    let deadline = Instant::now() + DEADLINE;
    while process(running)?.stat().expect_to(READABLE)?.state != 'T' {
        if Instant::now() > deadline {
            return fail("a server that stops", "it runs on");
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// How many descriptors it has open.
///
/// # Errors
/// When it is gone.
pub fn descriptors(running: &Running) -> Outcome<usize> {
    // The size of /proc/PID/fd also counts the number that a waiting accept(2) has set aside.
    Ok(process(running)?.fd().expect_to(READABLE)?.count())
}

/// Its resident memory in bytes.
///
/// # Errors
/// When it is gone.
pub fn resident_memory(running: &Running) -> Outcome<u64> {
    let pages = process(running)?.statm().expect_to(READABLE)?.resident;
    Ok(pages * procfs::page_size())
}

/// The most resident memory that it ever had, in bytes.
///
/// # Errors
/// When it is gone.
pub fn peak_memory(running: &Running) -> Outcome<u64> {
    let status = process(running)?.status().expect_to(READABLE)?;
    Ok(status.vmhwm.unwrap_or_default() * 1024)
}

/// The share of one core that it takes in the next `time`, of what the scheduler leaves it: a thread that spins
/// shows as all of a core, however many others want to run beside it.
///
/// # Errors
/// When it is gone.
pub fn share_of_a_core(running: &Running, time: Duration) -> Outcome<f64> {
    let (before, start) = (run_times(running)?, Instant::now());
    thread::sleep(time);
    let (after, time) = (run_times(running)?, start.elapsed());
    let shares = after.iter().map(|(thread, now)| {
        let then = before.get(thread).copied().unwrap_or_default();
        let waited = (now.waited - then.waited).min(time);
        (now.ran - then.ran).as_secs_f64() / (time - waited).as_secs_f64().max(f64::EPSILON)
    });
    Ok(shares.sum())
}

/// How long its threads and this one were ready to run while others were on the processors, so far.
///
/// # Errors
/// When it is gone.
pub fn waited_for_a_processor(running: &Running) -> Outcome<Duration> {
    let own = fs::read_to_string("/proc/thread-self/schedstat").expect_to(READABLE)?;
    let own = own.split(' ').nth(1).and_then(|nanos| nanos.parse().ok());
    let own = Duration::from_nanos(own.unwrap_or_default());
    Ok(own
        + run_times(running)?
            .values()
            .map(|time| time.waited)
            .sum::<Duration>())
}

#[derive(Clone, Copy, Default)]
struct RunTime {
    /// On a processor.
    ran: Duration,
    /// Ready to run, while others were on the processors.
    waited: Duration,
}

/// The times of each thread so far (/proc/PID/task/TID/schedstat).
fn run_times(running: &Running) -> Outcome<HashMap<i32, RunTime>> {
    let tasks = process(running)?.tasks().expect_to(READABLE)?;
    let mut times = HashMap::new();
    for task in tasks {
        let task = task.expect_to(READABLE)?;
        let stat = task.schedstat().expect_to(READABLE)?;
        let ran = Duration::from_nanos(stat.sum_exec_runtime);
        let waited = Duration::from_nanos(stat.run_delay);
        times.insert(task.tid, RunTime { ran, waited });
    }
    Ok(times)
}

/// Waits until it has no more than `count` descriptors open.
///
/// # Errors
/// When it keeps more for [`DEADLINE`].
pub fn wait_for_descriptors(running: &Running, count: usize) -> Outcome<()> {
    wait_for_descriptors_within(DEADLINE, running, count)
}

/// The same, when it keeps more for `time`.
///
/// # Errors
/// Those of [`wait_for_descriptors`].
pub fn wait_for_descriptors_within(time: Duration, running: &Running, count: usize) -> Outcome<()> {
    let deadline = Instant::now() + time;
    loop {
        let open = descriptors(running)?;
        if open <= count {
            return Ok(());
        }
        if Instant::now() > deadline {
            return fail(
                format!("{count} descriptors open"),
                format!("{open} after {} s", time.as_secs()),
            );
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// The lowest number that none of its descriptors has: the next one that it opens gets it.
///
/// # Errors
/// When it is gone.
pub fn lowest_free_descriptor(running: &Running) -> Outcome<u64> {
    let mut taken = HashSet::new();
    for descriptor in process(running)?.fd().expect_to(READABLE)? {
        taken.insert(descriptor.expect_to(READABLE)?.fd);
    }
    let free = (0..).find(|number| !taken.contains(number));
    Ok(free.expect("some number is free").unsigned_abs().into())
}

/// Lets it open only descriptors below `count` from now on; those that are open stay so.
///
/// # Errors
/// When it is gone.
pub fn limit_descriptors(running: &Running, count: u64) -> Outcome<()> {
    set_limit(running, Some(count))
}

/// Takes back what [`limit_descriptors`] did.
///
/// # Errors
/// When it is gone.
pub fn unlimit_descriptors(running: &Running) -> Outcome<()> {
    set_limit(running, getrlimit(Resource::Nofile).maximum)
}

fn set_limit(running: &Running, current: Option<u64>) -> Outcome<()> {
    // A child has the hard limit of this process; only that lets the soft one be raised again.
    let maximum = getrlimit(Resource::Nofile).maximum;
    let limit = Rlimit { current, maximum };
    prlimit(Some(running.program.pid()), Resource::Nofile, limit)
        .expect_to("a limit on descriptors")
        .map(drop)
}

/// Lets this process, and the children that it starts from now on, open as many descriptors as the system
/// allows; returns how many those are.
pub fn raise_own_limit() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let current = if setrlimit(Resource::Nofile, raised).is_ok() {
        limit.maximum
    } else {
        limit.current
    };
    current.unwrap_or(u64::MAX)
}
