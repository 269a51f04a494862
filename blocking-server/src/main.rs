//! A blocking server: every call waits until it can answer, so it serves one client at a time.
//!
//! Mirrors note 001, lines 9-19.
//!
//! Try: `nc 127.0.0.1 6969`; it greets you with your own address, and again after every line you
//! type. A greeting has no newline, so the next one appears on the same line. The server prints who
//! connects and who leaves.
//!
//! Differs from the listing:
//! - 17: `%` gets the address as one text. The Python program gives it a pair for one `%s`, and
//!   crashes with TypeError.
//! - 18: an empty read or a reset ends this client, and the next one is served. The Python program
//!   reads empty for ever after an end. It crashes on a reset.
//!
//! Experiment: leave one `nc` open and start a second one. It connects, because the kernel's
//! backlog takes it. It gets its greeting only after the first one leaves.
#![forbid(unsafe_code)]

use std::io;

use common::{DEFAULT_BACKLOG, Socket, arguments, decode, say}; // 9

#[rustfmt::skip]
fn main() -> common::Result {
    let about = "Greets one client at a time, by blocking calls (note 001:9-19)";
    let args = arguments!("127.0.0.1:6969", about);
    let server = Socket::new()?;                                       // 10
    server.bind(args.addr)?;                                           // 11
    server.listen(DEFAULT_BACKLOG)?;                                   // 12
    say!("等待用户链接");                                              // 13
    loop {                                                             // 14
        let (conn, addr) = server.accept()?;                           // 15
        say!("accepted {conn}");
        let attempt = || -> io::Result<()> {
            loop {                                                     // 16
                let text = format!("{addr} have connected to server"); // 17 differs
                conn.send(text.as_bytes())?;                           // 17
                let data = conn.recv(1024)?;                           // 18
                if data.is_empty() {
                    return conn.close_at_end();                        // 18 differs
                }
                say!("from client {}", decode(&data));                 // 19
            }
        };
        attempt().or_else(|error| conn.close_on(error))?;
    }
}
