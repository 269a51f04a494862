//! A blocking client: it sends, waits for the reply and prints its bytes, again and again.
//!
//! Mirrors note 004, lines 159-164.
//!
//! Try: `cargo run -p select-server --example hello` first; this client then prints `b'hello'` for every
//! `world` it sends.
//!
//! Differs from the listing:
//! - 163: a broken connection is left to the next read to report; the listing dies of it.
//! - 164: an empty read or a reset ends the client; the listing prints `b''`, or dies.
//!
//! Experiment: `cargo run -p select-server --example hello-client -- 127.0.0.1:10000 --count 2` against
//! `cargo run -p select-server`: what comes back is `b'WORLD'`.
#![forbid(unsafe_code)]

use common::{Arguments, Bytes, Socket, reset_as_end, say}; // 159

fn main() -> common::Result {
    let about = "Says world and prints the reply, again and again (note 004:159-164)";
    let args = Arguments::client(env!("CARGO_BIN_NAME"), about, "127.0.0.1:8888").parse();

    let mut sk = Socket::new()?; // 160
    sk.connect(args.addr)?; // 161
    for _round in args.rounds() {
        // 162
        sk.sendall(b"world").or_else(reset_as_end)?; // 163 differs: the next read reports the end
        let data = sk.recv(1024).or_else(reset_as_end)?; // 164 differs: nothing to read is the end
        if data.is_empty() {
            say!("the server closed the connection");
            break;
        }
        say!("{}", Bytes(&data));
    }
    Ok(())
}
