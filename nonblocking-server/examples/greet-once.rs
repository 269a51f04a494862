//! A non-blocking server that sleeps between its questions: it asks for new clients and for the messages of
//! all clients it has, many at once, greets each and prints one message from it.
//! While its output is full and unread it stands still, as the listing does; not with `--quiet`.
//!
//! Mirrors note 001, lines 30-45.
//!
//! Try: `nc 127.0.0.1 6969`; within four seconds it says `you have connected to server`. Type a line: the
//! server prints it and closes, again within four seconds.
//!
//! Differs from the listing:
//! - 32: SO_REUSEADDR is set, as a restart could not bind while old connections are in TIME_WAIT.
//! - 39: accepted sockets are made non-blocking, as Linux does not pass O_NONBLOCK on; what the kernel did not
//!   take of the greeting is sent on the next pass.
//! - 40: a client without a message is asked again on each pass; in the listing one silent client stops the
//!   server.
//! - 41: bytes that are not UTF-8 are shown as U+FFFD; the listing leaves the message out.
//! - 44: an error that leaves the listener unable to accept ends the server; the listing prints it for ever.
//!
//! Experiment: leave one `nc` silent and talk to the server with a second one: it is greeted and heard. Then
//! start the server with `--interval 0.1`, and nobody notices that it sleeps.
#![forbid(unsafe_code)]

use std::thread;

use common::{AcceptFailures, Arguments, DEFAULT_BACKLOG, Socket, say}; // 30

use std::io::{self, ErrorKind};
use std::time::Duration;

#[path = "shared/interval.rs"]
mod interval;

const GREETING: &[u8] = b"you have connected to server";

/// A client, and how many bytes of the greeting were sent to it.
struct Conn {
    socket: Socket,
    sent: usize,
}

fn main() -> common::Result {
    let about = "Greets each client and prints one message of it, by polling (note 001:30-45)";
    let args = Arguments::new(env!("CARGO_BIN_NAME"), about, "127.0.0.1:6969")
        .option(interval::interval_option())
        .parse();
    let interval: Duration = args.get("interval");
    let mut failures = AcceptFailures::default();

    let server = Socket::new()?; // 31
    server.set_reuseaddr(true)?;
    server.bind(args.addr)?; // 32 differs: SO_REUSEADDR is set above
    server.listen(DEFAULT_BACKLOG)?; // 33
    server.setblocking(false)?; // 34
    args.listening(&server);
    say!("waiting for a client"); // 35

    let mut conns: Vec<Conn> = Vec::new();
    loop {
        // 36-37
        let nobody = match server.accept() {
            // 38
            Ok((socket, _addr)) => {
                failures.accepted();
                socket.setblocking(false)?;
                conns.push(Conn { socket, sent: 0 });
                None
            }
            Err(e) => Some(e),
        };
        conns.retain_mut(|conn| {
            let mut exchange = || {
                if conn.sent < GREETING.len() {
                    conn.sent += conn.socket.send(&GREETING[conn.sent..])?; // 39 differs: what is left of it
                }
                if conn.sent < GREETING.len() {
                    return Err(io::Error::from(ErrorKind::WouldBlock));
                }
                let data = conn.socket.recv(1024)?; // 40 differs: does not wait for the message
                say!("from client {}", String::from_utf8_lossy(&data)); // 41 differs: any bytes are shown
                Ok(())
            };
            match exchange() {
                Ok(()) => false, // 42
                Err(e) if e.kind() == ErrorKind::WouldBlock => true,
                Err(e) => {
                    say!("{}: {e}", conn.socket);
                    false
                }
            }
        });
        if let Some(e) = nobody {
            // 43
            say!("{e}"); // 44 differs: a broken listener ends the server below
            failures.survive(e)?;
            thread::sleep(interval); // 45
        }
    }
}
