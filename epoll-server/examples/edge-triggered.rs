//! Edge-triggered epoll at its best, the loop to copy: the kernel says once that something happened
//! to a socket, and the server remembers it until it has done all about it; one thread, many
//! clients at once, up to `ulimit -n` and, for each user, `max_user_watches` (epoll(7)).
//!
//! Follows note 000, lines 149-150, in words.
//!
//! Try: `cargo run -p epoll-server --example edge-triggered -- --show`, then `nc 127.0.0.1 2004`;
//! every line comes back, after one report `EPOLLIN|EPOLLOUT`.
//!
//! Costs: a small request takes one read and one write, and a share of an epoll_wait; nothing is
//! allocated for it, no epoll_ctl follows the first, and an idle client costs less than 100 bytes
//! of memory. In return the server has to know for each client what it left undone: nobody says it
//! twice.
//!
//! Experiment: start it with `--no-drain --quiet`, so that it reads once for each report, and stop
//! it by Ctrl-Z. `(seq 10000; cat) | nc 127.0.0.1 2004` in another terminal, then `fg`: the numbers
//! end after 16 KiB, and the rest stays unread for ever; each Enter brings 16 KiB more. With
//! `--level --no-drain` all of it comes: what is left is reported again.
#![forbid(unsafe_code)]

use std::io;
use std::io::ErrorKind::{UnexpectedEof, WouldBlock};
use std::os::fd::{AsRawFd, RawFd};
use std::time::Duration;

use common::clap::{Arg, ArgAction};
use common::{Bytes, Socket, Stream, arguments, chosen, say, warn};
use epoll::{
    EPOLLERR, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLRDHUP, Epoll, event_names,
};

/// What one read takes at most, in bytes.
const BUFFER: usize = 16 * 1024;
/// Reads in a row for one client: then it is the others' turn, however much it sends.
const BUDGET: usize = 4;
/// A client that is owed more bytes than this is not read from: with the last read that makes
/// 64 KiB.
const OWED_LIMIT: usize = 48 * 1024;
const BACKLOG: i32 = 1024;

/// How it asks epoll, and how it reads.
#[derive(Clone, Copy)]
struct Mode {
    level: bool,
    drain: bool,
}

struct Client {
    conn: Stream,
    /// What epoll reports of it.
    watched: u32,
    /// It was said to be readable, and no read has found it empty since.
    readable: bool,
    /// A read may stop at the end of the stream, or at an urgent byte, and leave what follows.
    stops_short: bool,
    ended: bool,
    /// It stands in the list of turns.
    has_turn: bool,
}

fn main() -> common::Result {
    let about = "Sends every byte back, by edge-triggered epoll at its best (note 000:149-150)";
    let level = flag("level", "Ask for level-triggered reports instead");
    let no_drain = flag("no-drain", "Read once for each report, and leave the rest");
    let show = flag("show", "Print each report of readiness");
    let args = arguments!("127.0.0.1:2004", about, level, no_drain, show);
    let is_set = |name| chosen(name).unwrap_or(false);
    let mode = Mode { level: is_set("level"), drain: !is_set("no-drain") };
    let show = is_set("show");

    let server = Socket::new()?;
    server.bind(args.addr)?;
    server.setblocking(false)?;
    server.listen(BACKLOG)?;
    let mut epoll = Epoll::new()?;
    // Level-triggered: a client that accept leaves for want of a descriptor is reported again.
    epoll.register(server.fileno(), EPOLLIN)?;

    let mut clients: Vec<Option<Client>> = Vec::new(); // by descriptor
    let mut turns: Vec<RawFd> = Vec::new(); // of those that have something to do
    let mut ready = Vec::new();
    let mut buffer = [0; BUFFER];
    loop {
        // Whoever used up its budget goes on after a look at the others.
        let timeout = (!turns.is_empty()).then_some(Duration::ZERO);
        epoll.poll_into(&mut ready, timeout)?;

        for &(fd, events) in &ready {
            if fd == server.fileno() {
                accept(&server, &epoll, &mut clients, mode)?;
            } else if let Some(Some(client)) = clients.get_mut(fd as usize) {
                if show {
                    say!("{}: {}", client.conn.peer(), event_names(events));
                }
                client.note(events);
                if !client.has_turn {
                    client.has_turn = true;
                    turns.push(fd);
                }
            }
        }

        turns.retain(|&fd| {
            let Some(client) = &mut clients[fd as usize] else { return false };
            if let Err(error) = client.turn(&mut buffer, &epoll, mode) {
                say!("{}: {error}", client.conn.peer());
                clients[fd as usize] = None; // close takes it out of the epoll set (epoll(7))
                return false;
            }
            client.has_turn = client.may_read();
            client.has_turn
        });
    }
}

/// Takes one client; while others wait, the listener is reported again.
fn accept(
    server: &Socket,
    epoll: &Epoll,
    clients: &mut Vec<Option<Client>>,
    mode: Mode,
) -> io::Result<()> {
    let (conn, addr) = match server.accept() {
        Err(error) if error.kind() == WouldBlock => return Ok(()),
        accepted => accepted?,
    };
    let registered = Stream::new(conn).and_then(|conn| {
        let (fd, mut client) = (conn.as_raw_fd(), Client::new(conn));
        client.watched = client.interest(mode);
        epoll.register(fd, client.watched)?;
        Ok((fd as usize, client))
    });
    match registered {
        Ok((fd, client)) => {
            clients.resize_with(clients.len().max(fd + 1), || None);
            clients[fd] = Some(client);
        }
        Err(error) => warn!("{addr} refused: {error}"),
    }
    Ok(())
}

impl Client {
    fn new(conn: Stream) -> Client {
        let (readable, stops_short, ended, has_turn) = (false, false, false, false);
        Client { conn, watched: 0, readable, stops_short, ended, has_turn }
    }

    /// Remembers a report. One that was meant for an earlier client with this descriptor does no
    /// harm: a read finds nothing.
    fn note(&mut self, events: u32) {
        let stops = EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
        self.readable |= events & (EPOLLIN | stops) != 0 && !self.ended;
        self.stops_short |= events & stops != 0;
        if events & (EPOLLOUT | EPOLLHUP | EPOLLERR) != 0 {
            self.conn.has_room();
        }
    }

    /// Sends what is owed, then reads and answers until the socket is empty, the budget is used up,
    /// or too much is owed.
    fn turn(&mut self, buffer: &mut [u8], epoll: &Epoll, mode: Mode) -> io::Result<()> {
        self.conn.drain()?;
        for _ in 0..if mode.drain { BUDGET } else { 1 } {
            if !self.may_read() {
                break;
            }
            match self.conn.read(buffer)? {
                None => (self.readable, self.stops_short) = (false, false),
                Some(0) => (self.readable, self.ended) = (false, true),
                Some(length) => {
                    say!("{} sent {}", self.conn.peer(), Bytes(&buffer[..length]));
                    self.conn.write(&buffer[..length])?;
                    // A read that leaves room in the buffer has emptied the socket (epoll(7)).
                    self.readable = length == buffer.len() || self.stops_short;
                }
            }
        }
        self.readable &= mode.drain;
        if self.ended && self.conn.owed() == 0 {
            return Err(io::Error::new(UnexpectedEof, "closed by the client"));
        }
        let interest = self.interest(mode);
        if interest != self.watched {
            epoll.modify(self.conn.as_raw_fd(), interest)?;
            self.watched = interest;
        }
        Ok(())
    }

    fn may_read(&self) -> bool {
        self.readable && self.conn.owed() <= OWED_LIMIT
    }

    /// Edge-triggered, everything at once and for ever. Level-triggered, what the server would act
    /// on now: it is reported for as long as it lasts.
    fn interest(&self, mode: Mode) -> u32 {
        if !mode.level {
            return EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLOUT | EPOLLET;
        }
        let reads = !self.ended && self.conn.owed() <= OWED_LIMIT;
        let read = if reads { EPOLLIN } else { 0 };
        let write = if self.conn.owed() > 0 { EPOLLOUT } else { 0 };
        read | write
    }
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}
