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

/// A thread that ran for so long without sleep spins; one that ran less had no chance to sleep.
const SPIN: Duration = Duration::from_millis(10);

/// What others must leave a thread before its share is told: a wait that began before the first look is
/// counted with the others.
const LEFT: Duration = Duration::from_millis(100);

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

/// The memory in bytes that holds its own data, and no file's. Its pages are counted: the sum that the
/// kernel keeps (statm) may be off by some dozens of them for each processor.
///
/// # Errors
/// When it is gone.
pub fn memory(running: &Running) -> Outcome<u64> {
    let maps = process(running)?.smaps().expect_to(READABLE)?;
    let anonymous = maps.iter().filter_map(|map| map.extension.map.get("Anonymous"));
    Ok(anonymous.sum())
}

/// The most resident memory that it ever had, in bytes.
///
/// # Errors
/// When it is gone.
pub fn peak_memory(running: &Running) -> Outcome<u64> {
    let status = process(running)?.status().expect_to(READABLE)?;
    Ok(status.vmhwm.unwrap_or_default() * 1024)
}

/// The share of one core that it takes in the next `time`, of what the scheduler leaves it: a thread
/// that spins shows as all of a core, however many others want to run beside it.
///
/// # Errors
/// When it is gone, or one of its threads gets no processor for [`DEADLINE`].
pub fn share_of_a_core(running: &Running, time: Duration) -> Outcome<f64> {
    let (before, start) = (threads(running)?, Instant::now());
    loop {
        thread::sleep(time);
        let (after, elapsed) = (threads(running)?, start.elapsed());
        let shares = after.iter().map(|(id, now)| {
            let then = before.get(id).copied().unwrap_or_default();
            share(then, *now, elapsed)
        });
        if let Some(share) = shares.sum() {
            return Ok(share);
        }
        if elapsed > DEADLINE {
            return fail(
                "a processor for the server",
                format!("none for {} s", DEADLINE.as_secs()),
            );
        }
    }
}

/// How long its threads and this one were ready to run while others were on the processors, so far.
///
/// # Errors
/// When it is gone.
pub fn waited_for_a_processor(running: &Running) -> Outcome<Duration> {
    let own = fs::read_to_string("/proc/thread-self/schedstat").expect_to(READABLE)?;
    let own = own.split(' ').nth(1).and_then(|nanos| nanos.parse().ok());
    let own = Duration::from_nanos(own.unwrap_or_default());
    Ok(own + threads(running)?.values().map(|time| time.waited).sum::<Duration>())
}

/// What a thread did so far.
#[derive(Clone, Copy, Default)]
struct Thread {
    /// How long it was on a processor.
    ran: Duration,
    /// How long it was ready to run while others were on the processors, up to its last run.
    waited: Duration,
    /// How often it went to sleep.
    slept: u64,
    /// Whether it is ready to run, or runs.
    is_ready: bool,
}

/// The threads by their ids (/proc/PID/task/TID/schedstat and status).
fn threads(running: &Running) -> Outcome<HashMap<i32, Thread>> {
    let tasks = process(running)?.tasks().expect_to(READABLE)?;
    let mut threads = HashMap::new();
    for task in tasks {
        let task = task.expect_to(READABLE)?;
        let stat = task.schedstat().expect_to(READABLE)?;
        let status = task.status().expect_to(READABLE)?;
        let thread = Thread {
            ran: Duration::from_nanos(stat.sum_exec_runtime),
            waited: Duration::from_nanos(stat.run_delay),
            slept: status.voluntary_ctxt_switches.unwrap_or_default(),
            is_ready: status.state.starts_with('R'),
        };
        threads.insert(task.tid, thread);
    }
    Ok(threads)
}

/// The share of a core that a thread took between two looks; `None` where it had too little chance to run
/// or to sleep.
fn share(then: Thread, now: Thread, elapsed: Duration) -> Option<f64> {
    let ran = now.ran - then.ran;
    if then.is_ready && now.is_ready && now.slept == then.slept {
        // It never slept; by the times, the wait that it is in now would look like sleep.
        return (ran > SPIN).then_some(1.0);
    }
    let left = elapsed.saturating_sub(now.waited - then.waited);
    (left > LEFT).then(|| ran.as_secs_f64() / left.as_secs_f64())
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
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let current =
        if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current };
    current.unwrap_or(u64::MAX)
}
