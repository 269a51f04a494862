//! How many system calls a server makes.
//!
//! The kernel counts them itself where it lets this user (`perf_event_open(2)` on the tracepoint
//! `raw_syscalls:sys_enter`); else strace(1) does, which makes each call much slower.

use std::fmt;
use std::fs;

use perf_event::events::{Event, Tracepoint};
use perf_event::{Builder, Counter};
use rustix::process::Signal;

use xtask::harness::command_line::CommandLine;
use xtask::harness::launch::Running;
use xtask::harness::outcome::{Expect, Outcome, fail};
use xtask::harness::output::Output;
use xtask::harness::process::processes;
use xtask::harness::program::Program;
use xtask::harness::strace;

/// All system calls, and the one that changes what epoll(7) watches.
const ALL: &str = "raw_syscalls/sys_enter";
const EPOLL_CTL: &str = "syscalls/sys_enter_epoll_ctl";

/// Where the kernel has its tracepoints.
const TRACEPOINTS: [&str; 2] = ["/sys/kernel/tracing/events", "/sys/kernel/debug/tracing/events"];

/// What strace says once it counts.
const ATTACHED: &str = "attached";

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Means {
    Tracepoint,
    Strace,
}

impl fmt::Display for Means {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Means::Tracepoint => "counted by the kernel (raw_syscalls:sys_enter)",
            Means::Strace => "counted by strace -f, in a run of its own",
        })
    }
}

impl Means {
    /// The best that this system lets this user have.
    pub fn best() -> Option<Means> {
        let counter = tracepoint(ALL).map(|point| Builder::new(point).observe_self().build());
        if matches!(counter, Some(Ok(_))) {
            return Some(Means::Tracepoint);
        }
        strace::refused().is_none().then_some(Means::Strace)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Calls {
    pub all: u64,
    pub epoll_ctl: u64,
}

/// Counts the system calls that all threads of a server make while `act` runs.
pub fn count<T>(
    means: Means,
    running: &Running,
    act: impl FnOnce() -> Outcome<T>,
) -> Outcome<(Calls, T)> {
    match means {
        Means::Tracepoint => count_by_tracepoint(running, act),
        Means::Strace => count_by_strace(running, act),
    }
}

fn tracepoint(name: &str) -> Option<Tracepoint> {
    let id =
        TRACEPOINTS.iter().find_map(|path| fs::read_to_string(format!("{path}/{name}/id")).ok());
    id.and_then(|id| id.trim_end().parse().ok()).map(Tracepoint::with_id)
}

fn count_by_tracepoint<T>(
    running: &Running,
    act: impl FnOnce() -> Outcome<T>,
) -> Outcome<(Calls, T)> {
    let mut all = counters(running, expected(ALL)?, include_kernel)?;
    let mut epoll_ctl = counters(running, expected(EPOLL_CTL)?, include_kernel)?;
    for counter in all.iter_mut().chain(&mut epoll_ctl) {
        counter.enable().expect_to("a counter that starts")?;
    }
    let done = act()?;
    Ok((Calls { all: sum(&mut all)?, epoll_ctl: sum(&mut epoll_ctl)? }, done))
}

/// A tracepoint that [`Means::best`] has found.
fn expected(name: &str) -> Outcome<Tracepoint> {
    tracepoint(name).map_or_else(|| fail("a tracepoint", format!("no {name}")), Ok)
}

fn include_kernel(builder: &mut Builder) {
    builder.include_kernel();
}

/// A counter of `event` for each thread of a server, and for those that these start; `space` says
/// where the event counts: in the kernel, outside of it, or in both.
pub fn counters(
    running: &Running,
    event: impl Event + Copy,
    space: fn(&mut Builder),
) -> Outcome<Vec<Counter>> {
    const COUNTER: &str = "a counter of the kernel's";
    let mut counters = Vec::new();
    for process in processes(running)? {
        for thread in process.threads().expect_to(COUNTER)? {
            let mut builder = Builder::new(event);
            builder.observe_pid(thread.id).any_cpu().inherit(true);
            space(&mut builder);
            counters.push(builder.build().expect_to(COUNTER)?);
        }
    }
    Ok(counters)
}

pub fn sum(counters: &mut [Counter]) -> Outcome<u64> {
    counters.iter_mut().map(|counter| counter.read().expect_to("a counter to read")).sum()
}

fn count_by_strace<T>(running: &Running, act: impl FnOnce() -> Outcome<T>) -> Outcome<(Calls, T)> {
    let processes = processes(running)?.into_iter();
    let pids = processes.flat_map(|process| ["-p".to_owned(), process.pid.to_string()]);
    let line = CommandLine::new("strace").with(["-f", "-c", "-U", "name,calls"]).with(pids);
    let output = Output::default();
    let mut strace = Program::start(&line, None)?;
    strace.follow(&output)?;
    output.have_line(xtask::harness::client::DEADLINE, 0, ATTACHED)?;
    let done = act()?;
    strace.signal(Signal::INT)?;
    strace.end()?;
    output.wait_for_end();
    let calls = parse_strace(&output.errors());
    Ok((calls.map_or_else(|| fail("a table of calls", output.tail().join("\n")), Ok)?, done))
}

/// Reads what `strace -c -U name,calls` prints.
fn parse_strace(lines: &[String]) -> Option<Calls> {
    let calls_of = |name: &str| {
        lines.iter().find_map(|line| match line.split_whitespace().collect::<Vec<_>>()[..] {
            [first, count] if first == name => count.parse().ok(),
            _ => None,
        })
    };
    Some(Calls { all: calls_of("total")?, epoll_ctl: calls_of("epoll_ctl").unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_strace_is_read() {
        let table = "strace: Process 7 attached\nsyscall                calls\n---------------- ---------\n\
                     recvfrom                  1000\nepoll_ctl                   20\n\
                     ---------------- ---------\ntotal                     1020\n";
        let lines: Vec<String> = table.lines().map(str::to_owned).collect();
        assert_eq!(parse_strace(&lines), Some(Calls { all: 1020, epoll_ctl: 20 }));
        assert_eq!(parse_strace(&lines[..3]), None);
    }
}
