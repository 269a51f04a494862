//! The load: clients that ask and compare, all in one thread that never blocks.
//!
//! - [`closed`]: each client asks again when it is answered
//! - [`open`]: requests at a rate, whatever the answers do
//! - [`visit`]: clients that connect, ask once and leave
//! - [`burst`]: many clients that connect at the same moment
//! - [`flood`]: clients that send as much as the server takes

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token};

use xtask::catalog::Talk;
use xtask::harness::client::DEADLINE;
use xtask::harness::outcome::{Expect, Outcome, time_out};

use xtask::harness::connection::Connection;
use xtask::harness::exchange::Exchanges;

pub mod burst;
pub mod closed;
pub mod flood;
pub mod open;
pub mod visit;

const EVENTS: usize = 256;

/// A load in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Size {
    /// Clients that ask.
    pub active: usize,
    /// Clients that asked once, and stay.
    pub idle: usize,
    pub bytes: usize,
}

pub struct Load {
    clients: Vec<Connection>,
    /// The places of those that ask, spread evenly among the idle ones.
    active: Vec<usize>,
    exchanges: Exchanges,
    poll: Poll,
    events: Events,
    buffer: Vec<u8>,
    /// When something happened last.
    stirred: Instant,
}

/// What came of a load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ran {
    /// Requests that were answered, every byte of them.
    pub requests: u64,
    /// From the first request to the last answer.
    pub elapsed: Duration,
}

impl Load {
    /// Connects all clients to a server that talks so, `at_once` of them at a time: each has its
    /// first request answered before more come, so that nobody waits in a full backlog.
    pub fn connect(addr: SocketAddr, talk: Talk, size: Size, at_once: usize) -> Outcome<Load> {
        let exchanges = Exchanges::new(talk, size.bytes);
        // One byte more than is due, so that one too many shows.
        let buffer = vec![0; exchanges.longest_reply().max(4096) + 1];
        let poll = Poll::new().expect_to("an epoll descriptor for the load")?;
        let events = Events::with_capacity(EVENTS);
        let stirred = Instant::now();
        let active = Vec::new();
        let clients = Vec::new();
        let mut load = Load { clients, active, exchanges, poll, events, buffer, stirred };
        let all = size.active + size.idle;
        while load.clients.len() < all {
            let group: Vec<usize> = (load.clients.len()..all).take(at_once.max(1)).collect();
            group.iter().try_for_each(|place| load.come(addr, *place, *place))?;
            load.be_answered(&group)?;
            group.iter().try_for_each(|place| load.clients[*place].ask(&load.exchanges))?;
            load.be_answered(&group)?;
        }
        load.active = (0..size.active).map(|place| place * all / size.active).collect();
        Ok(load)
    }

    /// Looks whether anyone heard more than was due, or was closed.
    pub fn is_silent(&mut self) -> Outcome<()> {
        let clients = &mut self.clients;
        clients
            .iter_mut()
            .try_for_each(|client| client.is_silent(&self.exchanges, &mut self.buffer))
    }

    /// Connects client number `number`, and gives it a place, which another may have left.
    fn come(&mut self, addr: SocketAddr, place: usize, number: usize) -> Outcome<()> {
        let mut client = Connection::open(addr, number, &self.exchanges)?;
        let both = Interest::READABLE | Interest::WRITABLE;
        let registered = self.poll.registry().register(&mut client.stream, Token(place), both);
        registered.expect_to("a client that epoll takes")?;
        match self.clients.get_mut(place) {
            Some(last) => *last = client,
            None => self.clients.push(client),
        }
        Ok(())
    }

    /// Waits until each of a group has its greeting, or its answer.
    fn be_answered(&mut self, group: &[usize]) -> Outcome<()> {
        let mut waiting = group.iter().filter(|id| self.clients[**id].is_waiting()).count();
        while waiting > 0 {
            waiting -= self.answered(DEADLINE)?.len();
        }
        Ok(())
    }

    /// Waits for events, at most for `patience`, and tells whose answers came.
    fn answered(&mut self, patience: Duration) -> Outcome<Vec<usize>> {
        self.wait(patience)?;
        let mut answered = Vec::new();
        for event in &self.events {
            let Token(id) = event.token();
            if self.clients[id].go_on(&self.exchanges, &mut self.buffer)? {
                answered.push(id);
            }
        }
        Ok(answered)
    }

    fn wait(&mut self, patience: Duration) -> Outcome<()> {
        if let Err(error) = self.poll.poll(&mut self.events, Some(patience))
            && error.kind() != std::io::ErrorKind::Interrupted
        {
            return Err(error).expect_to("events of the load");
        }
        if !self.events.is_empty() {
            self.stirred = Instant::now();
        } else if self.stirred.elapsed() >= DEADLINE {
            let waiting = self.clients.iter().filter(|client| client.is_waiting()).count();
            let words = format!(
                "silence for {} s to {waiting} of {}",
                DEADLINE.as_secs(),
                self.clients.len()
            );
            return time_out("an answer to each client", words);
        }
        Ok(())
    }
}
