//! Many sockets, of which some have something to read, and a question about all of them.

use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

use anyhow::{Context, Result, ensure};
use nix::libc;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{FdSetElement, fd_set_insert, fd_set_num_elements};
use socket2::{Domain, Socket, Type};

use crate::claims::sys;
use xtask::harness::limits::raise_own_limit;

/// Descriptors that this process has open besides the sockets.
const OTHERS: u64 = 512;

/// Sockets of UDP: each takes one descriptor, and can have something to read without a peer.
pub struct Sockets {
    all: Vec<OwnedFd>,
    active: usize,
}

/// A question about all sockets, which is asked in one call.
pub struct Question {
    call: Call,
    expected: usize,
}

enum Call {
    Select { end: RawFd, question: Vec<FdSetElement>, answer: Vec<FdSetElement> },
    Poll(Vec<libc::pollfd>),
    Epoll { epoll: OwnedFd, events: Vec<epoll::Event> },
}

/// As many sockets as this process may open, and not more than `wanted`.
pub fn at_most(wanted: usize) -> usize {
    wanted.min(raise_own_limit().saturating_sub(OTHERS) as usize)
}

impl Sockets {
    /// Opens `count` sockets, of which `active`, spread evenly, have something to read.
    ///
    /// # Errors
    /// When the kernel refuses one.
    pub fn open(count: usize, active: usize) -> Result<Sockets> {
        let distance = count / active;
        let open = |place: usize| match place % distance {
            0 if place / distance < active => readable(),
            _ => silent(),
        };
        Ok(Sockets { all: (0..count).map(open).collect::<Result<_>>()?, active })
    }

    /// Asks select(2), with a bitmap as long as it has to be.
    pub fn by_select(&self) -> Question {
        let mut question = self.bitmap();
        for socket in &self.all {
            fd_set_insert(&mut question, socket.as_raw_fd());
        }
        self.select(question, self.active)
    }

    /// Asks select(2) with as long a bitmap that names no socket.
    pub fn by_select_without_sockets(&self) -> Question {
        self.select(self.bitmap(), 0)
    }

    /// Asks poll(2).
    pub fn by_poll(&self) -> Question {
        self.poll(AsRawFd::as_raw_fd, self.active)
    }

    /// Asks poll(2) with as long a list that names no socket.
    pub fn by_poll_without_sockets(&self) -> Question {
        self.poll(|_| -1, 0)
    }

    /// Asks epoll(7), level-triggered: each question has the same answer.
    ///
    /// # Errors
    /// When it refuses a socket.
    pub fn by_epoll(&self) -> Result<Question> {
        let epoll = epoll::create(CreateFlags::CLOEXEC).context("epoll_create1")?;
        for socket in &self.all {
            let data = EventData::new_u64(0);
            epoll::add(&epoll, socket, data, EventFlags::IN).context("epoll_ctl")?;
        }
        let events = Vec::with_capacity(self.all.len());
        Ok(Question { call: Call::Epoll { epoll, events }, expected: self.active })
    }

    fn select(&self, question: Vec<FdSetElement>, expected: usize) -> Question {
        let answer = question.clone();
        Question { call: Call::Select { end: self.end(), question, answer }, expected }
    }

    fn poll(&self, number: fn(&OwnedFd) -> RawFd, expected: usize) -> Question {
        let entry = |socket| libc::pollfd { fd: number(socket), events: libc::POLLIN, revents: 0 };
        Question { call: Call::Poll(self.all.iter().map(entry).collect()), expected }
    }

    fn bitmap(&self) -> Vec<FdSetElement> {
        vec![FdSetElement::default(); fd_set_num_elements(self.all.len(), self.end())]
    }

    /// One more than the highest descriptor.
    fn end(&self) -> RawFd {
        self.all.iter().map(|socket| socket.as_raw_fd() + 1).max().unwrap_or_default()
    }
}

impl Question {
    /// Asks once, without waiting.
    ///
    /// # Errors
    /// When the kernel refuses the call, or does not name as many sockets as have something to
    /// read.
    pub fn ask(&mut self) -> Result<()> {
        let ready = match &mut self.call {
            Call::Select { end, question, answer } => {
                // The kernel writes its answer over the question (select(2)).
                answer.copy_from_slice(question);
                sys::select_bits(*end, answer, &sys::AT_ONCE).context("select")?
            }
            Call::Poll(list) => sys::poll_at_once(list).context("poll")?,
            Call::Epoll { epoll, events } => {
                events.clear();
                let room = rustix::buffer::spare_capacity(events);
                epoll::wait(epoll, room, Some(&sys::AT_ONCE)).context("epoll_wait")?
            }
        };
        ensure!(ready == self.expected, "{ready} sockets are ready, and not {}", self.expected);
        Ok(())
    }
}

fn readable() -> Result<OwnedFd> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).context("bind a socket")?;
    let own = socket.local_addr().context("ask for a socket's address")?;
    socket.send_to(b"x", own).context("send to a socket")?;
    Ok(socket.into())
}

fn silent() -> Result<OwnedFd> {
    Ok(Socket::new(Domain::IPV4, Type::DGRAM, None).context("open a socket")?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_names_what_has_something_to_read() {
        let sockets = Sockets::open(70, 3).unwrap();
        for mut question in [
            sockets.by_select(),
            sockets.by_select_without_sockets(),
            sockets.by_poll(),
            sockets.by_poll_without_sockets(),
            sockets.by_epoll().unwrap(),
        ] {
            question.ask().unwrap();
            question.ask().unwrap();
            question.expected += 1;
            assert!(question.ask().is_err());
        }
    }
}
