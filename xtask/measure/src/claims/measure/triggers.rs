//! What is reported of a socket that nobody reads, and of a client that nobody accepts; and what
//! when another byte and another client come.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};

use anyhow::{Context, Result, ensure};
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::measure::connections::{PATIENCE, connect};
use crate::claims::sys::{AT_ONCE, select};
use xtask::terminal::grouped;

/// How often each is asked.
const WAITS: usize = 1000;

/// Whether level-triggered mechanisms report again what nobody acts on, and edge-triggered ones
/// only once.
///
/// # Errors
/// When the kernel refuses a call.
pub fn reports() -> Result<Measured> {
    let (mut client, server) = connect()?;
    let unread = count(&server, || client.write_all(b"x").context("send"))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("listen")?;
    let addr = listener.local_addr().context("ask for an address")?;
    let mut clients = Vec::new();
    let unaccepted = count(&listener, || {
        clients.push(TcpStream::connect(addr).context("connect")?);
        Ok(())
    })?;
    Ok(Measured::Found(judge(&Reports { unread, unaccepted })))
}

/// How many of [`WAITS`] waits end with a report.
struct Reports {
    /// Of a socket with a byte that nobody reads.
    unread: Counts,
    /// Of a listener with a client that nobody accepts.
    unaccepted: Counts,
}

struct Counts {
    select: usize,
    poll: usize,
    epoll: usize,
    edge_triggered: usize,
    /// Edge-triggered, after another one came.
    anew: usize,
}

/// `arrive` lets something come to the socket.
fn count(socket: &impl AsFd, mut arrive: impl FnMut() -> Result<()>) -> Result<Counts> {
    arrive()?;
    let mut fds = [PollFd::new(socket, PollFlags::IN)];
    ensure!(poll(&mut fds, Some(&PATIENCE)).context("poll")? == 1, "nothing comes");
    let (mut by_select, mut by_poll) = (0, 0);
    for _ in 0..WAITS {
        by_select += select(&[socket.as_fd()], &AT_ONCE).context("select")?.len();
        by_poll += poll(&mut fds, Some(&AT_ONCE)).context("poll")?;
    }
    let level = watch(socket, EventFlags::IN)?;
    let edge = watch(socket, EventFlags::IN | EventFlags::ET)?;
    let (by_epoll, edge_triggered) = (reports_of(&level)?, reports_of(&edge)?);
    arrive()?;
    // The first wait may come before what was sent.
    let first = wait(&edge, &PATIENCE)?;
    let anew = first + reports_of(&edge)?;
    Ok(Counts { select: by_select, poll: by_poll, epoll: by_epoll, edge_triggered, anew })
}

fn watch(socket: &impl AsFd, flags: EventFlags) -> Result<OwnedFd> {
    let epoll = epoll::create(CreateFlags::CLOEXEC).context("epoll_create1")?;
    epoll::add(&epoll, socket, EventData::new_u64(0), flags).context("epoll_ctl")?;
    Ok(epoll)
}

fn reports_of(epoll: &OwnedFd) -> Result<usize> {
    (0..WAITS).map(|_| wait(epoll, &AT_ONCE)).sum()
}

fn wait(epoll: &OwnedFd, timeout: &Timespec) -> Result<usize> {
    let mut events = Vec::with_capacity(1);
    let room = rustix::buffer::spare_capacity(&mut events);
    epoll::wait(epoll, room, Some(timeout)).context("epoll_wait")
}

fn judge(seen: &Reports) -> Finding {
    let both = [&seen.unread, &seen.unaccepted];
    let again = both.iter().all(|seen| [seen.select, seen.poll, seen.epoll] == [WAITS; 3]);
    let once = both.iter().all(|seen| seen.edge_triggered == 1);
    let anew = both.iter().all(|seen| seen.anew == 1);
    let answer = match (again, once) {
        (true, true) if !anew => Answer::Holds,
        (false, false) => Answer::False,
        _ => Answer::Depends,
    };
    let told = |count: fn(&Counts) -> usize| {
        let [unread, unaccepted] = both.map(|seen| grouped(count(seen) as f64));
        format!("{unread}/{unaccepted}")
    };
    Finding {
        answer,
        figures: format!(
            "{} waits, byte unread/client not accepted: select {}, poll {}, epoll {}, edge {}; \
             after another byte/client: edge {}",
            grouped(WAITS as f64),
            told(|seen| seen.select),
            told(|seen| seen.poll),
            told(|seen| seen.epoll),
            told(|seen| seen.edge_triggered),
            told(|seen| seen.anew),
        ),
        why: match (again, once, anew) {
            (true, true, true) => {
                "Level-triggered, the kernel tells a state for as long as it lasts. \
                 Edge-triggered, it tells once for each arrival: new data is reported, though the \
                 old is unread."
            }
            (true, true, false) => {
                "Level-triggered, the kernel tells a state for as long as it lasts; \
                 edge-triggered, it tells an arrival once, and no later one."
            }
            _ => {
                "The kernel does not tell a state for as long as it lasts, or tells an edge again."
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(select: usize, edge_triggered: usize, anew: usize) -> Counts {
        Counts { select, poll: WAITS, epoll: WAITS, edge_triggered, anew }
    }

    #[test]
    fn the_number_of_reports_decides() {
        let answer = |select, edge_triggered, anew| {
            let [unread, unaccepted] =
                [counts(WAITS, 1, anew), counts(select, edge_triggered, anew)];
            judge(&Reports { unread, unaccepted }).answer
        };
        assert_eq!(answer(WAITS, 1, 0), Answer::Holds);
        assert_eq!(answer(WAITS, 1, 1), Answer::Depends);
        assert_eq!(answer(WAITS, 2, 1), Answer::Depends);
        assert_eq!(answer(WAITS - 1, 1, 0), Answer::Depends);
        assert_eq!(answer(1, WAITS, 0), Answer::False);
    }

    #[test]
    fn this_kernel_reports_a_state_again_and_each_arrival_once() {
        let Measured::Found(finding) = reports().unwrap() else { panic!("it was measured") };
        assert_eq!(finding.answer, Answer::Depends, "{}", finding.figures);
        let anew = "edge 1/1; after another byte/client: edge 1/1";
        assert!(finding.figures.ends_with(anew), "{}", finding.figures);
    }
}
