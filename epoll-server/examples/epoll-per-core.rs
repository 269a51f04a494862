//! An epoll loop on each core: every thread has its own listener on the same port (SO_REUSEPORT).
//! The kernel gives each client to one listener. The loops share nothing, so they need no lock.
//! Many clients are served at once, up to `ulimit -n` and, for each user, `max_user_watches`
//! (epoll(7)).
//!
//! Follows note 004, line 59, in words.
//!
//! Try: `seq 20 | xargs -P 20 -I{} sh -c 'echo {} | nc -N 127.0.0.1 2005'`; twenty numbers come
//! back. Press Ctrl-C: it prints how many clients each loop served.
//!
//! Costs: there is a thread for each core; the note proposes one for each client. A client stays
//! with its loop. The kernel chooses the loop by the client's address and port, not by its load. So
//! one loop may be busy while another one is idle.
//!
//! Experiment: start it a second time. There is no error, because a listener of the same user may
//! share the port. One program or the other answers `nc`. That needs SO_REUSEPORT on every listener
//! of the port.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::os::fd::RawFd;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};
use std::{io, mem, thread};

use common::clap::{self, Args};
use common::{ACCEPTED_IN_A_ROW, Accepted, BUFFER, Client, Listener, Next, SHORTAGE, Socket};
use common::{arguments, say, started, warn, whole_number};
use epoll::{EPOLLET, EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLRDHUP, Epoll, ask_to_end, end_by};

const BACKLOG: i32 = 1024;
/// How long its last lines may take, after SIGINT or SIGTERM.
const GRACE: Duration = Duration::from_secs(1);

#[derive(Args)]
struct Options {
    /// Loops, each in a thread of its own [default: the cores]
    #[arg(long, value_name = "N", value_parser = whole_number::<u16>(1..=1024))]
    threads: Option<u16>,
}

/// Why it ends.
enum End {
    Signal(i32),
    /// A loop cannot go on, or has panicked.
    Loop(thread::Result<io::Result<()>>),
}

fn main() -> common::Result {
    let about = "Sends every byte back, by a loop of epoll on each core (note 004:59)";
    let args = arguments!("127.0.0.1:2005", about, Options);
    let cores = || thread::available_parallelism().map_or(1, usize::from);
    let threads = args.options.threads.map_or_else(cores, usize::from);
    let (end, ended) = channel();
    let signalled = end.clone();
    ask_to_end(GRACE, move |signal| drop(signalled.send(End::Signal(signal))))?;

    let served: Arc<[AtomicUsize]> = (0..threads).map(|_| AtomicUsize::new(0)).collect();
    let mut addr = args.addr;
    let mut sockets = Vec::new();
    for number in 0..threads {
        let server = Socket::new()?;
        server.set_reuseport(true)?;
        server.bind(addr)?;
        addr = server.getsockname(); // the kernel may have chosen the port
        sockets.push(server.clone());
        let (listener, epoll) = (Listener::new(server)?, Epoll::new()?);
        listener.listen_silently(BACKLOG)?;
        epoll.register(listener.fileno(), EPOLLIN)?;
        let (served, end) = (served.clone(), end.clone());
        let run = move || {
            let serve = || serve(&listener, epoll, &served[number]);
            let _ = end.send(End::Loop(catch_unwind(AssertUnwindSafe(serve))));
        };
        let thread = thread::Builder::new().name(format!("loop {number}")).spawn(run);
        started(format_args!("loop {} of {threads}", number + 1), thread)?;
    }
    sockets[0].listen(BACKLOG)?; // every loop runs: this prints the address
    match ended.recv()? {
        End::Signal(signal) => {
            for (number, count) in served.iter().enumerate() {
                say!("loop {number} served {} clients", count.load(Ordering::Relaxed));
            }
            end_by(signal)
        }
        End::Loop(Ok(error)) => Ok(error?),
        // Its message was printed.
        End::Loop(Err(panic)) => resume_unwind(panic),
    }
}

/// The loop of one core: the loop of `edge-triggered`, with clients that no other loop knows.
fn serve(listener: &Listener, mut epoll: Epoll, served: &AtomicUsize) -> io::Result<()> {
    // By descriptor. Most descriptors of the process belong to other loops.
    let mut clients: HashMap<RawFd, Client> = HashMap::new();
    let (mut queue, mut round) = (Vec::new(), Vec::new()); // the run queue, and its last state
    let mut accept_again: Option<Instant> = None; // after a shortage of descriptors
    let mut ready = Vec::new();
    let mut buffer = [0; BUFFER];
    loop {
        let left = accept_again.map(|time| time.saturating_duration_since(Instant::now()));
        let timeout = if queue.is_empty() { left } else { Some(Duration::ZERO) };
        epoll.poll_into(&mut ready, timeout)?;

        for &(fd, events) in &ready {
            if fd == listener.fileno() {
                if accept(listener, &epoll, &mut clients, served)? {
                    epoll.modify(fd, 0)?;
                    accept_again = Some(Instant::now() + SHORTAGE);
                }
            } else if let Some(client) = clients.get_mut(&fd)
                && client.note(events)
            {
                queue.push(fd);
            }
        }

        mem::swap(&mut queue, &mut round);
        for fd in round.drain(..) {
            let Some(client) = clients.get_mut(&fd) else { continue };
            match client.serve(&mut buffer) {
                Next::Wait => {}
                Next::Again => queue.push(fd),
                Next::Close => {
                    clients.remove(&fd);
                    accept_again = accept_again.map(|_| Instant::now()); // there is a descriptor
                }
            }
        }
        if accept_again.is_some_and(|time| time <= Instant::now()) {
            accept_again = None;
            epoll.modify(listener.fileno(), EPOLLIN)?;
        }
    }
}

/// Accepts some of the waiting clients. Returns whether there is no descriptor for another one.
fn accept(
    listener: &Listener,
    epoll: &Epoll,
    clients: &mut HashMap<RawFd, Client>,
    served: &AtomicUsize,
) -> io::Result<bool> {
    for _ in 0..ACCEPTED_IN_A_ROW {
        let client = match listener.accept()? {
            Accepted::Client(conn) => Client::new(conn),
            Accepted::Nobody => return Ok(false),
            Accepted::Short => return Ok(true),
        };
        let events = EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLOUT | EPOLLET;
        match epoll.register(client.fileno(), events) {
            Ok(()) => {
                clients.insert(client.fileno(), client);
                served.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => warn!("{} refused: {error}", client.peer()),
        }
    }
    Ok(false)
}
