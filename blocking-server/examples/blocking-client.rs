//! A blocking client: it waits for the server's greeting, prints it and answers, again and again.
//!
//! Mirrors note 001, lines 22-28.
//!
//! Try: start `cargo run -p blocking-server` first. This client then prints its own address with
//! every greeting.
//!
//! Differs from the listing:
//! - 26: an empty read or a reset ends the client. The Python program crashes on a reset, and soon
//!   after an empty read.
//!
//! Experiment: start a second one. It connects, but it prints nothing until the first one stops.
#![forbid(unsafe_code)]

use common::{Socket, client_arguments, decode, say, unless_gone}; // 22

#[rustfmt::skip]
fn main() -> common::Result {
    let args = client_arguments!("127.0.0.1:6969", "Answers each greeting (note 001:22-28)");
    let client = Socket::new()?;                                         // 23
    client.connect(args.addr)?;                                          // 24
    for _round in args.rounds() {                                        // 25
        let Some(data) = unless_gone(client.recv(1024))? else { break }; // 26 differs
        say!("from server: {}", decode(&data));                          // 27
        client.send(b"hellow")?;                                         // 28
    }
    Ok(())
}
