//! A poll loop at its best: one list of descriptors is kept between the calls. poll(2) says which
//! of them are ready. One thread serves many clients at once, up to `ulimit -n`.
//!
//! Follows note 000, lines 147-149, in words.
//!
//! Try: `nc 127.0.0.1 10001`; every line comes back.
//!
//! Costs: there is no limit of 1,024, but each call still scans every socket. The kernel scans the
//! whole list, and then the server scans it again to find the few that are ready.
//!
//! Experiment: `ulimit -Sn 4096` in both terminals, and start the server with `--quiet`. In bash in
//! the other one: `for i in {1..1500}; do exec {c}<>/dev/tcp/127.0.0.1/10001; sleep 0.01; done`.
//! All of them stay connected; the select server refuses a third. What epoll changes in the loop:
//! `diff select-server/examples/poll.rs epoll-server/examples/epoll-per-core.rs`.
#![forbid(unsafe_code)]

use std::time::{Duration, Instant};
use std::{io, mem};

use common::arguments;
use common::{ACCEPTED_IN_A_ROW, Accepted, BUFFER, Client, Listener, Next, SHORTAGE, Socket};
use select::{POLLIN, POLLOUT, Poll};

const BACKLOG: i32 = 1024;

fn main() -> common::Result {
    let args =
        arguments!("127.0.0.1:10001", "Sends every byte back, by poll(2) (note 000:147-149)");
    let server = Socket::new()?;
    server.bind(args.addr)?;
    let listener = Listener::new(server)?;
    listener.listen(BACKLOG)?;
    let mut poll = Poll::new();
    poll.register(listener.fileno(), POLLIN);

    let mut clients: Vec<Option<Client>> = Vec::new(); // by descriptor
    let (mut queue, mut round) = (Vec::new(), Vec::new()); // the run queue, and its last state
    let mut accept_again: Option<Instant> = None; // after a shortage of descriptors
    let mut ready = Vec::new();
    let mut buffer = [0; BUFFER];
    loop {
        let left = accept_again.map(|time| time.saturating_duration_since(Instant::now()));
        // While the run queue has clients, it only looks what else is ready.
        let timeout = if queue.is_empty() { left } else { Some(Duration::ZERO) };
        poll.poll_into(&mut ready, timeout)?;

        for &(fd, events) in &ready {
            if fd == listener.fileno() {
                if accept(&listener, &mut poll, &mut clients)? {
                    poll.modify(fd, 0)?;
                    accept_again = Some(Instant::now() + SHORTAGE);
                }
            } else if let Some(Some(client)) = clients.get_mut(fd as usize)
                && client.note(u32::from(events.cast_unsigned()))
            {
                queue.push(fd);
            }
        }

        mem::swap(&mut queue, &mut round);
        for fd in round.drain(..) {
            let Some(client) = &mut clients[fd as usize] else { continue };
            let watched = interest(client);
            match client.serve(&mut buffer) {
                Next::Wait => {}
                Next::Again => queue.push(fd),
                Next::Close => {
                    clients[fd as usize] = None;
                    poll.unregister(fd);
                    accept_again = accept_again.map(|_| Instant::now()); // there is a descriptor
                    continue;
                }
            }
            if interest(client) != watched {
                poll.modify(fd, interest(client))?;
            }
        }
        if accept_again.is_some_and(|time| time <= Instant::now()) {
            accept_again = None;
            poll.modify(listener.fileno(), POLLIN)?;
        }
    }
}

/// Accepts some of the waiting clients. Returns whether there is no descriptor for another one.
fn accept(
    listener: &Listener,
    poll: &mut Poll,
    clients: &mut Vec<Option<Client>>,
) -> io::Result<bool> {
    for _ in 0..ACCEPTED_IN_A_ROW {
        let client = match listener.accept()? {
            Accepted::Client(conn) => Client::new(conn),
            Accepted::Nobody => return Ok(false),
            Accepted::Short => return Ok(true),
        };
        let fd = client.fileno();
        poll.register(fd, interest(&client));
        clients.resize_with(clients.len().max(fd as usize + 1), || None);
        clients[fd as usize] = Some(client);
    }
    Ok(false)
}

/// What the server can use now: poll(2) reports it again while it lasts.
fn interest(client: &Client) -> i16 {
    let read = if client.is_read_from() { POLLIN } else { 0 };
    let write = if client.unsent() > 0 { POLLOUT } else { 0 };
    read | write
}
