//! A blocking client: it sends, waits for the reply and prints its bytes, again and again.
//!
//! Mirrors note 004, lines 159-164.
//!
//! Try: `cargo run -p select-server --example hello` first; this client then prints `b'hello'` for
//! every `world` it sends.
//!
//! Differs from the listing:
//! - 164: an empty read or a reset ends the client; the listing dies of a reset, and soon after an
//!   empty read.
//!
//! Experiment: `cargo run -p select-server --example hello-client -- 127.0.0.1:10000 --count 2`
//! against `cargo run -p select-server`: it prints `b'WORLD'` twice.
#![forbid(unsafe_code)]

use common::{Bytes, Socket, client_arguments, say, unless_gone}; // 159

fn main() -> common::Result {
    let args = client_arguments!("127.0.0.1:8888", "Says world, prints replies (note 004:159-164)");
    let sk = Socket::new()?; // 160
    sk.connect(args.addr)?; // 161
    for _round in args.rounds() {
        // 162
        sk.send(b"world")?; // 163
        let Some(data) = unless_gone(sk.recv(1024))? else { break }; // 164 differs: it may end
        say!("{}", Bytes(&data)); // 164
    }
    Ok(())
}
