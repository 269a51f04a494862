//! How many entries poll(2) takes.

use std::io::pipe;

use anyhow::{Context, Result, ensure};
use nix::sys::select::FD_SETSIZE;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io;

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::measure::in_words;
use xtask::harness::limits::raise_own_limit;
use xtask::terminal::thousands;

/// The longest list that is made: 32 MiB.
const LONGEST: usize = 4 * 1024 * 1024;

const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

struct Figures {
    /// How many descriptors this process may open (RLIMIT_NOFILE).
    allowed: usize,
    /// What poll(2) says of as many entries, and of one more.
    at_limit: io::Result<usize>,
    above: io::Result<usize>,
}

/// Hands poll(2) as many entries as descriptors are allowed, and one more.
///
/// # Errors
/// When there is no pipe to watch, or poll(2) takes no list at all.
pub fn poll_has_no_limit() -> Result<Measured> {
    measure(judge_no_limit)
}

/// The same for what note 004 says of it.
///
/// # Errors
/// Those of [`poll_has_no_limit`].
pub fn poll_holds_more_than_select() -> Result<Measured> {
    measure(judge_more_than_select)
}

fn measure(judge: fn(&Figures) -> (Answer, &'static str)) -> Result<Measured> {
    // Only the limit that cannot be raised any more stays what it is until the call.
    let allowed = usize::try_from(raise_own_limit()).unwrap_or(usize::MAX);
    if allowed >= LONGEST {
        let (allowed, longest) = (thousands(allowed), thousands(LONGEST));
        let reason = format!("ulimit -Hn is {allowed}; a list of more than {longest} is not tried");
        return Ok(Measured::Missing(reason));
    }
    let (reader, _writer) = pipe().context("a pipe")?;
    // Poll's limit is one of entries: they may all name the same descriptor.
    let mut list = vec![PollFd::new(&reader, PollFlags::IN); allowed + 1];
    let figures = Figures {
        allowed,
        at_limit: poll(&mut list[..allowed], Some(&AT_ONCE)),
        above: poll(&mut list, Some(&AT_ONCE)),
    };
    let Figures { at_limit, above, .. } = &figures;
    ensure!(at_limit.is_ok(), "poll of {allowed} entries: {}", in_words(at_limit));
    let (answer, why) = judge(&figures);
    let figures = format!(
        "ulimit -n {}: a list of as many entries is {}, one of {}: {}",
        thousands(allowed),
        in_words(at_limit),
        thousands(allowed + 1),
        in_words(above),
    );
    Ok(Measured::Found(Finding { answer, figures, why }))
}

fn judge_no_limit(figures: &Figures) -> (Answer, &'static str) {
    match figures.above {
        Ok(_) => (Answer::Holds, "The kernel takes a longer list than there can be descriptors."),
        Err(_) => (
            Answer::False,
            "The kernel refuses a list longer than ulimit -n (RLIMIT_NOFILE) before it looks at \
             it. It does copy the list into pages that are linked to each other, but that is not \
             why there may be many entries: the caller's array has any length.",
        ),
    }
}

fn judge_more_than_select(figures: &Figures) -> (Answer, &'static str) {
    match figures.above {
        Ok(_) => (Answer::False, "The kernel takes a longer list than there can be descriptors."),
        Err(_) if figures.allowed > FD_SETSIZE => {
            (Answer::Holds, "Its limit is ulimit -n, and that can be raised above 1,024.")
        }
        Err(_) => (Answer::Depends, "Its limit is ulimit -n, and that is not above 1,024 here."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: io::Result<usize> = Err(io::Errno::INVAL);

    fn figures(allowed: usize, above: io::Result<usize>) -> Figures {
        Figures { allowed, at_limit: Ok(0), above }
    }

    #[test]
    fn a_longer_list_that_is_taken_turns_both_answers() {
        assert_eq!(judge_no_limit(&figures(4096, REFUSED)).0, Answer::False);
        assert_eq!(judge_no_limit(&figures(4096, Ok(0))).0, Answer::Holds);
        assert_eq!(judge_more_than_select(&figures(4096, REFUSED)).0, Answer::Holds);
        assert_eq!(judge_more_than_select(&figures(1024, REFUSED)).0, Answer::Depends);
        assert_eq!(judge_more_than_select(&figures(4096, Ok(0))).0, Answer::False);
    }

    #[test]
    fn the_kernel_refuses_a_longer_list() {
        match poll_has_no_limit().unwrap() {
            Measured::Found(finding) => {
                assert_eq!(finding.answer, Answer::False, "{}", finding.figures);
                assert!(finding.figures.ends_with(": EINVAL"), "{}", finding.figures);
            }
            Measured::Missing(reason) => assert!(reason.contains("is not tried"), "{reason}"),
        }
        assert!(poll_holds_more_than_select().is_ok());
    }
}
