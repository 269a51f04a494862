//! A blocking client: it waits for a greeting, prints it and answers, until the server closes.
//!
//! Mirrors note 001, lines 83-90.
//!
//! Try: start `cargo run -p select-server --example level-triggered` first. This client prints its
//! connection and then waits, because that server sends nothing.
//!
//! Differs from the listing:
//! - 86: this program connects once. The Python program crashes on its second connect with the same
//!   socket.
//! - 88: an empty read or a reset ends the client. The Python program crashes on a reset, and soon
//!   after an empty read.
//!
//! Experiment: start a second one. The server gives the name `conn` to the new connection, which
//! closes the old one. The first client ends.
#![forbid(unsafe_code)]

use common::{Socket, client_arguments, decode, say, unless_gone}; // 83

#[rustfmt::skip]
fn main() -> common::Result {
    let args = client_arguments!("127.0.0.1:6969", "Waits for a greeting (note 001:83-90)");
    let client = Socket::new()?;                                         // 84
    for round in args.rounds() {                                         // 85
        if round == 0 {
            client.connect(args.addr)?;                                  // 86 differs
        }
        say!("{client}");                                                // 87
        let Some(data) = unless_gone(client.recv(1024))? else { break }; // 88 differs
        say!("from server: {}", decode(&data));                          // 89
        client.send(b"hellow")?;                                         // 90
    }
    Ok(())
}
