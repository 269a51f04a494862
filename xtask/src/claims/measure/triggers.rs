//! What is reported of a socket that nobody reads, and of a client that nobody accepts.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::AsFd;

use anyhow::{Context, Result, ensure};
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{PollFd, PollFlags, poll};

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::measure::connections::{PATIENCE, connect};
use crate::claims::sys::{AT_ONCE, select};
use crate::terminal::grouped;

/// How often each is asked.
const WAITS: usize = 1000;

/// Whether level-triggered mechanisms report again what nobody acts on, and edge-triggered ones
/// only once.
///
/// # Errors
/// When the kernel refuses a call.
pub fn reports() -> Result<Measured> {
    let (mut client, server) = connect()?;
    client.write_all(b"x").context("send")?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("listen")?;
    let addr = listener.local_addr().context("ask for an address")?;
    let _waits = TcpStream::connect(addr).context("connect")?;
    Ok(Measured::Found(judge(&Reports { unread: count(&server)?, unaccepted: count(&listener)? })))
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
}

fn count(socket: &impl AsFd) -> Result<Counts> {
    let mut fds = [PollFd::new(socket, PollFlags::IN)];
    ensure!(poll(&mut fds, Some(&PATIENCE)).context("poll")? == 1, "nothing comes");
    let (mut by_select, mut by_poll) = (0, 0);
    for _ in 0..WAITS {
        by_select += select(&[socket.as_fd()], &AT_ONCE).context("select")?.len();
        by_poll += poll(&mut fds, Some(&AT_ONCE)).context("poll")?;
    }
    Ok(Counts {
        select: by_select,
        poll: by_poll,
        epoll: count_by_epoll(socket, EventFlags::IN)?,
        edge_triggered: count_by_epoll(socket, EventFlags::IN | EventFlags::ET)?,
    })
}

fn count_by_epoll(socket: &impl AsFd, flags: EventFlags) -> Result<usize> {
    let epoll = epoll::create(CreateFlags::CLOEXEC).context("epoll_create1")?;
    epoll::add(&epoll, socket, EventData::new_u64(0), flags).context("epoll_ctl")?;
    let mut reports = 0;
    for _ in 0..WAITS {
        let mut events = Vec::with_capacity(1);
        let room = rustix::buffer::spare_capacity(&mut events);
        reports += epoll::wait(&epoll, room, Some(&AT_ONCE)).context("epoll_wait")?;
    }
    Ok(reports)
}

fn judge(seen: &Reports) -> Finding {
    let both = [&seen.unread, &seen.unaccepted];
    let again = both.iter().all(|seen| [seen.select, seen.poll, seen.epoll] == [WAITS; 3]);
    let once = both.iter().all(|seen| seen.edge_triggered == 1);
    let answer = match (again, once) {
        (true, true) => Answer::Holds,
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
            "{} waits, byte unread/client not accepted: select {}, poll {}, epoll {}, edge {}",
            grouped(WAITS as f64),
            told(|seen| seen.select),
            told(|seen| seen.poll),
            told(|seen| seen.epoll),
            told(|seen| seen.edge_triggered),
        ),
        why: match answer {
            Answer::Holds => {
                "Level-triggered, the kernel tells a state for as long as it lasts; \
                 edge-triggered, it tells that something came, and nothing more comes."
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

    fn counts(select: usize, edge_triggered: usize) -> Counts {
        Counts { select, poll: WAITS, epoll: WAITS, edge_triggered }
    }

    #[test]
    fn the_number_of_reports_decides() {
        let answer = |select, edge_triggered| {
            let [unread, unaccepted] = [counts(WAITS, 1), counts(select, edge_triggered)];
            judge(&Reports { unread, unaccepted }).answer
        };
        assert_eq!(answer(WAITS, 1), Answer::Holds);
        assert_eq!(answer(WAITS, 2), Answer::Depends);
        assert_eq!(answer(WAITS - 1, 1), Answer::Depends);
        assert_eq!(answer(1, WAITS), Answer::False);
    }

    #[test]
    fn this_kernel_reports_a_state_again_and_an_edge_once() {
        let Measured::Found(finding) = reports().unwrap() else { panic!("it was measured") };
        assert_eq!(finding.answer, Answer::Holds, "{}", finding.figures);
    }
}
