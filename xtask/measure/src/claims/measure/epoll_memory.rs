//! How epoll's events reach the process.

use std::io::Write;
use std::os::unix::net::UnixStream;

use anyhow::{Context, Result, ensure};
use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::io;

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::measure::in_words;
use crate::claims::sys::{AT_ONCE, share_memory};

/// What is asked of mmap(2): a page, the least that there is.
const LENGTH: usize = 4096;

/// The user data of the one descriptor that is watched.
const MARK: u64 = 7;

struct Figures {
    /// What mmap(2) says of an epoll descriptor.
    mapping: io::Result<()>,
    /// What it says of a file, for comparison.
    file: io::Result<()>,
    /// Arrays of this process that were handed to epoll_wait(2), one call each.
    arrays: usize,
    /// How many of them held the event afterwards.
    filled: usize,
}

/// Asks for epoll's memory, and takes one event into two arrays.
///
/// # Errors
/// When there is no epoll, or no file to compare it with.
pub fn epoll_shares_memory() -> Result<Measured> {
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).context("epoll_create1")?;
    let (reader, mut writer) = UnixStream::pair().context("a pair of sockets")?;
    let data = epoll::EventData::new_u64(MARK);
    epoll::add(&epoll, &reader, data, epoll::EventFlags::IN).context("epoll_ctl")?;
    writer.write_all(b"x").context("write to a socket")?;
    let program = std::env::current_exe().context("ask for this program's file")?;
    let program = std::fs::File::open(program).context("open this program's file")?;
    let mut arrays = [const { Vec::new() }; 2];
    let mut filled = 0;
    for array in &mut arrays {
        array.reserve(1);
        epoll::wait(&epoll, spare_capacity(array), Some(&AT_ONCE)).context("epoll_wait")?;
        filled += array.iter().filter(|event: &&epoll::Event| event.data.u64() == MARK).count();
    }
    judge(&Figures {
        mapping: share_memory(&epoll, LENGTH),
        file: share_memory(&program, LENGTH),
        arrays: arrays.len(),
        filled,
    })
}

fn judge(figures: &Figures) -> Result<Measured> {
    let Figures { mapping, file, arrays, filled } = figures;
    ensure!(file.is_ok(), "mmap of a file is refused, too: {}", in_words(file));
    let figures = format!(
        "mmap of an epoll descriptor: {}, of a file: {}; {filled} of {arrays} arrays of the \
         caller got the event",
        in_words(mapping),
        in_words(file),
    );
    let (answer, why) = match mapping {
        Ok(()) if filled == arrays => (
            Answer::Depends,
            "There is memory to share, but epoll_wait still writes events into the caller's array.",
        ),
        Ok(()) => (Answer::Holds, "The kernel lets the process map the memory of epoll."),
        Err(_) => {
            ensure!(filled == arrays, "epoll_wait told nothing: {figures}");
            let why = "There is no memory to share: epoll_wait copies each event into the array \
                       that its caller gives it.";
            (Answer::False, why)
        }
    };
    Ok(Measured::Found(Finding { answer, figures, why }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(mapping: io::Result<()>, filled: usize) -> Option<Answer> {
        match judge(&Figures { mapping, file: Ok(()), arrays: 2, filled }) {
            Ok(Measured::Found(finding)) => Some(finding.answer),
            _ => None,
        }
    }

    #[test]
    fn memory_that_can_be_mapped_turns_the_answer() {
        assert_eq!(answer(Err(io::Errno::NODEV), 2), Some(Answer::False));
        assert_eq!(answer(Ok(()), 0), Some(Answer::Holds));
        assert_eq!(answer(Ok(()), 2), Some(Answer::Depends));
        assert_eq!(answer(Err(io::Errno::NODEV), 1), None);
    }

    #[test]
    fn where_nothing_can_be_mapped_there_is_no_answer() {
        let refused = || Err(io::Errno::PERM);
        let figures = Figures { mapping: refused(), file: refused(), arrays: 2, filled: 2 };
        assert!(judge(&figures).unwrap_err().to_string().contains("EPERM"));
    }

    #[test]
    fn the_kernel_copies() {
        let Measured::Found(finding) = epoll_shares_memory().unwrap() else { panic!("no answer") };
        assert_eq!(finding.answer, Answer::False, "{}", finding.figures);
        assert!(finding.figures.contains("ENODEV"), "{}", finding.figures);
    }
}
