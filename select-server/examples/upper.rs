//! A select server with queues: one thread asks select(2) which sockets are ready, puts replies into a queue
//! for each client, and serves as many clients as an `fd_set` holds (FD_SETSIZE, 1,024 descriptors).
//! While its output is full and unread it stands still, as the listing does; not with `--quiet`.
//!
//! Mirrors note 002, lines 91-144.
//!
//! Try: `nc 127.0.0.1 9000`; type `straße` and read `STRASSE`.
//!
//! Differs from the listing:
//! - 97: SO_REUSEADDR is set, as a restart could not bind while old connections are in TIME_WAIT.
//! - 111: a client with a full queue is not read from until it takes its replies, so that memory stays
//!   bounded; the listener is left out while there is no descriptor for another client.
//! - 121: a client that is gone before it is accepted costs only itself; the listing dies.
//! - 124: the client does not block; a descriptor that select(2) cannot hold is refused. The listing waits for
//!   one client, or dies in the next select.
//! - 128: the end of the stream removes the client once it has its replies, and so does a reset, at once; the
//!   listing reads empty for ever, or dies. A character that the end of a read cuts waits for its rest; the
//!   listing dies of it.
//! - 129, 130: bytes that are not UTF-8 are shown as U+FFFD and stay as they are; the listing dies of them.
//! - 135: what `send` did not take goes back to the front of the queue; the listing waits for one client.
//!
//! Experiment: `(printf '\303'; sleep 2; printf '\251\n') | nc 127.0.0.1 9000` sends a character in two parts:
//! the server says nothing to the first one and `É` to both.
#![forbid(unsafe_code)]

use select_server::{FD_SETSIZE, select}; // 91

use common::{AcceptFailures, Arguments, Socket, say, warn}; // 92

use std::collections::{HashMap, VecDeque}; // 93
use std::io::ErrorKind;
use std::mem;
use std::os::fd::RawFd;
use std::rc::Rc;

#[path = "shared/list.rs"]
mod list;

use list::List;

/// Replies that may wait for one client; with more it is not read from. Upper case makes at most three bytes of
/// one, so that is about 192 KiB.
const QUEUE_LIMIT: usize = 64;

/// What a client is owed, and the bytes of a character whose rest has not come yet.
#[derive(Default)]
struct Messages {
    queue: VecDeque<Vec<u8>>,
    cut: Vec<u8>,
}

fn main() -> common::Result {
    let about = "Answers many clients in upper case, by select(2) and queues (note 002:91-144)";
    let args = Arguments::new(env!("CARGO_BIN_NAME"), about, "127.0.0.1:9000").parse();
    let mut failures = AcceptFailures::default();

    let server = Rc::new(Socket::new()?); // 95

    server.set_reuseaddr(true)?;
    server.bind(args.addr)?; // 97 differs: SO_REUSEADDR is set above

    server.listen(100)?; // 99

    server.setblocking(false)?; // 101
    args.listening(&server);

    let mut inputs = vec![server.clone()]; // 104

    let mut outputs: Vec<Rc<Socket>> = Vec::new(); // 106

    let mut msg_dic: HashMap<RawFd, Messages> = HashMap::new(); // 108

    loop {
        // 110
        let pause = failures.pause();
        let is_watched = |s: &&Rc<Socket>| match msg_dic.get(&s.fileno()) {
            Some(messages) => messages.queue.len() < QUEUE_LIMIT,
            None => pause.is_none(), // the listener
        };
        let watched: Vec<Rc<Socket>> = inputs.iter().filter(is_watched).cloned().collect();
        let (readable, writeable, exceptional) = select(&watched, &outputs, &inputs, pause)?; // 111 differs: not all of `inputs`
        say!(
            "readable: {} writeable: {} exceptional: {}",
            List(&readable),
            List(&writeable),
            List(&exceptional)
        ); // 112-114

        say!("inputs: {} outputs: {}", List(&inputs), List(&outputs)); // 116-117

        for r in &readable {
            // 119
            if *r == server {
                // 120
                let (conn, addr) = match server.accept() {
                    // 121 differs: a client that is already gone is passed over
                    Ok(accepted) => accepted,
                    Err(error) => {
                        failures.survive(error)?;
                        continue;
                    }
                };
                failures.accepted();
                say!("a new connection: {addr}"); // 122
                if conn.fileno() as usize >= FD_SETSIZE {
                    warn!("{addr} refused: select(2) holds only descriptors below {FD_SETSIZE}");
                    continue;
                }
                conn.setblocking(false)?;
                let conn = Rc::new(conn);
                inputs.push(conn.clone()); // 124 differs: non-blocking, and only what fits into an fd_set

                msg_dic.insert(conn.fileno(), Messages::default()); // 126
            } else {
                // 127
                let messages = msg_dic.entry(r.fileno()).or_default();
                let received = match r.recv(1024) {
                    // 128 differs: the end or a reset is no message, and a character that is cut waits
                    Ok(received) => received,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                    Err(_) => {
                        *messages = Messages::default();
                        remove(&mut outputs, r);
                        Vec::new()
                    }
                };
                let ended = received.is_empty();
                let mut data = mem::take(&mut messages.cut);
                data.extend(received);
                if !ended {
                    messages.cut = data.split_off(data.len() - cut_len(&data));
                }
                if !data.is_empty() {
                    say!("received data: {}", String::from_utf8_lossy(&data)); // 129 differs: any bytes are shown
                    messages.queue.push_back(upper(&data)); // 130 differs: bytes that are not UTF-8 stay
                    outputs.push(r.clone()); // 131
                }
                if ended {
                    say!("connection closed: {r}");
                    remove(&mut inputs, r);
                    if messages.queue.is_empty() {
                        msg_dic.remove(&r.fileno());
                    }
                }
            }
        }

        for w in &writeable {
            // 133
            let Some(messages) = msg_dic.get_mut(&w.fileno()) else {
                continue; // it was lost in this very round
            };
            let Some(mut data_to_client) = messages.queue.pop_front() else {
                // 134
                continue;
            };
            match w.send(&data_to_client) {
                // 135 differs: what was not sent is kept
                Ok(sent) => drop(data_to_client.drain(..sent)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => {
                    say!("connection lost: {w}: {error}");
                    remove(&mut inputs, w);
                    remove(&mut outputs, w);
                    msg_dic.remove(&w.fileno());
                    continue;
                }
            }
            if !data_to_client.is_empty() {
                messages.queue.push_front(data_to_client);
                continue;
            }
            // Like Python's `remove`, this takes one entry out: there is one for each message in the queue.
            if let Some(index) = outputs.iter().position(|other| other == w) {
                outputs.remove(index); // 136
            }
            if messages.queue.is_empty() && !inputs.contains(w) {
                msg_dic.remove(&w.fileno());
            }
        }

        for e in &exceptional {
            // 138
            if outputs.contains(e) {
                // 139
                remove(&mut outputs, e); // 140
            }

            remove(&mut inputs, e); // 142

            // Nothing but these lists holds the socket: it closes when the round ends.
            msg_dic.remove(&e.fileno()); // 144
        }
    }
}

/// Takes all entries of a socket out of a list.
fn remove(list: &mut Vec<Rc<Socket>>, s: &Rc<Socket>) {
    list.retain(|other| other != s);
}

/// `data.upper()` for text in UTF-8; all other bytes stay as they are.
fn upper(data: &[u8]) -> Vec<u8> {
    let mut reply = Vec::with_capacity(data.len());
    for chunk in data.utf8_chunks() {
        reply.extend(chunk.valid().to_uppercase().as_bytes());
        reply.extend(chunk.invalid());
    }
    reply
}

/// How many bytes at the end of `data` begin a character and want its rest: none, or up to three.
fn cut_len(data: &[u8]) -> usize {
    let last = data.utf8_chunks().last().map_or(&[][..], |last| last.invalid());
    match str::from_utf8(last) {
        Err(error) if error.error_len().is_none() => last.len(),
        _ => 0,
    }
}
