//! What epoll(7) reports of a socket that nobody serves, and how a report reaches the process.

use std::fs::File;
use std::io::Write;
use std::net::TcpStream;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use anyhow::{Context, Result};
use epoll::{EPOLLET, EPOLLIN, Epoll};
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self as calls, CreateFlags, EventData, EventFlags};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::claims::claim::{Answer, Measured, of_parts};
use crate::claims::measure::calls::in_words;
use crate::claims::measure::select::lists;
use crate::claims::measure::sockets::{connect, listen, wait_for};
use crate::claims::sys::share_memory;
use xtask::harness::client::DEADLINE;
use xtask::terminal::thousands;

/// How often each is asked.
const WAITS: usize = 1000;

/// Asks for epoll's memory, and takes one event into two arrays.
pub fn epoll_shares_memory() -> Result<Measured> {
    const MARK: u64 = 7;
    let epoll = calls::create(CreateFlags::CLOEXEC).context("epoll_create1")?;
    let (reader, mut writer) = UnixStream::pair().context("a pair of sockets")?;
    calls::add(&epoll, &reader, EventData::new_u64(MARK), EventFlags::IN).context("epoll_ctl")?;
    writer.write_all(b"x").context("write to a socket")?;
    let mut arrays = [(); 2].map(|()| Vec::with_capacity(1));
    for array in &mut arrays {
        let now = Timespec::default();
        calls::wait(&epoll, spare_capacity(array), Some(&now)).context("epoll_wait")?;
    }
    let has_event = |array: &&Vec<calls::Event>| array.iter().any(|one| one.data.u64() == MARK);
    let filled = arrays.iter().filter(has_event).count();
    let program = File::open("/proc/self/exe").context("open this program's file")?;
    share_memory(&program).context("mmap of a file")?;
    let shared = share_memory(&epoll);
    let figures = format!(
        "mmap of an epoll descriptor: {}, of a file: taken; {filled} of 2 arrays of the caller got \
         the event",
        in_words(&shared),
    );
    Ok((judge_memory(shared.is_ok(), filled == 2), figures))
}

fn judge_memory(is_shared: bool, is_copied: bool) -> Answer {
    match (is_shared, is_copied) {
        (true, false) => Answer::Holds,
        (true, true) => Answer::Depends,
        (false, _) => Answer::False,
    }
}

/// How many of [`WAITS`] waits end with a report of a socket that nobody serves: by select, poll,
/// level-triggered epoll and edge-triggered epoll; and by the last after something else came.
type Reports = [usize; 5];

/// Whether level-triggered mechanisms report again what nobody serves, and edge-triggered ones only
/// once.
pub fn reports() -> Result<Measured> {
    let (mut client, server) = connect()?;
    let unread = count(&server, || client.write_all(b"x").context("send"))?;
    let (listener, addr) = listen()?;
    let mut clients = Vec::new();
    let unaccepted = count(&listener, || {
        clients.push(TcpStream::connect(addr).context("connect")?);
        Ok(())
    })?;
    let both = |at: usize| format!("{}/{}", thousands(unread[at]), thousands(unaccepted[at]));
    let [select, poll, level, edge, anew] = [0, 1, 2, 3, 4].map(both);
    let figures = format!(
        "{} waits, byte unread/client not accepted: select {select}, poll {poll}, epoll {level}, \
         edge {edge}; after another byte/client: edge {anew}",
        thousands(WAITS),
    );
    let seen = [unread, unaccepted];
    let again = seen.iter().all(|seen| seen[..3] == [WAITS; 3]);
    let only_once = seen.iter().all(|seen| seen[3] == 1 && seen[4] == 0);
    Ok((of_parts(&[again, only_once]), figures))
}

/// `arrive` lets something come to the socket.
fn count(socket: &impl AsFd, mut arrive: impl FnMut() -> Result<()>) -> Result<Reports> {
    arrive()?;
    wait_for(socket, PollFlags::IN)?;
    let (mut level, mut edge) = (Epoll::new()?, Epoll::new()?);
    let fd = socket.as_fd().as_raw_fd();
    level.register(fd, EPOLLIN).context("epoll_ctl")?;
    edge.register(fd, EPOLLIN | EPOLLET).context("epoll_ctl")?;
    let mut seen = [0; 5];
    for _ in 0..WAITS {
        let [[is_readable, ..]] = lists([socket.as_fd()])?;
        seen[0] += usize::from(is_readable);
        let mut entry = [PollFd::new(socket, PollFlags::IN)];
        seen[1] += poll(&mut entry, Some(&Timespec::default())).context("poll")?;
        seen[2] += level.poll(Some(Duration::ZERO)).context("epoll_wait")?.len();
        seen[3] += edge.poll(Some(Duration::ZERO)).context("epoll_wait")?.len();
    }
    arrive()?;
    // The first wait may come before what was sent.
    seen[4] += edge.poll(Some(DEADLINE)).context("epoll_wait")?.len();
    for _ in 1..WAITS {
        seen[4] += edge.poll(Some(Duration::ZERO)).context("epoll_wait")?.len();
    }
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_can_be_mapped_turns_the_answer() {
        let answers = [(true, false), (true, true), (false, true)];
        let answers = answers.map(|(is_shared, is_copied)| judge_memory(is_shared, is_copied));
        assert_eq!(answers, [Answer::Holds, Answer::Depends, Answer::False]);
    }
}
