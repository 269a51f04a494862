//! What a program takes: memory, descriptors and processor time of all its processes.

use std::collections::HashMap;
use std::thread;
use std::time::{Duration, Instant};
use std::{fs, io};

use rustix::process::{Signal, kill_process};

use crate::harness::client::DEADLINE;
use crate::harness::launch::Running;
use crate::harness::outcome::{Expect, Outcome, fail, time_out};
use crate::harness::proc::{Process, Thread, has_ended, number, parse_schedule};
use crate::harness::tree;
use crate::harness::wait::{found_if, wait_for, wait_within};

/// A thread that ran for so long without sleep spins; one that ran less had no chance to sleep.
const SPIN: Duration = Duration::from_millis(10);

/// What others must leave a thread before its share is told: a wait that began before the first
/// look is counted with the others.
const LEFT: Duration = Duration::from_millis(100);

const READABLE: &str = "a server to look at in /proc";

/// The processes of a server.
///
/// # Errors
/// When the one that was started is gone.
pub fn processes(running: &Running) -> Outcome<Vec<Process>> {
    let processes = tree::alive(&running.program)?;
    if !processes.iter().any(|process| process.pid == running.program.pid()) {
        return fail(READABLE, "it has ended");
    }
    Ok(processes)
}

/// Waits until a server has `count` processes.
///
/// # Errors
/// When it has another number for [`DEADLINE`].
pub fn wait_for_processes(running: &Running, count: usize) -> Outcome<()> {
    wait_for(format!("{count} in all of its processes"), || {
        let now = processes(running)?.len();
        Ok(found_if(now == count, now))
    })
}

/// Looks at each process of a server; those that end meanwhile are left out.
///
/// # Errors
/// When the one that was started is gone, or cannot be looked at.
pub fn look_at<T>(running: &Running, look: impl Fn(&Process) -> io::Result<T>) -> Outcome<Vec<T>> {
    let mut found = Vec::new();
    for process in processes(running)? {
        match look(&process) {
            // While it ends, a process is still there, and its memory and descriptors are not.
            Err(error) if has_ended(&error) && process.pid != running.program.pid() => {}
            looked => found.push(looked.expect_to(READABLE)?),
        }
    }
    Ok(found)
}

/// Sends a signal to each process of a server.
///
/// # Errors
/// When the one that was started is gone.
pub fn signal_all(running: &Running, signal: Signal) -> Outcome<()> {
    for process in processes(running)? {
        let sent = kill_process(process.pid, signal);
        if process.is_alive() {
            sent.expect_to("a process that takes a signal")?;
        }
    }
    Ok(())
}

/// Stops all of it by SIGSTOP, and waits until it has stopped: a SIGCONT that came before would
/// take the signal back (signal(7)).
///
/// # Errors
/// When it does not stop within [`DEADLINE`].
pub fn stop(running: &Running) -> Outcome<()> {
    let stopped = wait_for("a server that stops", || {
        // Who is not stopped yet may start another one.
        signal_all(running, Signal::STOP)?;
        let mut stats = look_at(running, Process::stat)?.into_iter();
        Ok(found_if(stats.all(|stat| stat.state == 'T'), "it runs on"))
    });
    stopped.map_err(|failure| running.output.explain(failure))
}

/// Waits until all of its threads sleep: it has done what it had to do.
///
/// # Errors
/// When one of them runs for [`DEADLINE`], or it is gone.
pub fn wait_for_sleep(running: &Running) -> Outcome<()> {
    wait_for("a server that sleeps", || {
        let threads = look_at(running, |process| process.look_at_threads(|thread| thread.state()))?;
        let mut threads = threads.into_iter().flatten();
        Ok(found_if(threads.all(|(_, state)| state == 'S'), "it runs"))
    })
}

/// How many descriptors it has open.
///
/// # Errors
/// When it is gone.
pub fn descriptors(running: &Running) -> Outcome<usize> {
    Ok(look_at(running, |process| Ok(process.descriptors()?.len()))?.iter().sum())
}

/// The memory in bytes that holds its own data, and no file's; what processes share counts once.
/// Its pages are counted: the sum that the kernel keeps (statm) may be off by some dozens of them
/// for each processor.
///
/// # Errors
/// When it is gone.
pub fn memory(running: &Running) -> Outcome<u64> {
    // Older kernels than 5.4 do not tell.
    let kilobytes = look_at(running, |process| process.number("smaps_rollup", "Pss_Anon"))?;
    Ok(kilobytes.iter().sum::<u64>() * 1024)
}

/// The most resident memory that it ever had, in bytes: the sum over the processes that it has now.
///
/// # Errors
/// When it is gone.
pub fn peak_memory(running: &Running) -> Outcome<u64> {
    let kilobytes = look_at(running, |process| process.number("status", "VmHWM"))?;
    Ok(kilobytes.iter().sum::<u64>() * 1024)
}

/// The share of one core that it takes in the next `time`, of what the scheduler leaves it: a
/// thread that spins shows as all of a core, however many others want to run beside it.
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
            let waited = format!("none for {} s", DEADLINE.as_secs());
            return time_out("a processor for the server", waited);
        }
    }
}

/// How often its threads wake up in a second, over the next `time`.
///
/// # Errors
/// When it is gone.
pub fn wake_ups_per_second(running: &Running, time: Duration) -> Outcome<f64> {
    let (before, start) = (threads(running)?, Instant::now());
    thread::sleep(time);
    let (after, elapsed) = (threads(running)?, start.elapsed());
    let woken =
        after.iter().map(|(id, now)| now.slept - before.get(id).copied().unwrap_or_default().slept);
    Ok(woken.sum::<u64>() as f64 / elapsed.as_secs_f64())
}

/// How long the threads of some processes and this one were ready to run while others were on the
/// processors, so far.
///
/// # Errors
/// When a process cannot be looked at.
pub fn waited_for_a_processor(processes: &[Process]) -> Outcome<Duration> {
    let own = fs::read_to_string("/proc/thread-self/schedstat").expect_to(READABLE)?;
    let [_, own, _] = parse_schedule(&own).expect_to(READABLE)?;
    let mut waited = Duration::from_nanos(own);
    for process in processes {
        // How often they slept is not asked for: that is in another file, which takes longer.
        let threads = process.look_at_threads(|thread| thread.schedule());
        waited += match threads {
            // A process for one client ends with it, and waits no more.
            Err(error) if has_ended(&error) => Duration::ZERO,
            threads => {
                let delays = threads.expect_to(READABLE)?;
                delays.iter().map(|(_, [_, waited, _])| Duration::from_nanos(*waited)).sum()
            }
        };
    }
    Ok(waited)
}

/// What a thread did so far.
#[derive(Clone, Copy, Default)]
struct Times {
    /// How long it was on a processor.
    ran: Duration,
    /// How long it was ready to run while others were on the processors, up to its last run.
    waited: Duration,
    /// How often it went to sleep.
    slept: u64,
    /// Whether it is ready to run, or runs.
    is_ready: bool,
}

/// The threads by their ids.
fn threads(running: &Running) -> Outcome<HashMap<i32, Times>> {
    let threads = look_at(running, |process| process.look_at_threads(times))?;
    Ok(threads.into_iter().flatten().collect())
}

/// What /proc/PID/task/TID/schedstat and status tell.
fn times(thread: &Thread<'_>) -> io::Result<Times> {
    let [ran, waited, _] = thread.schedule()?;
    let status = thread.read("status")?;
    Ok(Times {
        ran: Duration::from_nanos(ran),
        waited: Duration::from_nanos(waited),
        slept: number(&status, "voluntary_ctxt_switches")?,
        is_ready: status.contains("\nState:\tR"),
    })
}

/// The share of a core that a thread took between two looks; `None` where it had too little chance
/// to run or to sleep.
fn share(then: Times, now: Times, elapsed: Duration) -> Option<f64> {
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
    let few = wait_within(time, format!("{count} descriptors open"), || {
        let open = descriptors(running)?;
        Ok(found_if(open <= count, format!("{open} after {} s", time.as_secs())))
    });
    few.map_err(|failure| running.output.explain(failure))
}
