//! An epoll loop on each core: every thread has a listener of its own on the same port
//! (SO_REUSEPORT), and the kernel gives each client to one of them; no lock, nothing shared, many
//! clients at once, up to `ulimit -n` and, for each user, `max_user_watches` (epoll(7)).
//!
//! Follows note 004, line 59, in words.
//!
//! Try: `seq 20 | xargs -P 20 -I{} sh -c 'echo {} | nc -N 127.0.0.1 2005'`; twenty numbers come
//! back. Ctrl-C, and it tells how many clients each loop served.
//!
//! Costs: a thread for each core, not for each client as the note's own proposal; a client stays
//! with its loop. The kernel chooses that by the client's address and port, not by who has time,
//! so one loop may be busy while another one rests.
//!
//! Experiment: start it a second time: there is no error, because a listener of the same user may
//! join, and `nc` is now answered by one program or by the other. Only where all of a port's
//! listeners ask for SO_REUSEPORT does that happen.
#![forbid(unsafe_code)]

use std::io;
use std::io::ErrorKind::{UnexpectedEof, WouldBlock};
use std::os::fd::{AsRawFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread::{self, Builder};
use std::time::Duration;

use common::clap::Arg;
use common::{Bytes, Socket, Stream, arguments, chosen, say, started, warn, whole_number};
use epoll::{
    EPOLLERR, EPOLLET, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLRDHUP, Epoll, last_words,
};

/// What one read takes at most, in bytes.
const BUFFER: usize = 16 * 1024;
/// Reads in a row for one client: then it is the others' turn, however much it sends.
const BUDGET: usize = 4;
/// A client that is owed more bytes than this is not read from: with the last read that makes
/// 64 KiB.
const OWED_LIMIT: usize = 48 * 1024;
const BACKLOG: i32 = 1024;

fn main() -> common::Result {
    let about = "Sends every byte back, by a loop of epoll on each core (note 004:59)";
    let args = arguments!("127.0.0.1:2005", about, threads());
    let cores = || thread::available_parallelism().map_or(1, usize::from);
    let threads = chosen::<u16>("threads").map_or_else(cores, usize::from);

    let mut loops: Vec<(Socket, Epoll)> = Vec::new();
    for _ in 0..threads {
        let (server, epoll) = (Socket::new()?, Epoll::new()?);
        server.set_reuseport(true)?;
        // The kernel may have chosen the first one's port.
        server.bind(loops.first().map_or(args.addr, |(first, _)| first.getsockname()))?;
        server.setblocking(false)?;
        epoll.register(server.fileno(), EPOLLIN)?;
        loops.push((server, epoll));
    }
    loops.iter().try_for_each(|(server, _)| server.listen_unsaid(BACKLOG))?;
    let first = loops[0].0.clone();

    let served: Arc<[AtomicUsize]> = loops.iter().map(|_| AtomicUsize::new(0)).collect();
    let counts = served.clone();
    last_words(move || {
        for (number, count) in counts.iter().enumerate() {
            say!("loop {number} served {} clients", count.load(Ordering::Relaxed));
        }
    })?;
    let (failed, failure) = channel();
    for (number, (server, epoll)) in loops.into_iter().enumerate() {
        let (served, failed) = (served.clone(), failed.clone());
        let serve = move || failed.send(serve(&server, epoll, &served[number]));
        started(format_args!("loop {} of {threads}", number + 1), Builder::new().spawn(serve))?;
    }
    // Every loop runs: it may say where it listens.
    first.listen(BACKLOG)?;
    // A loop has no end: one that cannot go on ends the program.
    Ok(failure.recv()??)
}

/// The loop of one core, as in `edge-triggered`: what it has to know of its clients it knows alone.
fn serve(server: &Socket, mut epoll: Epoll, served: &AtomicUsize) -> io::Result<()> {
    let mut clients: Vec<Option<Client>> = Vec::new(); // by descriptor
    let mut turns: Vec<RawFd> = Vec::new(); // of those that have something to do
    let mut ready = Vec::new();
    let mut buffer = [0; BUFFER];
    loop {
        let timeout = (!turns.is_empty()).then_some(Duration::ZERO);
        epoll.poll_into(&mut ready, timeout)?;

        for &(fd, events) in &ready {
            if fd == server.fileno() {
                let (conn, addr) = match server.accept() {
                    Err(error) if error.kind() == WouldBlock => continue,
                    accepted => accepted?,
                };
                match Stream::new(conn).and_then(|conn| Client::new(conn, &epoll)) {
                    Ok(client) => {
                        let fd = client.conn.as_raw_fd() as usize;
                        clients.resize_with(clients.len().max(fd + 1), || None);
                        clients[fd] = Some(client);
                        served.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(error) => warn!("{addr} refused: {error}"),
                }
            } else if let Some(Some(client)) = clients.get_mut(fd as usize) {
                client.note(events);
                if !client.has_turn {
                    client.has_turn = true;
                    turns.push(fd);
                }
            }
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

struct Client {
    conn: Stream,
    /// It was said to be readable, and no read has found it empty since.
    readable: bool,
    /// A read may stop at the end of the stream, or at an urgent byte, and leave what follows.
    stops_short: bool,
    ended: bool,
    /// It stands in the list of turns.
    has_turn: bool,
}

impl Client {
    fn new(conn: Stream, epoll: &Epoll) -> io::Result<Client> {
        let events = EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLOUT | EPOLLET;
        epoll.register(conn.as_raw_fd(), events)?;
        let (readable, stops_short, ended, has_turn) = (false, false, false, false);
        Ok(Client { conn, readable, stops_short, ended, has_turn })
    }

    /// Remembers a report.
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

/// `--threads N`.
fn threads() -> Arg {
    Arg::new("threads")
        .long("threads")
        .value_name("N")
        .value_parser(whole_number::<u16>(1..=1024))
        .help("Loops, each in a thread of its own [default: the cores]")
}
