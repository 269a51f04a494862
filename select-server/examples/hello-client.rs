//! A blocking client: it sends a message, waits for the reply and prints its bytes, again and
//! again.
//!
//! Mirrors note 004, lines 159-164.
//!
//! Try: start `cargo run -p select-server --example hello` first. This client then prints
//! `b'hello'` for every `world` it sends.
//!
//! Differs from the listing:
//! - 164: an empty read or a reset ends the client. The Python program crashes on a reset, and soon
//!   after an empty read.
//!
//! Experiment: start `cargo run -p select-server`. Then
//! `cargo run -p select-server --example hello-client -- 127.0.0.1:10000 --count 2` prints
//! `b'WORLD'` twice.
#![forbid(unsafe_code)]

use common::{Bytes, Socket, client_arguments, say, unless_gone}; // 159

#[rustfmt::skip]
fn main() -> common::Result {
    let args = client_arguments!("127.0.0.1:8888", "Says world, prints replies (note 004:159-164)");
    let sk = Socket::new()?;                                         // 160
    sk.connect(args.addr)?;                                          // 161
    for _round in args.rounds() {                                    // 162
        sk.send(b"world")?;                                          // 163
        let Some(data) = unless_gone(sk.recv(1024))? else { break }; // 164 differs
        say!("{}", Bytes(&data));                                    // 164
    }
    Ok(())
}
