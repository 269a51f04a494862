//! How many descriptors the processes of a server, and this one, may open; how many signals may
//! wait.

use std::collections::HashSet;
use std::io;

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit, setrlimit};

use crate::harness::launch::Running;
use crate::harness::outcome::{Expect, Outcome};
use crate::harness::proc::Process;
use crate::harness::process::{look_at, processes};

/// Lets each process of a server, and those that it starts, open only descriptors below `count`
/// from now on; those that are open stay so.
///
/// # Errors
/// When it is gone.
pub fn limit_descriptors(running: &Running, count: u64) -> Outcome<()> {
    processes(running)?.iter().try_for_each(|process| set_limit(process.pid, Some(count)))
}

/// Lets no process of a server open one more descriptor: the next one would get the lowest number
/// that is free, so that becomes the limit.
///
/// # Errors
/// When it is gone.
pub fn forbid_descriptors(running: &Running) -> Outcome<()> {
    let free = look_at(running, |process| Ok((process.pid, lowest_free_descriptor(process)?)))?;
    free.into_iter().try_for_each(|(pid, number)| set_limit(pid, Some(number)))
}

fn lowest_free_descriptor(process: &Process) -> io::Result<u64> {
    let taken: HashSet<i32> = process.descriptors()?.into_iter().collect();
    let free = (0..).find(|number| !taken.contains(number));
    Ok(free.expect("some number is free").unsigned_abs().into())
}

/// Takes back what the others did.
///
/// # Errors
/// When the server is gone.
pub fn unlimit_descriptors(running: &Running) -> Outcome<()> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    processes(running)?.iter().try_for_each(|process| set_limit(process.pid, maximum))
}

/// Lets only `count` real-time signals wait for the user of a server when one of its processes is
/// sent another (RLIMIT_SIGPENDING, setrlimit(2)).
///
/// # Errors
/// When it is gone.
pub fn limit_signals(running: &Running, count: u64) -> Outcome<()> {
    processes(running)?.iter().try_for_each(|process| {
        let limit = Rlimit { current: Some(count), maximum: Some(count) };
        let limited = prlimit(Some(process.pid), Resource::Sigpending, limit);
        limited.expect_to("a limit on signals").map(drop)
    })
}

fn set_limit(pid: Pid, current: Option<u64>) -> Outcome<()> {
    // A child has the hard limit of this process; only that lets the soft one be raised again.
    let maximum = getrlimit(Resource::Nofile).maximum;
    let limit = Rlimit { current, maximum };
    prlimit(Some(pid), Resource::Nofile, limit).expect_to("a limit on descriptors").map(drop)
}

/// Lets this process, and the children that it starts from now on, open as many descriptors as the
/// system allows; returns how many those are.
pub fn raise_own_limit() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let current =
        if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current };
    current.unwrap_or(u64::MAX)
}
