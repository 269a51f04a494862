//! A blocking client: it sends each line that you type, waits for a reply and prints it.
//!
//! Mirrors note 000, lines 100-107.
//!
//! Try: start `cargo run -p select-server --example operator` first. Type a line here, and the
//! reply there.
//!
//! Differs from the listing:
//! - 102: this program connects to its own server's port, 8801, instead of 8080, where no server
//!   listens.
//! - 105: an empty line is not sent, and this program asks again. The Python program sends nothing,
//!   and waits for a reply for ever.
//! - 106: an empty read or a reset ends the client. The Python program crashes on a reset, and soon
//!   after an empty read.
//!
//! Experiment: type a line of more than 1,024 characters. The server reads it in two parts, and
//! asks for two replies. The second reply waits here until you send the next line.
#![forbid(unsafe_code)]

use common::{Socket, client_arguments, decode, input, say, unless_gone}; // 100

#[rustfmt::skip]
fn main() -> common::Result {
    let args = client_arguments!("127.0.0.1:8801", "Sends what is typed (note 000:100-107)");
    let sk = Socket::new()?;                                         // 101
    sk.connect(args.addr)?;                                          // 102 differs
    for _round in args.rounds() {                                    // 103
        let inp = input(">>")?;                                      // 104
        if inp.is_empty() {                                          // 105 differs
            continue;
        }
        sk.sendall(inp.as_bytes())?;                                 // 105
        let Some(data) = unless_gone(sk.recv(1024))? else { break }; // 106 differs
        say!("{}", decode(&data));                                   // 107
    }
    Ok(())
}
