//! What a server takes while it is loaded: processor time, switches, memory, of all its processes.

use std::time::Duration;
use std::{fs, io};

use nix::time::{ClockId, clock_gettime};
use rustix::param::clock_ticks_per_second;

use xtask::harness::launch::Running;
use xtask::harness::outcome::{Expect, Outcome};
use xtask::harness::proc::{Process, number};
use xtask::harness::process::look_at;

const READABLE: &str = "a server whose processor time can be read";

/// What all processes of a server took so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Processor time, in user space and in the kernel, to the nanosecond.
    pub time: Duration,
    /// How often one of the threads left a processor.
    pub switches: u64,
}

impl Usage {
    /// Of a server, by its processes as they are now.
    pub fn of(running: &Running) -> Outcome<Usage> {
        let all = look_at(running, of_process)?.into_iter();
        Ok(all.fold(Usage::default(), |sum, one| Usage {
            time: sum.time + one.time,
            switches: sum.switches + one.switches,
        }))
    }

    pub fn since(self, before: Usage) -> Usage {
        Usage {
            time: self.time.saturating_sub(before.time),
            switches: self.switches.saturating_sub(before.switches),
        }
    }
}

fn of_process(process: &Process) -> io::Result<Usage> {
    let ended = ticks(process.stat()?.childrens_ticks);
    Ok(Usage {
        // Threads that have ended count in the process's clock. Children that have ended are told
        // apart only to a tick, 10 ms for all of them together.
        time: clock(process)? + ended,
        switches: switches(process)?,
    })
}

/// The processor time of a process, with that of threads that have ended.
fn clock(process: &Process) -> io::Result<Duration> {
    let pid = nix::unistd::Pid::from_raw(process.pid.as_raw_pid());
    let time = ClockId::pid_cpu_clock_id(pid).and_then(clock_gettime);
    time.map(Duration::from).map_err(|errno| match errno {
        nix::Error::ESRCH => io::ErrorKind::NotFound.into(),
        errno => io::Error::other(format!("the clock of process {pid}: {errno}")),
    })
}

fn ticks(count: u64) -> Duration {
    Duration::from_secs_f64(count as f64 / clock_ticks_per_second() as f64)
}

/// The switches of all threads; those that end meanwhile are left out.
fn switches(process: &Process) -> io::Result<u64> {
    let switches = process.look_at_threads(|thread| {
        let status = thread.read("status")?;
        let count = |name| number(&status, name);
        Ok(count("voluntary_ctxt_switches")? + count("nonvoluntary_ctxt_switches")?)
    })?;
    Ok(switches.iter().map(|(_, count)| count).sum())
}

/// The sum of some lines of /proc/meminfo, in bytes.
pub fn meminfo(names: &[&str]) -> Outcome<u64> {
    const FILE: &str = "/proc/meminfo";
    let text = fs::read_to_string(FILE).expect_to(FILE)?;
    let kilobytes = names.iter().map(|name| number(&text, name).expect_to(FILE));
    Ok(kilobytes.sum::<Outcome<u64>>()? * 1024)
}

pub fn own_time() -> Outcome<Duration> {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect_to(READABLE)?;
    Ok(time.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use xtask::harness::command_line::CommandLine;
    use xtask::harness::output::Output;

    /// A server that works in itself, in a child that ends, or in one that stays, until it is told
    /// where it listens.
    fn usage_of(script: &str) -> Usage {
        let line = CommandLine::new("sh").with(["-c", script]);
        Usage::of(&Running::start(&line, None, &Output::default()).unwrap()).unwrap()
    }

    #[test]
    fn the_time_of_a_process_and_of_its_children_counts() {
        const WORK: &str = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
        const SAY: &str = "echo listening on 127.0.0.1:1";
        let idle = usage_of(&format!("{SAY}; sleep 1000"));
        let itself = usage_of(&format!("{WORK}; {SAY}; sleep 1000"));
        let ended = usage_of(&format!("({WORK}); {SAY}; sleep 1000"));
        let other = usage_of(&format!("({WORK}; {SAY}; sleep 1000; :) & wait"));
        for worked in [itself, ended, other] {
            assert!(worked.time > idle.time + Duration::from_millis(20), "{worked:?} {idle:?}");
        }
    }

    #[test]
    fn what_was_taken_before_does_not_count() {
        let before = Usage { switches: 3, time: Duration::from_nanos(5) };
        let after = Usage { switches: 10, time: Duration::from_nanos(9) };
        let between = Usage { switches: 7, time: Duration::from_nanos(4) };
        assert_eq!(after.since(before), between);
    }

    #[test]
    fn the_clock_of_a_process_runs_with_its_work() {
        let own = Process::own().unwrap();
        let before = clock(&own).unwrap();
        let thread = own_time().unwrap();
        while own_time().unwrap() < thread + Duration::from_millis(2) {}
        assert!(clock(&own).unwrap() >= before + Duration::from_millis(2));
    }
}
