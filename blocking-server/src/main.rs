//! A blocking server: every call waits until it can answer, so one client is served at a time.
//! While its output is full and unread it stands still, as the listing does; not with `--quiet`.
//!
//! Mirrors note 001, lines 9-19.
//!
//! Try: `nc 127.0.0.1 6969`; it greets you with your own address, and again after every line you type.
//!
//! Differs from the listing:
//! - 11: SO_REUSEADDR is set, as a restart could not bind while old connections are in TIME_WAIT.
//! - 15: a client that is gone before it is accepted costs only itself.
//! - 17: `%` is given the address as one text; with Python's pair for one `%s` the listing dies here.
//!   A client that takes no more greetings leads to the next one.
//! - 18: an empty read or a reset leads to the next client; the listing reads empty for ever, or dies.
//! - 19: bytes that are not UTF-8 are shown as U+FFFD; the listing dies of them.
//!
//! Experiment: leave one `nc` open and start a second. It connects, as the kernel's backlog takes it, but it
//! is greeted only when the first one leaves.
#![forbid(unsafe_code)]

use std::thread;

use common::{AcceptFailures, Arguments, DEFAULT_BACKLOG, Socket, say}; // 9

fn main() -> common::Result {
    let about = "Greets one client at a time and prints what it says (note 001:9-19)";
    let args = Arguments::new(env!("CARGO_BIN_NAME"), about, "127.0.0.1:6969").parse();
    let mut failures = AcceptFailures::default();

    let server = Socket::new()?; // 10
    server.set_reuseaddr(true)?;
    server.bind(args.addr)?; // 11 differs: SO_REUSEADDR is set above
    server.listen(DEFAULT_BACKLOG)?; // 12
    args.listening(&server);
    say!("waiting for a client"); // 13
    loop {
        // 14
        let (conn, addr) = match server.accept() {
            // 15 differs: a client that is already gone is passed over
            Ok(accepted) => accepted,
            Err(error) => {
                failures.survive(error)?;
                thread::sleep(failures.pause().unwrap_or_default());
                continue;
            }
        };
        failures.accepted();
        loop {
            // 16
            let greeting = format!("{addr} have connected to server"); // 17 differs: one text for one `%s`, and no client ends the server
            if let Err(error) = conn.sendall(greeting.as_bytes()) {
                say!("client {addr}: {error}");
                break;
            }
            let data = match conn.recv(1024) {
                // 18 differs: the end or a reset of this client leads to the next one
                Ok(data) if !data.is_empty() => data,
                Ok(_) => break,
                Err(error) => {
                    say!("client {addr}: {error}");
                    break;
                }
            };
            say!("from client {}", String::from_utf8_lossy(&data)); // 19 differs: any bytes are shown
        }
    }
}
