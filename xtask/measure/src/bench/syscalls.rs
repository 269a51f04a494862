//! How many system calls a server makes, counted by strace(1). It slows each call, so that no figure
//! of time is taken meanwhile.

use rustix::process::Signal;

use xtask::harness::client::DEADLINE;
use xtask::harness::command_line::CommandLine;
use xtask::harness::launch::Running;
use xtask::harness::outcome::{Outcome, fail};
use xtask::harness::output::Output;
use xtask::harness::process::processes;
use xtask::harness::program::Program;

/// What strace says once it counts.
const ATTACHED: &str = "attached";

/// How they are counted.
pub const COUNTED: &str = "counted by strace -f, in a run of its own";

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Calls {
    pub all: u64,
    pub epoll_ctl: u64,
}

/// Counts the system calls that all threads of a server make while `act` runs.
pub fn count<T>(running: &Running, act: impl FnOnce() -> Outcome<T>) -> Outcome<(Calls, T)> {
    let processes = processes(running)?.into_iter();
    let pids = processes.flat_map(|process| ["-p".to_owned(), process.pid.to_string()]);
    let line = CommandLine::new("strace").with(["-f", "-c", "-U", "name,calls"]).with(pids);
    let output = Output::default();
    let mut strace = Program::start(&line, None)?;
    strace.follow(&output)?;
    output.have_line(DEADLINE, 0, ATTACHED)?;
    let done = act()?;
    strace.signal(Signal::INT)?;
    strace.end()?;
    output.wait_for_end();
    let calls = parse(&output.errors());
    Ok((calls.map_or_else(|| fail("a table of calls", output.tail().join("\n")), Ok)?, done))
}

/// Reads what `strace -c -U name,calls` prints.
fn parse(lines: &[String]) -> Option<Calls> {
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
        assert_eq!(parse(&lines), Some(Calls { all: 1020, epoll_ctl: 20 }));
        assert_eq!(parse(&lines[..3]), None);
    }
}
