//! Signal-driven I/O: the kernel sends a real-time signal for whatever happens to a socket, and the
//! signal says which one it was (O_ASYNC, F_SETSIG); one thread, many clients at once, up to
//! `ulimit -n`.
//!
//! Follows note 003, lines 93-98, in words.
//!
//! Try: `nc 127.0.0.1 8081`; every line comes back.
//!
//! Costs: nothing while nobody speaks, and no list of sockets goes to the kernel. But each packet
//! is a signal, and the queue of signals has an end: behind it SIGIO says that some are lost, and
//! the server has to look at every socket. A handler, as the note has it, may do next to nothing
//! (signal-safety(7)), so the signals are blocked, and taken when the server has time for them.
//!
//! Experiment: `prlimit --pid $(pgrep signal-driven) --sigpending=0` leaves the queue no room, and
//! each line in `nc` still comes back, after `signals were lost` in the server's terminal.
#![forbid(unsafe_code)]

use std::io;
use std::io::ErrorKind::{UnexpectedEof, WouldBlock};
use std::os::fd::{AsRawFd, RawFd};

use common::{Bytes, Socket, Stream, arguments, say, warn};
use nonblocking::{POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, Signal, Signals, watch};

/// What one read takes at most, in bytes.
const BUFFER: usize = 16 * 1024;
/// Reads in a row for one client: then it is the others' turn, however much it sends.
const BUDGET: usize = 4;
/// Clients that are accepted in a row.
const ACCEPTED: usize = 64;
/// A client that is owed more bytes than this is not read from: with the last read that makes
/// 64 KiB.
const OWED_LIMIT: usize = 48 * 1024;
const BACKLOG: i32 = 1024;

struct Client {
    conn: Stream,
    /// A signal said that it is readable, and no read has found it empty since.
    readable: bool,
    /// A read may stop at the end of the stream, or at an urgent byte, and leave what follows.
    stops_short: bool,
    ended: bool,
    /// It stands in the list of turns.
    has_turn: bool,
}

fn main() -> common::Result {
    let about = "Sends every byte back, by signal-driven I/O (note 003:93-98)";
    let args = arguments!("127.0.0.1:8081", about);
    let mut signals = Signals::new()?;
    let server = Socket::new()?;
    server.bind(args.addr)?;
    server.setblocking(false)?;
    watch(server.fileno())?;
    server.listen(BACKLOG)?;

    let mut clients: Vec<Option<Client>> = Vec::new(); // by descriptor
    let mut turns: Vec<RawFd> = Vec::new(); // of those that have something to do
    let mut knocks = false; // somebody waits to be accepted
    let mut buffer = [0; BUFFER];
    loop {
        // Whoever used up its budget goes on after a look at the others.
        let wait = turns.is_empty() && !knocks;
        for signal in signals.take(wait)? {
            match signal {
                Signal::Ready(fd, _) if fd == server.fileno() => knocks = true,
                Signal::Ready(fd, events) => {
                    // It may have been meant for an earlier client with this descriptor: then a
                    // read finds nothing.
                    if let Some(Some(client)) = clients.get_mut(fd as usize) {
                        client.note(events, &mut turns);
                    }
                }
                Signal::Lost => {
                    say!("signals were lost: it looks at every socket");
                    knocks = true;
                    for client in clients.iter_mut().flatten() {
                        client.note(POLLIN | POLLPRI | POLLOUT, &mut turns);
                    }
                }
            }
        }

        if knocks {
            knocks = accept(&server, &mut clients, &mut turns)?;
        }
        turns.retain(|&fd| {
            let Some(client) = &mut clients[fd as usize] else { return false };
            if let Err(error) = client.turn(&mut buffer) {
                say!("{}: {error}", client.conn.peer());
                clients[fd as usize] = None;
                return false;
            }
            client.has_turn = client.may_read();
            client.has_turn
        });
    }
}

/// Takes those that wait; returns whether others may wait whom no signal will tell of again.
fn accept(
    server: &Socket,
    clients: &mut Vec<Option<Client>>,
    turns: &mut Vec<RawFd>,
) -> io::Result<bool> {
    for _ in 0..ACCEPTED {
        let (conn, addr) = match server.accept() {
            Err(error) if error.kind() == WouldBlock => return Ok(server.is_short()),
            accepted => accepted?,
        };
        match Stream::new(conn).and_then(Client::new) {
            Ok(mut client) => {
                // No signal tells of what came before it was watched.
                client.note(POLLIN | POLLPRI, turns);
                let fd = client.conn.as_raw_fd() as usize;
                clients.resize_with(clients.len().max(fd + 1), || None);
                clients[fd] = Some(client);
            }
            Err(error) => warn!("{addr} refused: {error}"),
        }
    }
    Ok(true)
}

impl Client {
    fn new(conn: Stream) -> io::Result<Client> {
        watch(conn.as_raw_fd())?;
        let (readable, stops_short, ended, has_turn) = (false, false, false, false);
        Ok(Client { conn, readable, stops_short, ended, has_turn })
    }

    /// Remembers a signal, and gives the client a turn.
    fn note(&mut self, events: u32, turns: &mut Vec<RawFd>) {
        let stops = POLLPRI | POLLHUP | POLLERR;
        // Of two signals before a turn, the second may tell of the end: it says POLLIN, too.
        self.stops_short |= events & stops != 0 || self.readable;
        self.readable |= events & (POLLIN | stops) != 0 && !self.ended;
        if events & (POLLOUT | POLLHUP | POLLERR) != 0 {
            self.conn.has_room();
        }
        if !self.has_turn {
            self.has_turn = true;
            turns.push(self.conn.as_raw_fd());
        }
    }

    /// Sends what is owed, then reads and answers until the socket is empty, the budget is used up,
    /// or too much is owed.
    fn turn(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        self.conn.drain()?;
        for _ in 0..BUDGET {
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
        if self.ended && self.conn.owed() == 0 {
            return Err(io::Error::new(UnexpectedEof, "closed by the client"));
        }
        Ok(())
    }

    fn may_read(&self) -> bool {
        self.readable && self.conn.owed() <= OWED_LIMIT
    }
}
