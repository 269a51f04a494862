//! A blocking client: it waits for the server's bytes, prints them and answers, again and again.
//!
//! Mirrors note 004, lines 108-114.
//!
//! Try: start `cargo run -p nonblocking-server` first. This client then prints `b'hello'` for every
//! answer it gives.
//!
//! Differs from the listing:
//! - 113: an empty read or a reset ends the client. The Python program crashes on a reset, and soon
//!   after an empty read.
//!
//! Experiment: start two of them: both go on printing. Then start two `blocking-client` at the
//! blocking server. There the second one waits until the first one leaves.
#![forbid(unsafe_code)]

use common::{Bytes, Socket, client_arguments, say, unless_gone}; // 108

#[rustfmt::skip]
fn main() -> common::Result {
    let args = client_arguments!("127.0.0.1:8080", "Answers each hello (note 004:108-114)");
    let sk = Socket::new()?;                                         // 109
    sk.connect(args.addr)?;                                          // 110

    for _round in args.rounds() {                                    // 112
        let Some(data) = unless_gone(sk.recv(1024))? else { break }; // 113 differs
        say!("{}", Bytes(&data));                                    // 113
        sk.send(b"heiheihei")?;                                      // 114
    }
    Ok(())
}
