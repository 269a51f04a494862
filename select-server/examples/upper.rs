//! A select server with queues: select(2) tells one thread which sockets are ready, with fewer than
//! 1,024 clients. Each client has a queue of replies. The limit is FD_SETSIZE: an `fd_set` holds
//! 1,024 descriptors.
//!
//! Mirrors note 002, lines 91-144.
//!
//! Try: `nc 127.0.0.1 9000`; type `straße` and read `STRASSE`.
//!
//! Differs from the listing:
//! - 111: a client with a full queue is not read from until it takes its replies. The Python
//!   program adds one entry to `outputs` for each message. It crashes when there are more than
//!   1,024.
//! - 124: the client's socket is non-blocking, so a client that takes no reply stops nobody. A
//!   descriptor that select(2) cannot hold is refused. The Python program crashes in the next
//!   select.
//! - 128: a read may end inside a character, which then waits for its rest. Bytes that are not
//!   UTF-8 stay as they are. A reset ends this client only. The Python program crashes on all
//!   three.
//! - 135, 136: an empty read puts an empty message into the queue, which ends the client after its
//!   replies. The Python program reads empty for ever. What the kernel does not take is sent before
//!   the next message, when the socket is writable. Replies are bytes instead of text, so nothing
//!   calls `encode()`.
//!
//! Experiment: `(printf '\303'; sleep 2; printf '\251\n') | nc -N 127.0.0.1 9000` sends a character
//! in two parts. The server sends nothing after the first part, and `É` after both.
#![forbid(unsafe_code)]

use select::{Decoder, List, fit_or_refuse, select, upper}; // 91

use common::{Socket, arguments, decode, say}; // 92

use std::collections::{HashMap, VecDeque}; // 93
use std::io;

/// Replies that may wait for one client, so 192 KiB: upper case makes at most three bytes of one.
const QUEUE_LIMIT: usize = 64;

#[rustfmt::skip]
fn main() -> common::Result {
    let about = "Answers many clients in upper case, by select(2) and queues (note 002:91-144)";
    let args = arguments!("127.0.0.1:9000", about);
    let server = Socket::new()?;                                                   // 95

    server.bind(args.addr)?;                                                       // 97

    server.listen(100)?;                                                           // 99

    server.setblocking(false)?;                                                    // 101

    let mut inputs = vec![server.clone()];                                         // 104

    let mut outputs: Vec<Socket> = Vec::new();                                     // 106

    let mut msg_dic: HashMap<Socket, VecDeque<Vec<u8>>> = HashMap::new();          // 108
    let mut decoders: HashMap<Socket, Decoder> = HashMap::new();

    loop {                                                                         // 110
        let is_full = |s: &Socket| msg_dic.get(s).is_some_and(|queue| queue.len() >= QUEUE_LIMIT);
        let watched: Vec<Socket> = inputs.iter().filter(|s| !is_full(s)).cloned().collect();
        let ready = select(&watched, &outputs, &inputs, None)?;                    // 111 differs
        let (readable, writeable, exceptional) = ready;                            // 111
        let (r, w, e) = (List(&readable), List(&writeable), List(&exceptional));   // 112-114
        say!("readable: {r} writeable: {w} exceptional: {e}");                     // 112-114

        say!("inputs: {} outputs: {}", List(&inputs), List(&outputs));             // 116-117

        for r in &readable {                                                       // 119
            let mut attempt = || -> io::Result<()> {
                if *r == server {                                                  // 120
                    let (conn, addr) = server.accept()?;                           // 121
                    say!("来了个新连接: {addr}");                                  // 122
                    conn.setblocking(false)?;
                    inputs.extend(fit_or_refuse(&conn));                           // 124 differs

                    msg_dic.insert(conn, VecDeque::new());                         // 126
                } else {                                                           // 127
                    let decoder = decoders.entry(r.clone()).or_default();          // 128
                    let data = decoder.decode(r.recv(1024)?);                      // 128 differs
                    let Some(data) = data else { return Ok(()) };                  // 128
                    say!("收到数据: {}", decode(&data));                           // 129
                    msg_dic.entry(r.clone()).or_default().push_back(upper(&data)); // 130
                    outputs.push(r.clone());                                       // 131
                }
                Ok(())
            };
            attempt().or_else(|error| r.close_on(error))?;
        }

        for w in writeable.iter().filter(|w| w.is_open()) {                        // 133
            let mut attempt = || -> io::Result<()> {
                if w.has_unsent() {                                                // 135 differs
                    w.flush()?;                                                    // 135 differs
                } else {
                    let queue = msg_dic.entry(w.clone()).or_default();             // 134
                    let data_to_client = queue.pop_front().unwrap_or_default();    // 134
                    if data_to_client.is_empty() {
                        return w.close_at_end();                                   // 135 differs
                    }
                    w.write(&data_to_client)?;                                     // 135
                }
                if !w.has_unsent() {
                    let entry = outputs.iter().position(|other| other == w);       // 136
                    entry.map(|index| outputs.remove(index));                      // 136 differs
                }
                Ok(())
            };
            attempt().or_else(|error| w.close_on(error))?;
        }

        for e in &exceptional {                                                    // 138
            if outputs.contains(e) {                                               // 139
                outputs.retain(|other| other != e);                                // 140
            }

            inputs.retain(|other| other != e);                                     // 142

            msg_dic.remove(e);                                                     // 144
            e.close();
        }
        inputs.retain(Socket::is_open);
        outputs.retain(Socket::is_open);
        msg_dic.retain(|s, _| s.is_open());
        decoders.retain(|s, _| s.is_open());
    }
}
