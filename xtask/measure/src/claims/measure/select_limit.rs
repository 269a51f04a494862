//! Which descriptors select(2) watches.

use std::fs;
use std::io::pipe;
use std::os::fd::{AsFd, AsRawFd, RawFd};

use anyhow::{Context, Result, anyhow};
use nix::sys::select::FD_SETSIZE;
use rustix::io::{self, fcntl_dupfd_cloexec};

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::measure::in_words;
use crate::claims::sys;
use xtask::catalog::{SERVER, SERVERS, select};
use xtask::harness::build;
use xtask::harness::launch::Running;
use xtask::harness::limits::{limit_descriptors, raise_own_limit};
use xtask::harness::outcome::{Failure, Kind, Outcome};
use xtask::harness::output::Output;
use xtask::harness::process::descriptors;
use xtask::harness::speaker::Speaker;
use xtask::harness::trial::ANY_PORT;
use xtask::terminal::thousands;

/// The number of the descriptor that the bare call is to watch.
const HIGH: u64 = 5000;

/// The server that is tried, the descriptors that it may open, and those that it may open
/// afterwards.
const SERVER_NAME: &str = "select-server";
const ALLOWED: u64 = 4096;
const LOWERED: u64 = 16;

/// Clients that come at most, and the descriptors that they need on this side, with some to spare.
const CLIENTS: usize = 1200;
const NEEDED: u64 = 1600;

struct Bare {
    /// The number of the descriptor that was readable.
    number: RawFd,
    /// Whether select(2) said so, with a set that has room for it.
    told: io::Result<bool>,
    /// Descriptors in libc's `fd_set`.
    set: usize,
}

/// Calls select(2) for a descriptor that libc's `fd_set` cannot hold.
///
/// # Errors
/// When there is no pipe to watch.
pub fn select_ends_at_1024() -> Result<Measured> {
    let allowed = raise_own_limit();
    let high = HIGH.min(allowed - 1);
    if high < FD_SETSIZE as u64 {
        let (allowed, set) = (thousands(allowed as usize), thousands(FD_SETSIZE));
        let reason = format!("ulimit -Hn is {allowed}: no descriptor can have the number {set}");
        return Ok(Measured::Missing(reason));
    }
    let (reader, writer) = pipe().context("a pipe")?;
    // A pipe without a writer is readable: its stream has ended.
    drop(writer);
    let reader = fcntl_dupfd_cloexec(&reader, high as RawFd).context("copy a descriptor")?;
    let number = reader.as_raw_fd();
    let told = sys::select(&[reader.as_fd()], &sys::AT_ONCE).map(|ready| ready == [number]);
    Ok(Measured::Found(judge_bare(&Bare { number, told, set: FD_SETSIZE })))
}

fn judge_bare(Bare { number, told, set }: &Bare) -> Finding {
    let reached = match told {
        Ok(true) => "ready".to_owned(),
        Ok(false) => "not seen".to_owned(),
        Err(_) => in_words(told),
    };
    let figures = format!(
        "libc's fd_set: numbers below {}; the bare system call with a longer set: \
         descriptor {} is {reached}",
        thousands(*set),
        thousands(*number as usize),
    );
    let (answer, why) = match told {
        Ok(true) if *number as usize >= *set => (
            Answer::Depends,
            "The limit is libc's fd_set, of numbers and not of clients; the kernel takes a set of \
             any length.",
        ),
        Ok(true) => (Answer::False, "libc's fd_set holds the number, and select watches it."),
        _ => (Answer::Holds, "The kernel does not watch what libc's fd_set cannot hold."),
    };
    Finding { answer, figures, why }
}

struct Server {
    /// How many descriptors the server was allowed.
    allowed: u64,
    /// How many descriptors it had when it refused the next client; `None` where it served all.
    full: Option<usize>,
    /// Whether it served all its clients again, once it was allowed fewer descriptors.
    serves_on: bool,
    /// How many files the system may have open.
    file_max: usize,
}

/// Fills up a select server that may open more than 1,024 descriptors, and then lowers that.
///
/// # Errors
/// When the server cannot be launched, or does not answer in time.
pub fn select_limit_by_ulimit() -> Result<Measured> {
    let hard = raise_own_limit();
    if hard < NEEDED {
        let (hard, needed) = (thousands(hard as usize), thousands(NEEDED as usize));
        return Ok(Measured::Missing(format!("ulimit -Hn is {hard}, and {needed} are needed")));
    }
    let file_max = fs::read_to_string("/proc/sys/fs/file-max").context("read file-max")?;
    let file_max = file_max.trim().parse().context("file-max is no number")?;
    let server = select(&SERVER, &[SERVER_NAME.to_owned()], SERVERS, |server| server.name)?[0];
    let binaries = build::build(&["--package", server.package], false)?;
    let line = binaries.line_of(server).context("cargo did not build the server")?;
    let line = line.with([ANY_PORT]).with(server.load_args);
    let told = |failure: Failure| anyhow!("{failure}");
    let mut running = Running::start(&line, None, &Output::default()).map_err(told)?;
    let allowed = ALLOWED.min(hard);
    limit_descriptors(&running, allowed).map_err(told)?;
    let crowd = crowd(&mut running, |running| Speaker::connect(running, server)).map_err(told)?;
    let full = crowd.refused.then(|| descriptors(&running)).transpose().map_err(told)?;
    limit_descriptors(&running, LOWERED).map_err(told)?;
    let serves_on = crowd.served.iter().all(|speaker| speaker.exchange(CLIENTS).is_ok());
    Ok(Measured::Found(judge_server(&Server { allowed, full, serves_on, file_max })))
}

/// Clients that came and stay.
struct Crowd {
    served: Vec<Speaker>,
    /// Whether there was one more that was refused.
    refused: bool,
}

/// Clients come until one is refused.
fn crowd(running: &mut Running, connect: impl Fn(&Running) -> Outcome<Speaker>) -> Outcome<Crowd> {
    let mut served = Vec::new();
    while served.len() < CLIENTS {
        let speaker = connect(running)?;
        match speaker.exchange(served.len()) {
            Ok(()) => served.push(speaker),
            Err(Failure { kind: Kind::Closed, .. }) => {
                running.program.is_alive()?;
                return Ok(Crowd { served, refused: true });
            }
            late => late?,
        }
    }
    Ok(Crowd { served, refused: false })
}

fn judge_server(Server { allowed, full, serves_on, file_max }: &Server) -> Finding {
    let held = match full {
        Some(full) => format!("full at {} descriptors", thousands(*full)),
        None => format!("not full with {} clients", thousands(CLIENTS)),
    };
    let figures = format!(
        "ulimit -n {}, file-max {}: {held}; ulimit -n lowered to {LOWERED}: {}",
        thousands(*allowed as usize),
        thousands(*file_max),
        if *serves_on {
            "all clients are still served"
        } else {
            "not all clients are served any more"
        },
    );
    let (answer, why) = match full {
        Some(full) if (*full as u64) < *allowed && *serves_on => (
            Answer::False,
            "The limit is the size of fd_set, fixed when a program is compiled; ulimit -n and \
             file-max only limit what can be opened.",
        ),
        Some(full) if (*full as u64) < *allowed => (
            Answer::Depends,
            "ulimit -n can lower the limit, but not raise it above the size of fd_set.",
        ),
        _ => (Answer::Holds, "The server watches as many descriptors as ulimit -n allows."),
    };
    Finding { answer, figures, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_bare_call_sees_turns_the_answer() {
        let answer = |number, told, set| judge_bare(&Bare { number, told, set }).answer;
        assert_eq!(answer(5000, Ok(true), 1024), Answer::Depends);
        assert_eq!(answer(5000, Ok(false), 1024), Answer::Holds);
        assert_eq!(answer(5000, Err(io::Errno::INVAL), 1024), Answer::Holds);
        assert_eq!(answer(5000, Ok(true), 65_536), Answer::False);
    }

    #[test]
    fn a_server_that_follows_ulimit_turns_the_answer() {
        let answer = |full, serves_on| {
            judge_server(&Server { allowed: 4096, full, serves_on, file_max: 100_000 }).answer
        };
        assert_eq!(answer(Some(1024), true), Answer::False);
        assert_eq!(answer(Some(1024), false), Answer::Depends);
        assert_eq!(answer(Some(4096), true), Answer::Holds);
        assert_eq!(answer(None, true), Answer::Holds);
    }

    #[test]
    fn the_kernel_watches_what_fd_set_cannot_hold() {
        match select_ends_at_1024().unwrap() {
            Measured::Found(finding) => {
                assert_eq!(finding.answer, Answer::Depends, "{}", finding.figures);
            }
            Measured::Missing(reason) => assert!(reason.contains("ulimit -Hn"), "{reason}"),
        }
    }

    #[test]
    fn a_select_server_is_full_at_the_size_of_fd_set() {
        match select_limit_by_ulimit().unwrap() {
            Measured::Found(finding) => {
                assert_eq!(finding.answer, Answer::False, "{}", finding.figures);
                assert!(finding.figures.contains("full at 1,024 "), "{}", finding.figures);
            }
            Measured::Missing(reason) => assert!(reason.contains("ulimit -Hn"), "{reason}"),
        }
    }
}
