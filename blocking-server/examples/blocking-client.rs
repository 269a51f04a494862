//! A blocking client: it waits for what the server says, prints it and answers, again and again.
//!
//! Mirrors note 001, lines 22-28.
//!
//! Try: `cargo run -p blocking-server` first; this client then prints its own address with every greeting.
//!
//! Differs from the listing:
//! - 26: an empty read or a reset ends the client; the listing reads empty for ever, or dies.
//! - 27: bytes that are not UTF-8 are shown as U+FFFD; the listing dies of them.
//! - 28: a broken connection is left to the next read to report; the listing dies of it.
//!
//! Experiment: start a second one. It connects, but it prints nothing until the first one is stopped.
#![forbid(unsafe_code)]

use common::{Arguments, Socket, reset_as_end, say}; // 22

fn main() -> common::Result {
    let about = "Answers every greeting of the blocking server (note 001:22-28)";
    let args = Arguments::client(env!("CARGO_BIN_NAME"), about, "127.0.0.1:6969").parse();

    let mut client = Socket::new()?; // 23
    client.connect(args.addr)?; // 24
    for _round in args.rounds() {
        // 25
        let data = client.recv(1024).or_else(reset_as_end)?; // 26 differs: nothing to read is the end
        if data.is_empty() {
            say!("the server closed the connection");
            break;
        }
        say!("from server: {}", String::from_utf8_lossy(&data)); // 27 differs: any bytes are shown
        client.sendall(b"hellow").or_else(reset_as_end)?; // 28 differs: the next read reports the end
    }
    Ok(())
}
