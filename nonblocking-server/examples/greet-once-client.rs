//! A blocking client: it is greeted, prints that, answers once, and leaves two seconds later.
//!
//! Mirrors note 001, lines 47-55.
//!
//! Try: `cargo run -p nonblocking-server --example greet-once` first; this client then prints
//! `from server: you have connected to server`, and the server prints `from client hellow`.
//!
//! Differs from the listing:
//! - 51: an empty read or a reset ends the client; the listing prints an empty greeting, or dies.
//! - 52: bytes that are not UTF-8 are shown as U+FFFD; the listing dies of them.
//! - 53: a connection that broke meanwhile ends the client; the listing dies of it.
//!
//! Experiment: start `cargo run -p blocking-server` instead, at the same address: this client is greeted with
//! its own address, and at once.
#![forbid(unsafe_code)]

use std::thread;

use common::{Arguments, Socket, reset_as_end, say}; // 47

use std::time::Duration;

fn main() -> common::Result {
    let about = "Is greeted once and answers once (note 001:47-55)";
    let args = Arguments::client(env!("CARGO_BIN_NAME"), about, "127.0.0.1:6969").parse();

    let mut client = Socket::new()?; // 48
    #[expect(clippy::never_loop, reason = "the listing ends its loop with a break")]
    for _round in args.rounds() {
        // 49
        client.connect(args.addr)?; // 50
        let data = client.recv(1024).or_else(reset_as_end)?; // 51 differs: nothing to read is the end
        if data.is_empty() {
            say!("the server closed the connection");
            break;
        }
        say!("from server: {}", String::from_utf8_lossy(&data)); // 52 differs: any bytes are shown
        if client.send(b"hellow").or_else(reset_as_end)? == 0 {
            // 53 differs: a broken connection is the end
            say!("the server closed the connection");
            break;
        }
        thread::sleep(Duration::from_secs(2)); // 54
        break; // 55
    }
    Ok(())
}
