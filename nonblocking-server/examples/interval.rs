//! A non-blocking server that sleeps between its questions: it asks for new clients and for the messages of
//! all clients it has, many at once, and prints one message from each.
//! While its output is full and unread it stands still, as the listing does; not with `--quiet`.
//!
//! Mirrors note 000, lines 27-44.
//!
//! Try: `nc 127.0.0.1 6667`; type a line, and within four seconds the server prints it and closes.
//!
//! Differs from the listing:
//! - 31: SO_REUSEADDR is set, as a restart could not bind while old connections are in TIME_WAIT.
//! - 39: accepted sockets are made non-blocking, and one without a message is asked again on each pass: Linux
//!   does not pass O_NONBLOCK on, and one silent client would stop the server.
//! - 40: the message is printed, with U+FFFD for bytes that are not UTF-8; the listing's `type` with two
//!   arguments raises for every message.
//! - 43: an error that leaves the listener unable to accept ends the server; the listing prints it for ever.
//!
//! Experiment: `--interval 0` and `top`: messages are printed at once, and one core is busy. With the default
//! the core is idle, and every message is late: a server that asks has to choose.
#![forbid(unsafe_code)]

use std::thread; // 27

use common::{AcceptFailures, Arguments, Socket, say}; // 28

use std::io::ErrorKind;
use std::time::Duration;

#[path = "shared/interval.rs"]
mod interval;

fn main() -> common::Result {
    let about = "Prints one message of each client, by polling every few seconds (note 000:27-44)";
    let args = Arguments::new(env!("CARGO_BIN_NAME"), about, "127.0.0.1:6667")
        .option(interval::interval_option())
        .parse();
    let interval: Duration = args.get("interval");
    let mut failures = AcceptFailures::default();

    let sk = Socket::new()?; // 29

    sk.set_reuseaddr(true)?;
    sk.bind(args.addr)?; // 31 differs: SO_REUSEADDR is set above
    sk.listen(5)?; // 32
    sk.setblocking(false)?; // 33
    args.listening(&sk);

    let mut connections: Vec<Socket> = Vec::new();
    loop {
        // 34-35
        say!("waiting client connection ......."); // 36
        let nobody = match sk.accept() {
            // 37
            Ok((connection, address)) => {
                failures.accepted();
                say!("+++ {address}"); // 38
                connection.setblocking(false)?;
                connections.push(connection);
                None
            }
            Err(e) => Some(e),
        };
        connections.retain(|connection| {
            let client_messge = match connection.recv(1024) {
                // 39 differs: asks every connection, and keeps those without a message
                Ok(client_messge) => client_messge,
                Err(e) if e.kind() == ErrorKind::WouldBlock => return true,
                Err(e) => {
                    say!("{connection}: {e}");
                    return false;
                }
            };
            say!("{}", String::from_utf8_lossy(&client_messge)); // 40 differs: the message, not `type` of it
            false // 41
        });
        if let Some(e) = nobody {
            // 42
            say!("{e}"); // 43 differs: a broken listener ends the server below
            failures.survive(e)?;
            thread::sleep(interval); // 44
        }
    }
}
