//! A select server: select(2) tells one thread which sockets are ready, with fewer than 1,024
//! clients at once. The limit is FD_SETSIZE: an `fd_set` holds 1,024 descriptors.
//!
//! Mirrors note 002, lines 146-224.
//!
//! Try: `nc 127.0.0.1 10000`; type `hello` and read `HELLO`.
//!
//! Differs from the listing:
//! - 170: a client with a full queue is not read from until it takes its replies. This keeps the
//!   memory bounded.
//! - 180: a descriptor that select(2) cannot hold is refused. The Python program crashes in the
//!   next select.
//! - 188: a reset ends this client only. The Python program crashes on it.
//! - 198, 199, 203: a client that ends its sending side gets its queued replies, then is closed.
//!   The Python program crashes with KeyError at 207, or keeps the socket open.
//! - 215: what the kernel does not take is sent before the next message. The Python program loses
//!   it.
//!
//! Experiment: run `yes | nc 127.0.0.1 10000 | sleep 60`: it sends fast and reads nothing. The
//! server's lines stop when all buffers and the queue are full. A second `nc` still gets its answer
//! at once. For select's limit, run `ulimit -Sn 2000` in two terminals, and start the server with
//! `--quiet` in one. In the other one, in bash, run
//! `for i in {1..1100}; do exec {c}<>/dev/tcp/127.0.0.1/10000; sleep 0.01; done`. The last clients
//! are refused, because an `fd_set` ends at 1,024. With the usual `ulimit -n`, 1,024, each program
//! runs out of descriptors first (EMFILE). Then select's limit does not show.
#![forbid(unsafe_code)]

use select::{fit_or_refuse, select}; // 146

use common::{Bytes, Socket, arguments, say}; // 147

use std::collections::{HashMap, VecDeque}; // 148
use std::io;

/// Messages of at most 1,024 bytes that may wait for one client, so 64 KiB.
const QUEUE_LIMIT: usize = 64;

#[rustfmt::skip]
fn main() -> common::Result {
    let args =
        arguments!("127.0.0.1:10000", "Answers in upper case, by select(2) (note 002:146-224)");
    let server = Socket::new()?;                                                      // 151
    server.setblocking(false)?;                                                       // 152

    let server_addr = args.addr;                                                      // 154

    say!("starting up on {} port {}", server_addr.ip(), server_addr.port());          // 156
    server.bind(server_addr)?;                                                        // 157

    server.listen(5)?;                                                                // 159

    let mut inputs = vec![server.clone()];                                            // 162
    let mut outputs: Vec<Socket> = Vec::new();                                        // 163

    let mut message_queues: HashMap<Socket, VecDeque<Vec<u8>>> = HashMap::new();      // 165

    loop {                                                                            // 167
        say!("waiting for next event...");                                            // 168

        let is_full = |s: &Socket| message_queues.get(s).is_some_and(|q| q.len() >= QUEUE_LIMIT);
        let watched: Vec<Socket> = inputs.iter().filter(|s| !is_full(s)).cloned().collect();
        let ready = select(&watched, &outputs, &inputs, None)?;                       // 170 differs
        let (readable, writeable, exeptional) = ready;                                // 170

        for s in &readable {                                                          // 172
            let mut attempt = || -> io::Result<()> {
                if *s == server {                                                     // 174
                    let (conn, client_addr) = s.accept()?;                            // 177
                    say!("new connection from {client_addr}");                        // 178
                    conn.setblocking(false)?;                                         // 179
                    inputs.extend(fit_or_refuse(&conn));                              // 180 differs

                    message_queues.insert(conn, VecDeque::new());                     // 184
                } else {                                                              // 186
                    let data = s.recv(1024)?;                                         // 188 differs
                    if !data.is_empty() {                                             // 189
                        let peer = s.getpeername();                                   // 190
                        say!("收到来自[{}]的数据: {}", peer.ip(), Bytes(&data));      // 190
                        message_queues.entry(s.clone()).or_default().push_back(data); // 191
                        if !outputs.contains(s) {                                     // 192
                            outputs.push(s.clone());                                  // 193
                        }
                    } else {                                                          // 195
                        say!("客户端断开了 {s}");                                     // 196

                        if !outputs.contains(s) {                                     // 198 differs
                            s.close();                                                // 199 differs
                        }
                        inputs.retain(|other| other != s);                            // 201
                    }
                }
                Ok(())
            };
            attempt().or_else(|error| s.close_on(error))?;
        }
        for s in writeable.iter().filter(|s| s.is_open()) {                           // 205
            match message_queues.entry(s.clone()).or_default().pop_front() {          // 206, 207
                None if s.has_unsent() => s.flush().or_else(|error| s.close_on(error))?,
                None => {                                                             // 209
                    say!("client [{}] queue is empty..", s.getpeername().ip());       // 210
                    outputs.retain(|other| other != s);                               // 211
                    if !inputs.contains(s) {
                        s.close();                                                    // 203 differs
                    }
                }
                Some(next_msg) => {                                                   // 213
                    let peer = s.getpeername();                                       // 214
                    say!("sending msg to [{}] {}", peer.ip(), Bytes(&next_msg));      // 214
                    let next_msg = next_msg.to_ascii_uppercase();                     // 215
                    let sent = s.write(&next_msg);                                    // 215 differs
                    sent.or_else(|error| s.close_on(error))?;
                }
            }
        }
        for s in &exeptional {                                                        // 217
            say!("handling exception for {}", s.getpeername());                       // 218
            inputs.retain(|other| other != s);                                        // 219
            if outputs.contains(s) {                                                  // 220
                outputs.retain(|other| other != s);                                   // 221
            }
            s.close();                                                                // 222

            message_queues.remove(s);                                                 // 224
        }
        inputs.retain(Socket::is_open);
        outputs.retain(Socket::is_open);                                              // 199 differs
        message_queues.retain(|s, _| s.is_open());                                    // 203 differs
    }
}
