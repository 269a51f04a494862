//! A blocking client: it sends a message, waits for a reply and prints it, again and again.
//!
//! Mirrors note 000, lines 46-55.
//!
//! Try: `cargo run -p nonblocking-server --example interval` first; it prints `hello` and closes without a
//! reply, and this client says so.
//!
//! Differs from the listing:
//! - 53: a broken connection is left to the next read to report; the listing dies of it.
//! - 54: an empty read or a reset ends the client; the listing prints empty lines, or dies.
//! - 55: bytes that are not UTF-8 are shown as U+FFFD; the listing dies of them.
//!
//! Experiment: run it with `time`, first with the server's default, then with the server's `--interval 0.1`:
//! the wait is the server's sleep.
#![forbid(unsafe_code)]

use common::{Arguments, Socket, reset_as_end, say}; // 46-47

fn main() -> common::Result {
    let about = "Says hello and prints the reply (note 000:46-55)";
    let args = Arguments::client(env!("CARGO_BIN_NAME"), about, "127.0.0.1:6667").parse();

    let mut sk = Socket::new()?; // 48
    sk.connect(args.addr)?; // 49
    for _round in args.rounds() {
        // 50
        sk.sendall("hello".as_bytes()).or_else(reset_as_end)?; // 53 differs: the next read reports the end
        let data = sk.recv(1024).or_else(reset_as_end)?; // 54 differs: nothing to read is the end
        if data.is_empty() {
            say!("the server closed the connection");
            break;
        }
        say!("{}", String::from_utf8_lossy(&data)); // 55 differs: any bytes are shown
    }
    Ok(())
}
