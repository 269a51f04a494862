//! A blocking client: it waits for a greeting, prints it, answers once, and leaves two seconds
//! later.
//!
//! Mirrors note 001, lines 47-55.
//!
//! Try: start `cargo run -p nonblocking-server --example greet-once` first. This client then prints
//! `from server: you have connected to server`. The server prints `from client hellow`.
//!
//! Differs from the listing:
//! - 51: an empty read or a reset ends the client. The Python program prints an empty greeting, or
//!   crashes on the reset.
//!
//! Experiment: start `cargo run -p blocking-server` instead, at the same address. This client is
//! then greeted at once, with its own address.
#![forbid(unsafe_code)]

use common::{Socket, client_arguments, decode, say, sleep, unless_gone}; // 47

#[rustfmt::skip]
fn main() -> common::Result {
    let args = client_arguments!("127.0.0.1:6969", "Is greeted and answers (note 001:47-55)");
    let client = Socket::new()?;                                         // 48
    #[expect(clippy::never_loop, reason = "the listing ends its loop with a break")]
    for _round in args.rounds() {                                        // 49
        client.connect(args.addr)?;                                      // 50
        let Some(data) = unless_gone(client.recv(1024))? else { break }; // 51 differs
        say!("from server: {}", decode(&data));                          // 52
        client.send(b"hellow")?;                                         // 53
        sleep(2.0);                                                      // 54
        break;                                                           // 55
    }
    Ok(())
}
