//! A blocking client: it prints its connection, sends each line that you type, and prints the
//! answer.
//!
//! Mirrors note 001, lines 114-122.
//!
//! Try: start `cargo run -p select-server --example chat` first. Type a line here, and the answer
//! there.
//!
//! Differs from the listing:
//! - 120: an empty line is not sent, and this program asks again. The Python program sends nothing,
//!   and waits for an answer for ever.
//! - 121: an empty read or a reset ends the client. The Python program crashes on a reset, and soon
//!   after an empty read.
//!
//! Experiment: start `cargo run -p select-server --example upper`, and give this client
//! 127.0.0.1:9000 as its address. A program answers instead of a person.
#![forbid(unsafe_code)]

use common::{Socket, client_arguments, decode, input, say, unless_gone}; // 114

#[rustfmt::skip]
fn main() -> common::Result {
    let args = client_arguments!("127.0.0.1:6969", "Sends what is typed (note 001:114-122)");
    let client = Socket::new()?;                                         // 115
    client.connect(args.addr)?;                                          // 116
    say!("{client}");                                                    // 117
    for _round in args.rounds() {                                        // 118
        let inp = input(">>>>:")?;                                       // 119
        if inp.is_empty() {                                              // 120 differs
            continue;
        }
        client.send(inp.as_bytes())?;                                    // 120
        let Some(data) = unless_gone(client.recv(1024))? else { break }; // 121 differs
        let data = decode(&data);                                        // 121
        say!("{data}");                                                  // 122
    }
    Ok(())
}
