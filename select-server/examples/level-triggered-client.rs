//! A blocking client: it waits for what the server says, prints it and answers, until the server closes.
//!
//! Mirrors note 001, lines 83-90.
//!
//! Try: `cargo run -p select-server --example level-triggered` first; this client prints its connection and
//! then waits, as that server says nothing.
//!
//! Differs from the listing:
//! - 86: connects once; a second connect with the same socket raises in the listing.
//! - 88: an empty read or a reset ends the client; the listing prints an empty message, or dies.
//! - 89: bytes that are not UTF-8 are shown as U+FFFD; the listing dies of them.
//! - 90: a broken connection is left to the next read to report; the listing dies of it.
//!
//! Experiment: start a second one. The server gives the name `conn` to the new connection, which closes the
//! old one: the first client ends.
#![forbid(unsafe_code)]

use common::{Arguments, Socket, reset_as_end, say}; // 83

fn main() -> common::Result {
    let about = "Connects, and waits for what the server says (note 001:83-90)";
    let args = Arguments::client(env!("CARGO_BIN_NAME"), about, "127.0.0.1:6969").parse();

    let mut client = Socket::new()?; // 84
    for round in args.rounds() {
        // 85
        if round == 0 {
            client.connect(args.addr)?; // 86 differs: only once
        }
        say!("{client}"); // 87
        let data = client.recv(1024).or_else(reset_as_end)?; // 88 differs: nothing to read is the end
        if data.is_empty() {
            say!("the server closed the connection");
            break;
        }
        say!("from server: {}", String::from_utf8_lossy(&data)); // 89 differs: any bytes are shown
        client.sendall(b"hellow").or_else(reset_as_end)?; // 90 differs: the next read reports the end
    }
    Ok(())
}
