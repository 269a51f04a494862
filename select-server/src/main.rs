//! A select server: one thread asks select(2) which sockets are ready, and serves as many clients as an
//! `fd_set` holds (FD_SETSIZE, 1,024 descriptors).
//! While its output is full and unread it stands still, as the listing does; not with `--quiet`.
//!
//! Mirrors note 002, lines 146-224.
//!
//! Try: `nc 127.0.0.1 10000`; type `hello` and read `HELLO`.
//!
//! Differs from the listing:
//! - 157: SO_REUSEADDR is set, as a restart could not bind while old connections are in TIME_WAIT.
//! - 170: a client with a full queue is not read from until it takes its replies, so that memory stays
//!   bounded; the listener is left out while there is no descriptor for another client.
//! - 177: a client that is gone before it is accepted costs only itself; the listing dies.
//! - 180: a descriptor that select(2) cannot hold is refused; the listing dies in the next select.
//! - 188: a reset reads as the end of the stream; the listing dies of it.
//! - 198, 203: replies that are still queued are sent first; the listing forgets them.
//! - 215: what `send` did not take goes back to the front of the queue; the listing loses it.
//!
//! Experiment: `yes | nc 127.0.0.1 10000 | sleep 60` sends fast and reads nothing. The server's lines stop once
//! all buffers and the queue are full, and a second `nc` is still answered at once.
#![forbid(unsafe_code)]

use select_server::{FD_SETSIZE, select}; // 146

use common::{AcceptFailures, Arguments, Bytes, Socket, say, warn}; // 147

use std::collections::{HashMap, VecDeque}; // 148
use std::io::ErrorKind;
use std::os::fd::RawFd;
use std::rc::Rc;

/// Messages of at most 1,024 bytes that may wait for one client, so 64 KiB; with more it is not read from.
const QUEUE_LIMIT: usize = 64;

fn main() -> common::Result {
    let about = "Answers many clients in upper case, by select(2) (note 002:146-224)";
    let args = Arguments::new(env!("CARGO_BIN_NAME"), about, "127.0.0.1:10000").parse();
    let mut failures = AcceptFailures::default();

    let server = Rc::new(Socket::new()?); // 151
    server.setblocking(false)?; // 152

    let server_addr = args.addr; // 154

    say!(
        "starting up on {} port {}",
        server_addr.ip(),
        server_addr.port()
    ); // 156
    server.set_reuseaddr(true)?;
    server.bind(server_addr)?; // 157 differs: SO_REUSEADDR is set above

    server.listen(5)?; // 159
    args.listening(&server);

    let mut inputs = vec![server.clone()]; // 162
    let mut outputs: Vec<Rc<Socket>> = Vec::new(); // 163

    let mut message_queues: HashMap<RawFd, VecDeque<Vec<u8>>> = HashMap::new(); // 165

    loop {
        // 167
        say!("waiting for next event..."); // 168

        let pause = failures.pause();
        let is_watched = |s: &&Rc<Socket>| match message_queues.get(&s.fileno()) {
            Some(queue) => queue.len() < QUEUE_LIMIT,
            None => pause.is_none(), // the listener
        };
        let watched: Vec<Rc<Socket>> = inputs.iter().filter(is_watched).cloned().collect();
        let (readable, writeable, exeptional) = select(&watched, &outputs, &inputs, pause)?; // 170 differs: not all of `inputs`

        for s in &readable {
            // 172
            if *s == server {
                // 174
                let (conn, client_addr) = match s.accept() {
                    // 177 differs: a client that is already gone is passed over
                    Ok(accepted) => accepted,
                    Err(error) => {
                        failures.survive(error)?;
                        continue;
                    }
                };
                failures.accepted();
                say!("new connection from {client_addr}"); // 178
                if conn.fileno() as usize >= FD_SETSIZE {
                    warn!(
                        "{client_addr} refused: select(2) holds only descriptors below {FD_SETSIZE}"
                    );
                    continue;
                }
                conn.setblocking(false)?; // 179
                let conn = Rc::new(conn);
                inputs.push(conn.clone()); // 180 differs: only what fits into an fd_set

                message_queues.insert(conn.fileno(), VecDeque::new()); // 184
            } else {
                // 186
                let queue = message_queues.entry(s.fileno()).or_default();
                let data = match s.recv(1024) {
                    // 188 differs: a reset reads as the end
                    Ok(data) => data,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                    Err(_) => {
                        queue.clear();
                        Vec::new()
                    }
                };
                if !data.is_empty() {
                    // 189
                    say!("received from [{}]: {}", s.getpeername().ip(), Bytes(&data)); // 190
                    queue.push_back(data); // 191
                    if !outputs.contains(s) {
                        // 192
                        outputs.push(s.clone()); // 193
                    }
                } else {
                    // 195
                    say!("client disconnected {s}"); // 196

                    let owed = !queue.is_empty();
                    if !owed {
                        // 198 differs: replies in the queue are sent first
                        remove(&mut outputs, s); // 199
                    }
                    remove(&mut inputs, s); // 201
                    if !owed {
                        message_queues.remove(&s.fileno()); // 203 differs: as line 198
                    }
                }
            }
        }
        for s in &writeable {
            // 205
            let Some(queue) = message_queues.get_mut(&s.fileno()) else {
                continue; // it disconnected in this very round
            };
            match queue.pop_front() {
                // 206-207
                None => {
                    // 209
                    say!("client [{}] queue is empty..", s.getpeername().ip()); // 210
                    remove(&mut outputs, s); // 211
                    if !inputs.contains(s) {
                        message_queues.remove(&s.fileno());
                    }
                }
                Some(mut next_msg) => {
                    // 213
                    say!(
                        "sending msg to [{}] {}",
                        s.getpeername().ip(),
                        Bytes(&next_msg)
                    ); // 214
                    match s.send(&next_msg.to_ascii_uppercase()) {
                        // 215 differs: what was not sent is kept
                        Ok(sent) if sent == next_msg.len() => {}
                        Ok(sent) => queue.push_front(next_msg.split_off(sent)),
                        Err(error) if error.kind() == ErrorKind::WouldBlock => {
                            queue.push_front(next_msg);
                        }
                        Err(error) => {
                            say!("client disconnected {s}: {error}");
                            remove(&mut outputs, s);
                            remove(&mut inputs, s);
                            message_queues.remove(&s.fileno());
                        }
                    }
                }
            }
        }
        for s in &exeptional {
            // 217
            say!("handling exception for {}", s.getpeername()); // 218
            remove(&mut inputs, s); // 219
            if outputs.contains(s) {
                // 220
                remove(&mut outputs, s); // 221
            }
            // Nothing but these lists holds the socket: it closes when the round ends.
            message_queues.remove(&s.fileno()); // 222, 224
        }
    }
}

/// Python's `list.remove`, without its error for what is not in the list.
fn remove(list: &mut Vec<Rc<Socket>>, s: &Rc<Socket>) {
    list.retain(|other| other != s);
}
