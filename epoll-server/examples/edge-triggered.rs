//! Edge-triggered epoll at its best, the loop to copy. The kernel reports an event once, and the
//! server remembers it until all its work is done. One thread serves many clients at once, up to
//! `ulimit -n` and, for each user, `max_user_watches` (epoll(7)). At SIGINT or SIGTERM it stops
//! accepting and sends its unsent replies for at most a second. Then it ends by the signal.
//! `--idle SECONDS` closes a client that sends nothing or never reads.
//!
//! Follows note 000, lines 149-150, in words.
//!
//! Try: `cargo run -p epoll-server --example edge-triggered -- --show`, then `nc 127.0.0.1 2004`;
//! every line comes back. The server prints `EPOLLOUT` first, since there is room to send, and then
//! `EPOLLIN|EPOLLOUT` once for each line.
//!
//! Costs: a small request takes one read, one write, and a share of an epoll_wait. Nothing is
//! allocated for it. A new client takes one accept4 and one epoll_ctl. An idle one takes less than
//! 100 bytes of memory. In return the server must remember unfinished work for each client: epoll
//! will not report it again. `common::Client` does that here, and in `epoll-per-core` and
//! `signal-driven`. Only their loops are different.
//!
//! Experiment: start it with `--no-drain --quiet`, so that it reads once for each report. Stop it
//! with Ctrl-Z, start `(seq 10000; cat) | nc 127.0.0.1 2004` in another terminal, then type `fg`.
//! The numbers end after 16 KiB, and the rest stays unread. Each Enter brings 16 KiB more. With
//! `--level --no-drain` all of it comes, because epoll reports the rest again.
#![forbid(unsafe_code)]

use std::io::{self, Read, Write};
use std::mem;
use std::os::fd::AsRawFd;
use std::thread;
use std::time::{Duration, Instant};

use common::clap::{self, Args};
use common::{ACCEPTED_IN_A_ROW, Accepted, BUFFER, Client, Listener, Next, SHORTAGE, Socket};
use common::{arguments, say, warn, whole_number};
use epoll::{EPOLLET, EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLRDHUP, Epoll};
use epoll::{ask_to_end, end_by, event_names};

const BACKLOG: i32 = 1024;
/// How long it sends unsent replies after SIGINT or SIGTERM, and the time between two tries.
const GRACE: Duration = Duration::from_secs(1);
const RETRY: Duration = Duration::from_millis(10);

#[derive(Args)]
struct Options {
    /// Ask for level-triggered reports instead
    #[arg(long)]
    level: bool,
    /// Read once for each report, and leave the rest
    #[arg(long)]
    no_drain: bool,
    /// Print each report of readiness
    #[arg(long)]
    show: bool,
    /// Close a client that was sent nothing for so long, or up to twice as long
    #[arg(long, value_name = "SECONDS", value_parser = whole_number::<u64>(1..=u32::MAX.into()))]
    idle: Option<u64>,
}

fn main() -> common::Result {
    let about = "Sends every byte back, by edge-triggered epoll at its best (note 000:149-150)";
    let args = arguments!("127.0.0.1:2004", about, Options);
    let Options { level, no_drain, show, idle } = args.options;
    let idle = idle.map(Duration::from_secs);

    let (mut asked, mut ask) = io::pipe()?;
    ask_to_end(GRACE, move |signal| drop(ask.write_all(&[signal as u8])))?;
    let server = Socket::new()?;
    server.bind(args.addr)?;
    let listener = Listener::new(server)?;
    listener.listen(BACKLOG)?;
    let mut epoll = Epoll::new()?;
    // Level-triggered: clients that are not accepted in this round are reported again.
    epoll.register(listener.fileno(), EPOLLIN)?;
    epoll.register(asked.as_raw_fd(), EPOLLIN)?;

    let mut clients: Vec<Option<Client>> = Vec::new(); // by descriptor
    let (mut queue, mut round) = (Vec::new(), Vec::new()); // the run queue, and its last state
    let mut accept_again: Option<Instant> = None; // after a shortage of descriptors
    let mut close_idle_at = idle.map(|idle| Instant::now() + idle);
    let mut ready = Vec::new();
    let mut buffer = [0; BUFFER];
    loop {
        let next = [accept_again, close_idle_at].into_iter().flatten().min();
        let left = next.map(|time| time.saturating_duration_since(Instant::now()));
        // While the run queue has clients, it only takes the reports that are there.
        let timeout = if queue.is_empty() { left } else { Some(Duration::ZERO) };
        epoll.poll_into(&mut ready, timeout)?;

        for &(fd, events) in &ready {
            if fd == listener.fileno() {
                if accept(&listener, &epoll, &mut clients, level)? {
                    epoll.modify(fd, 0)?;
                    accept_again = Some(Instant::now() + SHORTAGE);
                }
            } else if fd == asked.as_raw_fd() {
                let mut signal = [0];
                asked.read_exact(&mut signal)?;
                drop(listener);
                finish(clients.into_iter().flatten().collect());
                end_by(signal[0].into());
            } else if let Some(Some(client)) = clients.get_mut(fd as usize) {
                if show {
                    say!("{}: {}", client.peer(), event_names(events));
                }
                if client.note(events) {
                    queue.push(fd);
                }
            }
        }

        mem::swap(&mut queue, &mut round);
        for fd in round.drain(..) {
            let Some(client) = &mut clients[fd as usize] else { continue };
            let watched = interest(client, level);
            match if no_drain { client.serve_once(&mut buffer) } else { client.serve(&mut buffer) }
            {
                Next::Wait => {}
                Next::Again => queue.push(fd),
                Next::Close => {
                    clients[fd as usize] = None; // close takes it out of the epoll set (epoll(7))
                    accept_again = accept_again.map(|_| Instant::now()); // there is a descriptor
                    continue;
                }
            }
            if interest(client, level) != watched {
                epoll.modify(fd, interest(client, level))?;
            }
        }
        if close_idle_at.is_some_and(|time| time <= Instant::now()) {
            close_idle_at = idle.map(|idle| Instant::now() + idle);
            close_idle(&mut clients);
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
    clients: &mut Vec<Option<Client>>,
    level: bool,
) -> io::Result<bool> {
    for _ in 0..ACCEPTED_IN_A_ROW {
        let client = match listener.accept()? {
            Accepted::Client(conn) => Client::new(conn),
            Accepted::Nobody => return Ok(false),
            Accepted::Short => return Ok(true),
        };
        let fd = client.fileno();
        match epoll.register(fd, interest(&client, level)) {
            Ok(()) => {
                clients.resize_with(clients.len().max(fd as usize + 1), || None);
                clients[fd as usize] = Some(client);
            }
            Err(error) => warn!("{} refused: {error}", client.peer()),
        }
    }
    Ok(false)
}

/// The events to watch. Edge-triggered these are all events, and they never change. Level-triggered
/// they are what the server can use now, because epoll reports them again while they last.
fn interest(client: &Client, level: bool) -> u32 {
    if !level {
        return EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLOUT | EPOLLET;
    }
    let read = if client.is_read_from() { EPOLLIN } else { 0 };
    let write = if client.unsent() > 0 { EPOLLOUT } else { 0 };
    read | write
}

/// Closes the clients without progress since the last call.
fn close_idle(clients: &mut [Option<Client>]) {
    for slot in clients {
        if let Some(client) = slot
            && !client.take_progress()
        {
            say!("{}: idle", client.peer());
            *slot = None;
        }
    }
}

/// Sends the unsent replies. No event reports that a client's system has confirmed them, so this
/// retries until all have or the grace ends.
fn finish(mut clients: Vec<Client>) {
    while !clients.is_empty() {
        clients.retain_mut(|client| !client.finish());
        thread::sleep(RETRY);
    }
}
