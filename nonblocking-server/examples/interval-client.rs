//! A blocking client: it sends a message, waits for a reply and prints it, again and again.
//!
//! Mirrors note 000, lines 46-55.
//!
//! Try: start `cargo run -p nonblocking-server --example interval` first. That server prints
//! `hello` and closes without a reply. This client says so.
//!
//! Differs from the listing:
//! - 54: an empty read or a reset ends the client. The Python program crashes on a reset, and soon
//!   after an empty read.
//!
//! Experiment: run it with `time`. With the server's default it takes up to four seconds. With the
//! server's `--interval 0.1` it takes a tenth of a second. The client waits while the server
//! sleeps.
#![forbid(unsafe_code)]

use common::{Socket, client_arguments, decode, say, unless_gone}; // 46, 47

#[rustfmt::skip]
fn main() -> common::Result {
    let args = client_arguments!("127.0.0.1:6667", "Says hello, prints the reply (note 000:46-55)");
    let sk = Socket::new()?;                                         // 48
    sk.connect(args.addr)?;                                          // 49
    for _round in args.rounds() {                                    // 50
        sk.sendall(b"hello")?;                                       // 53
        let Some(data) = unless_gone(sk.recv(1024))? else { break }; // 54 differs
        say!("{}", decode(&data));                                   // 55
    }
    Ok(())
}
