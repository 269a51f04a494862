//! A blocking client: it waits for what the server says, prints the bytes and answers, again and again.
//!
//! Mirrors note 004, lines 108-114.
//!
//! Try: `cargo run -p nonblocking-server` first; this client then prints `b'hello'` for every answer it gives.
//!
//! Differs from the listing:
//! - 113: an empty read or a reset ends the client; the listing prints `b''`, or dies.
//! - 114: a broken connection is left to the next read to report; the listing dies of it.
//!
//! Experiment: start two of them: both go on printing. Of two `blocking-client` at the blocking server, the
//! second one waits for the first one to leave.
#![forbid(unsafe_code)]

use common::{Arguments, Bytes, Socket, reset_as_end, say}; // 108

fn main() -> common::Result {
    let about = "Answers every hello of the non-blocking server (note 004:108-114)";
    let args = Arguments::client(env!("CARGO_BIN_NAME"), about, "127.0.0.1:8080").parse();

    let mut sk = Socket::new()?; // 109
    sk.connect(args.addr)?; // 110

    for _round in args.rounds() {
        // 112
        let data = sk.recv(1024).or_else(reset_as_end)?; // 113 differs: nothing to read is the end
        if data.is_empty() {
            say!("the server closed the connection");
            break;
        }
        say!("{}", Bytes(&data));
        sk.sendall(b"heiheihei").or_else(reset_as_end)?; // 114 differs: the next read reports the end
    }
    Ok(())
}
