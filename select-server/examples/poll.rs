//! A poll server: select's service by poll(2), which takes a list of any length in the place of
//! three sets of bits; one thread, as many clients at once as the process may have descriptors.
//! While its output is full and unread it stands still, as the select server does; not with
//! `--quiet`.
//!
//! Follows note 000, lines 147-149, in words.
//!
//! Try: `nc 127.0.0.1 10001`; type `hello` and read `HELLO`.
//!
//! Costs: select's limit is gone, its work is not: the whole list goes to the kernel with every
//! call, and both sides go through all of it to find the few that are ready.
//!
//! Experiment: `code() { sed 's, *//.*,,' select-server/$1 | grep .; }`, then
//! `diff <(code src/main.rs) <(code examples/poll.rs)` in bash: only the mechanism differs.
//! Then `ulimit -Sn 4096` in both terminals, the server with `--quiet`, and there, in bash,
//! `for i in {1..1500}; do exec {c}<>/dev/tcp/127.0.0.1/10001; sleep 0.01; done`: all of them stay,
//! where the select server refuses a third.
#![forbid(unsafe_code)]

use select::{POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, Poll, Ready};

use common::{Bytes, Socket, arguments, say};

use std::collections::{HashMap, VecDeque};
use std::io;
use std::os::fd::RawFd;

/// Messages of at most 1,024 bytes that may wait for one client, so 64 KiB.
const QUEUE_LIMIT: usize = 64;

fn main() -> common::Result {
    let args =
        arguments!("127.0.0.1:10001", "Answers in upper case, by poll(2) (note 000:147-149)");
    let server = Socket::new()?;
    server.setblocking(false)?;

    let server_addr = args.addr;

    say!("starting up on {} port {}", server_addr.ip(), server_addr.port());
    server.bind(server_addr)?;

    server.listen(5)?;

    let mut inputs = vec![server.clone()];
    let mut outputs: Vec<Socket> = Vec::new();

    let mut message_queues: HashMap<Socket, VecDeque<Vec<u8>>> = HashMap::new();

    loop {
        say!("waiting for next event...");

        let is_full = |s: &Socket| message_queues.get(s).is_some_and(|q| q.len() >= QUEUE_LIMIT);
        let watched: Vec<Socket> = inputs.iter().filter(|s| !is_full(s)).cloned().collect();
        let ready = poll(&watched, &outputs, &inputs)?; // full queues wait
        let (readable, writeable, exeptional) = ready;

        for s in &readable {
            let mut serve = || -> io::Result<()> {
                if *s == server {
                    let (conn, client_addr) = s.accept()?;
                    say!("new connection from {client_addr}");
                    conn.setblocking(false)?;
                    inputs.push(conn.clone()); // poll(2) takes any number

                    message_queues.insert(conn, VecDeque::new());
                } else {
                    let data = s.recv(1024)?; // a reset ends this client only
                    if !data.is_empty() {
                        say!("received from [{}]: {}", s.getpeername().ip(), Bytes(&data));
                        message_queues.entry(s.clone()).or_default().push_back(data);
                        if !outputs.contains(s) {
                            outputs.push(s.clone());
                        }
                    } else {
                        say!("client disconnected {s}");

                        if !outputs.contains(s) {
                            // replies in the queue are sent first
                            s.close(); // closed here, or when the queue is empty
                        }
                        inputs.retain(|other| other != s);
                    }
                }
                Ok(())
            };
            serve().or_else(|error| s.close_on(error))?;
        }
        for s in writeable.iter().filter(|s| s.is_open()) {
            match message_queues.entry(s.clone()).or_default().pop_front() {
                None if s.is_owed() => s.drain().or_else(|error| s.close_on(error))?,
                None => {
                    say!("client [{}] queue is empty..", s.getpeername().ip());
                    outputs.retain(|other| other != s);
                    if !inputs.contains(s) {
                        s.close();
                    }
                }
                Some(next_msg) => {
                    say!("sending msg to [{}] {}", s.getpeername().ip(), Bytes(&next_msg));
                    let next_msg = next_msg.to_ascii_uppercase();
                    let sent = s.write(&next_msg); // keeps what is not sent
                    sent.or_else(|error| s.close_on(error))?;
                }
            }
        }
        for s in &exeptional {
            say!("handling exception for {}", s.getpeername());
            inputs.retain(|other| other != s);
            if outputs.contains(s) {
                outputs.retain(|other| other != s);
            }
            s.close();

            message_queues.remove(s);
        }
        inputs.retain(Socket::is_open);
        outputs.retain(Socket::is_open);
        message_queues.retain(|s, _| s.is_open());
    }
}

/// What `select` does, by poll(2): one list of descriptors, each with all that is asked of it.
fn poll(rlist: &[Socket], wlist: &[Socket], xlist: &[Socket]) -> io::Result<Ready<Socket>> {
    let mut asked: Vec<(RawFd, i16)> = Vec::new();
    for (list, event) in [(rlist, POLLIN), (wlist, POLLOUT), (xlist, POLLPRI)] {
        asked.extend(list.iter().map(|s| (s.fileno(), event)));
    }
    asked.sort();
    let mut poller = Poll::new();
    for of_one in asked.chunk_by(|(fd, _), (next, _)| fd == next) {
        let events = of_one.iter().fold(0, |events, (_, event)| events | event);
        poller.register(of_one[0].0, events);
    }
    let ready = poller.poll(None)?;

    // Errors and hang-ups come unasked; select(2) counts them as readable and writable.
    let pick = |list: &[Socket], events: i16| -> Vec<Socket> {
        let reported = |s: &Socket| ready.binary_search_by_key(&s.fileno(), |(fd, _)| *fd).ok();
        let is_ready = |s: &&Socket| reported(s).is_some_and(|at| ready[at].1 & events != 0);
        list.iter().filter(is_ready).cloned().collect()
    };
    let readable = pick(rlist, POLLIN | POLLHUP | POLLERR);
    let writeable = pick(wlist, POLLOUT | POLLERR);
    Ok((readable, writeable, pick(xlist, POLLPRI)))
}
