//! Signal-driven I/O: the kernel sends a real-time signal for each event of a socket (O_ASYNC,
//! F_SETSIG). The signal names the socket. One thread serves many clients at once, up to `ulimit
//! -n`. Each client is a `common::Client`, as in `edge-triggered`: only the loop is different.
//!
//! Follows note 003, lines 93-98, in words.
//!
//! Try: `nc 127.0.0.1 8081`; every line comes back.
//!
//! Costs: silent clients cost nothing, and no list of sockets goes to the kernel. But each packet
//! is a signal. When the queue of signals is full, the kernel sends SIGIO instead, and some signals
//! are lost. Then the server looks at every socket. The note uses a signal handler, which may do
//! almost nothing (signal-safety(7)). So here the signals are blocked, and the loop reads them from
//! a signalfd.
//!
//! Experiment: `prlimit --pid $(pgrep signal-driven) --sigpending=0` leaves the queue no room. Each
//! line in `nc` still comes back, and the server prints `signals were lost`.
#![forbid(unsafe_code)]

use std::os::fd::RawFd;
use std::time::{Duration, Instant};
use std::{io, mem};

use common::{ACCEPTED_IN_A_ROW, Accepted, BUFFER, Client, Listener, Next, SHORTAGE, Socket};
use common::{arguments, say, warn};
use nonblocking::{POLLIN, POLLOUT, POLLPRI, Signal, Signals, watch};

const BACKLOG: i32 = 1024;

fn main() -> common::Result {
    let about = "Sends every byte back, by signal-driven I/O (note 003:93-98)";
    let args = arguments!("127.0.0.1:8081", about);
    let mut signals = Signals::new()?;
    let server = Socket::new()?;
    server.bind(args.addr)?;
    let listener = Listener::new(server)?;
    watch(listener.fileno())?;
    listener.listen(BACKLOG)?;

    let mut clients: Vec<Option<Client>> = Vec::new(); // by descriptor
    let (mut queue, mut round) = (Vec::new(), Vec::new()); // the run queue, and its last state
    let mut accept_at: Option<Instant> = None; // a client may wait without a further signal
    let mut buffer = [0; BUFFER];
    loop {
        let left = accept_at.map(|time| time.saturating_duration_since(Instant::now()));
        // While the run queue has clients, it only takes the signals that are there.
        let timeout = if queue.is_empty() { left } else { Some(Duration::ZERO) };
        for signal in signals.take(timeout)? {
            match signal {
                Signal::Ready(fd, _) if fd == listener.fileno() => {
                    accept_at.get_or_insert_with(Instant::now);
                }
                Signal::Ready(fd, events) => {
                    if let Some(Some(client)) = clients.get_mut(fd as usize)
                        && client.note(events)
                    {
                        queue.push(fd);
                    }
                }
                Signal::Lost => {
                    say!("signals were lost: it looks at every socket");
                    accept_at.get_or_insert_with(Instant::now);
                    for client in clients.iter_mut().flatten() {
                        if client.note(POLLIN | POLLPRI | POLLOUT) {
                            queue.push(client.fileno());
                        }
                    }
                }
            }
        }

        if accept_at.is_some_and(|time| time <= Instant::now()) {
            accept_at = accept(&listener, &mut clients, &mut queue)?;
        }
        mem::swap(&mut queue, &mut round);
        for fd in round.drain(..) {
            let Some(client) = &mut clients[fd as usize] else { continue };
            match client.serve(&mut buffer) {
                Next::Wait => {}
                Next::Again => queue.push(fd),
                Next::Close => {
                    clients[fd as usize] = None;
                    accept_at = accept_at.map(|_| Instant::now()); // there is a descriptor
                }
            }
        }
    }
}

/// Accepts some of the waiting clients. Returns when to accept again, if others may wait.
fn accept(
    listener: &Listener,
    clients: &mut Vec<Option<Client>>,
    queue: &mut Vec<RawFd>,
) -> io::Result<Option<Instant>> {
    for _ in 0..ACCEPTED_IN_A_ROW {
        let mut client = match listener.accept()? {
            Accepted::Client(conn) => Client::new(conn),
            Accepted::Nobody => return Ok(None),
            Accepted::Short => return Ok(Some(Instant::now() + SHORTAGE)),
        };
        let fd = client.fileno();
        if let Err(error) = watch(fd) {
            warn!("{} refused: {error}", client.peer());
            continue;
        }
        // No signal comes for data that arrived before it was watched.
        client.note(POLLIN | POLLPRI);
        queue.push(fd);
        clients.resize_with(clients.len().max(fd as usize + 1), || None);
        clients[fd as usize] = Some(client);
    }
    Ok(Some(Instant::now()))
}
