//! Many clients in one thread: each comes, says a message a second, leaves after some, and comes
//! again.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use mio::{Events, Interest, Poll, Token};

use crate::catalog::{Concurrency, Server};
use crate::harness::client::DEADLINE;
use crate::harness::connection::Connection;
use crate::harness::exchange::Exchanges;
use crate::harness::outcome::{Expect, Failure, Outcome, fail_by, silence, time_out};
use crate::soak::load::Counts;

/// From an answer to the client's next message.
const PAUSE: Duration = Duration::from_secs(1);
/// Messages of a client before it leaves.
const MESSAGES: usize = 10;
/// Bytes of a message.
const BYTES: usize = 24;

/// What a server that an `fd_set` bounds is asked for: the others need descriptors, too.
const FD_SET: u16 = 1024 - 100;
const FD_SET_FULL: &str = "an fd_set has room for 1,024 descriptors (FD_SETSIZE, select(2))";

/// Clients that come at a time, at most, so that nobody waits in a full backlog.
const AT_ONCE: usize = 64;
/// How long one waits for its connection, and all others with it.
const PATIENCE: Duration = TICK;
/// Events that are taken at once.
const EVENTS: usize = 256;
/// How often every client is looked at.
const TICK: Duration = Duration::from_millis(50);

/// How many of so many clients stay with a server, and why those are fewer where a reader may
/// wonder: nobody who would hold all others up, and not more than it can watch.
pub fn size(server: &Server, clients: u16) -> (u16, Option<&'static str>) {
    match server.concurrency {
        _ if !server.talk.converses() => (0, None),
        Concurrency::One | Concurrency::Pool(_) => (0, None),
        Concurrency::FdSet if clients > FD_SET => (FD_SET, Some(FD_SET_FULL)),
        _ => (clients, None),
    }
}

/// Clients of one server.
pub struct Crowd<'a> {
    addr: SocketAddr,
    counts: &'a Counts,
    exchanges: Exchanges,
    poll: Poll,
    clients: Vec<Option<Connection>>,
    /// The places of those that are not there.
    absent: Vec<usize>,
    /// How many are there and were never answered yet, and how many may be.
    coming: usize,
    at_once: usize,
    /// The most that were there at once, each of them answered.
    peak: usize,
}

impl<'a> Crowd<'a> {
    /// So many clients, of whom nobody has come yet.
    ///
    /// # Errors
    /// When there is no descriptor for epoll.
    pub fn new(
        server: &Server,
        addr: SocketAddr,
        clients: usize,
        counts: &'a Counts,
    ) -> Outcome<Crowd<'a>> {
        Ok(Crowd {
            addr,
            counts,
            exchanges: Exchanges::new(server.talk, BYTES),
            poll: Poll::new().expect_to("an epoll descriptor for the clients")?,
            clients: (0..clients).map(|_| None).collect(),
            absent: (0..clients).collect(),
            coming: 0,
            at_once: server.backlog.min(AT_ONCE),
            peak: 0,
        })
    }

    /// Lets the clients come and go until the soak is over; returns the most that were there at once.
    ///
    /// # Errors
    /// When epoll fails, or this process lacks something for another client.
    pub fn run(mut self) -> Outcome<usize> {
        let mut events = Events::with_capacity(EVENTS);
        // One byte more than is due, so that one too many shows.
        let mut buffer = vec![0; self.exchanges.longest_reply().max(1024) + 1];
        let mut looked = Instant::now();
        self.fill_up()?;
        while !self.counts.is_over() {
            match self.poll.poll(&mut events, Some(TICK)) {
                // Ctrl-C, after which the soak is over soon.
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                waited => waited.expect_to("events of the clients")?,
            }
            for event in &events {
                self.hear(event.token().0, &mut buffer);
            }
            if looked.elapsed() > DEADLINE / 2 {
                // This process was stopped, and nobody is late for it.
                self.clients.iter_mut().flatten().for_each(|one| one.planned = Instant::now());
            }
            if looked.elapsed() >= TICK {
                looked = Instant::now();
                (0..self.clients.len()).for_each(|place| self.act(place));
            }
            self.fill_up()?;
            let there = self.clients.len() - self.absent.len() - self.coming;
            self.peak = self.peak.max(there);
        }
        Ok(self.peak)
    }

    /// Lets those come that are not there, a few at a time, up to the first that cannot.
    fn fill_up(&mut self) -> Outcome<()> {
        while self.coming < self.at_once
            && let Some(place) = self.absent.pop()
        {
            match self.connect(place) {
                Ok(client) => self.come(place, client),
                Err(error) => {
                    // Behind a full backlog it waits, and tries again.
                    let is_refused = error.kind() != ErrorKind::TimedOut;
                    self.counts.refused.fetch_add(is_refused.into(), Ordering::Relaxed);
                    self.absent.insert(0, place);
                    return match fail_by::<(), _>("a connection", &error) {
                        Err(failure) if failure.is_lack() => Err(failure),
                        _ => Ok(()),
                    };
                }
            }
        }
        Ok(())
    }

    fn connect(&self, place: usize) -> io::Result<Connection> {
        let stream = TcpStream::connect_timeout(&self.addr, PATIENCE)?;
        let mut client = Connection::new(stream, place, &self.exchanges)?;
        let both = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut client.stream, Token(place), both)?;
        Ok(client)
    }

    /// Takes in a client, which asks at once where the server does not greet it first.
    fn come(&mut self, place: usize, mut client: Connection) {
        let asked = if client.is_waiting() { Ok(()) } else { client.ask(&self.exchanges) };
        self.coming += 1;
        self.clients[place] = Some(client);
        if let Err(failure) = asked {
            self.lose(place, failure);
        }
    }

    /// Takes what has come for a client.
    fn hear(&mut self, place: usize, buffer: &mut [u8]) {
        let Some(client) = &mut self.clients[place] else { return };
        let heard = client.go_on(&self.exchanges, buffer).and_then(|is_all| match client.asked {
            0 if is_all => client.ask(&self.exchanges),
            asked if is_all => {
                self.coming -= usize::from(asked == 1);
                self.counts.served.fetch_add(1, Ordering::Relaxed);
                client.planned = Instant::now() + PAUSE;
                Ok(())
            }
            _ => Ok(()),
        });
        if let Err(failure) = heard {
            self.lose(place, failure);
        }
    }

    /// Lets a client ask or leave whose time has come, and gives up one that is not answered.
    fn act(&mut self, place: usize) {
        let Some(client) = &mut self.clients[place] else { return };
        let acted = if client.is_waiting() {
            match client.planned.elapsed() > DEADLINE {
                true => time_out(client.expected(), silence(DEADLINE)),
                false => Ok(()),
            }
        } else if client.planned > Instant::now() {
            Ok(())
        } else if client.asked == MESSAGES {
            self.clients[place] = None;
            self.absent.push(place);
            Ok(())
        } else {
            client.planned = Instant::now();
            client.ask(&self.exchanges)
        };
        if let Err(failure) = acted {
            self.lose(place, failure);
        }
    }

    fn lose(&mut self, place: usize, failure: Failure) {
        if let Some(client) = self.clients[place].take() {
            self.coming -= usize::from(client.asked <= 1 && client.is_waiting());
            self.absent.push(place);
            self.counts.lose(failure);
        }
    }
}
