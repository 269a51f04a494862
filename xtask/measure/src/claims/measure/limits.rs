//! How many descriptors select(2) and poll(2) watch.

use std::io::pipe;
use std::os::fd::AsRawFd;

use anyhow::{Context, Result, bail};
use nix::sys::select::FD_SETSIZE;
use rustix::event::{FdSetElement, PollFd, PollFlags, Timespec, poll};
use rustix::event::{fd_set_insert, fd_set_num_elements};
use rustix::io::fcntl_dupfd_cloexec;

use crate::claims::claim::{Answer, Lack, Measured};
use crate::claims::measure::calls::in_words;
use crate::claims::measure::server::{Launched, launch};
use crate::claims::measure::sockets::{allowed, setting};
use crate::claims::sys::select_at_once;
use xtask::harness::limits::limit_descriptors;
use xtask::harness::outcome::{Failure, Kind, Outcome};
use xtask::harness::process::descriptors;
use xtask::harness::speaker::Speaker;
use xtask::terminal::thousands;

/// The number of the descriptor that the bare select(2) is to watch.
const HIGH: usize = 5000;

/// Descriptors that select-server may open, and those that it may open afterwards.
const ALLOWED: usize = 4096;
const LOWERED: u64 = 16;
/// Clients that come at most, and the descriptors that they need on this side, with some to spare.
const CLIENTS: usize = 1200;
const NEEDED: usize = 1600;

/// The longest list that poll(2) is given: 32 MiB.
const LONGEST: usize = 4 * 1024 * 1024;

/// Calls select(2) for a descriptor that libc's `fd_set` cannot hold.
pub fn select_ends_at_1024() -> Result<Measured> {
    let lowest = HIGH.min(allowed(FD_SETSIZE + 1)? - 1) as i32;
    let (reader, writer) = pipe().context("a pipe")?;
    // A pipe without a writer is readable: its stream has ended.
    drop(writer);
    let reader = fcntl_dupfd_cloexec(&reader, lowest).context("copy a descriptor")?;
    let number = reader.as_raw_fd();
    let mut readable = vec![FdSetElement::default(); fd_set_num_elements(1, number + 1)];
    fd_set_insert(&mut readable, number);
    let ready = select_at_once(number + 1, &mut readable);
    let figures = format!(
        "libc's fd_set: numbers below {}; the bare system call with a longer set: descriptor \
         {} is {}",
        thousands(FD_SETSIZE),
        thousands(number as usize),
        if ready == Ok(1) { "ready" } else { "not seen" }
    );
    Ok((if ready == Ok(1) { Answer::Depends } else { Answer::Holds }, figures))
}

/// Fills up a select server that may open more than 1,024 descriptors, and then lowers that.
pub fn select_limit_by_ulimit() -> Result<Measured> {
    let allowed = ALLOWED.min(allowed(NEEDED)?);
    let file_max = thousands(setting("fs/file-max")?);
    let mut select = launch("select-server", &[])?;
    let (full, serves_on) = fill(&mut select, allowed)?;
    let held = match full {
        Some(full) => format!("full at {} descriptors", thousands(full)),
        None => format!("not full with {} clients", thousands(CLIENTS)),
    };
    let figures = format!(
        "ulimit -n {}, file-max {file_max}: {held}; ulimit -n lowered to {LOWERED}: {} clients are \
         still served",
        thousands(allowed),
        if serves_on { "all" } else { "not all" }
    );
    Ok((judge_server(allowed, full, serves_on), figures))
}

/// Lets clients come until one is refused; returns how many descriptors the server has then, and
/// whether it serves them all once it may open fewer.
fn fill(select: &mut Launched, allowed: usize) -> Outcome<(Option<usize>, bool)> {
    let Launched { server, running } = select;
    limit_descriptors(running, allowed as u64)?;
    let (mut served, mut full) = (Vec::new(), None);
    while served.len() < CLIENTS && full.is_none() {
        let speaker = Speaker::connect(running, server)?;
        match speaker.exchange(served.len()) {
            Err(Failure { kind: Kind::Closed, .. }) => full = Some(descriptors(running)?),
            answered => answered.map(|()| served.push(speaker))?,
        }
    }
    running.program.is_alive()?;
    limit_descriptors(running, LOWERED)?;
    Ok((full, served.iter().all(|speaker| speaker.exchange(CLIENTS).is_ok())))
}

fn judge_server(allowed: usize, full: Option<usize>, serves_on: bool) -> Answer {
    match full {
        Some(full) if full < allowed && serves_on => Answer::False,
        Some(full) if full < allowed => Answer::Depends,
        _ => Answer::Holds,
    }
}

/// Whether poll(2) takes any number of descriptors.
pub fn poll_has_no_limit() -> Result<Measured> {
    poll_lists(|_, is_refused| if is_refused { Answer::False } else { Answer::Holds })
}

/// Whether poll(2) has a limit above that of select(2).
pub fn poll_holds_more_than_select() -> Result<Measured> {
    poll_lists(judge_more_than_select)
}

fn judge_more_than_select(allowed: usize, is_refused: bool) -> Answer {
    match is_refused {
        false => Answer::False,
        true if allowed > FD_SETSIZE => Answer::Holds,
        true => Answer::Depends,
    }
}

/// Hands poll(2) as many entries as descriptors are allowed, and one more; `judge` gets how many
/// are allowed, and whether one more is refused.
fn poll_lists(judge: fn(usize, bool) -> Answer) -> Result<Measured> {
    // Only the limit that cannot be raised any more stays what it is until the call.
    let allowed = allowed(0)?;
    if allowed >= LONGEST {
        let longest = thousands(LONGEST);
        bail!(Lack(format!("a list that is longer than ulimit -Hn and {longest} is not tried")));
    }
    let (reader, _writer) = pipe().context("a pipe")?;
    // Poll's limit is one of entries: they may all name the same descriptor.
    let mut list = vec![PollFd::new(&reader, PollFlags::IN); allowed + 1];
    let now = Timespec::default();
    poll(&mut list[..allowed], Some(&now)).context("poll as many entries as are allowed")?;
    let above = poll(&mut list, Some(&now));
    let figures = format!(
        "ulimit -n {}: a list of as many entries is taken, one of {}: {}",
        thousands(allowed),
        thousands(allowed + 1),
        in_words(&above),
    );
    Ok((judge(allowed, above.is_err()), figures))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_follows_ulimit_turns_the_answer() {
        assert_eq!(judge_server(4096, Some(1024), true), Answer::False);
        assert_eq!(judge_server(4096, Some(1024), false), Answer::Depends);
        assert_eq!(judge_server(4096, Some(4096), true), Answer::Holds);
        assert_eq!(judge_server(4096, None, true), Answer::Holds);
    }

    #[test]
    fn what_is_refused_and_what_is_allowed_decide_on_poll() {
        assert_eq!(judge_more_than_select(4096, true), Answer::Holds);
        assert_eq!(judge_more_than_select(1024, true), Answer::Depends);
        assert_eq!(judge_more_than_select(4096, false), Answer::False);
    }
}
