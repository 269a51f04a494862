//! A non-blocking server that sleeps between its questions: it asks for new clients and for the
//! messages of all clients it has, many at once, and prints one message from each.
//! While its output is full and unread it stands still, as the listing does; not with `--quiet`.
//!
//! Mirrors note 000, lines 27-44.
//!
//! Try: `nc 127.0.0.1 6667`; type a line, and within four seconds the server prints it and closes;
//! `nc` ends at the next Enter.
//!
//! Differs from the listing:
//! - 39: each pass asks every client, and waits for none; the listing waits for its newest one,
//!   and a silent client stops it.
//! - 40: the message is printed; the listing's `type` with two arguments raises for every message.
//!
//! Experiment: `--interval 0 --quiet` and `top`: `interval-client` ends at once, and one core is
//! busy. With the default the core is idle, and the client waits for up to four seconds: a server
//! that asks has to choose.
#![forbid(unsafe_code)]

use nonblocking::Options;

use common::{Socket, arguments, decode, say, sleep}; // 27, 28

use std::io;

fn main() -> common::Result {
    let about = "Prints one message of each client, by non-blocking calls (note 000:27-44)";
    let args = arguments!("127.0.0.1:6667", about, Options);
    let sk = Socket::new()?; // 29

    sk.bind(args.addr)?; // 31
    sk.listen(5)?; // 32
    sk.setblocking(false)?; // 33

    let mut connections: Vec<Socket> = Vec::new();
    loop {
        // 34
        let mut accept = || -> io::Result<()> {
            // 35
            say!("waiting client connection ......."); // 36
            let (connection, address) = sk.accept()?; // 37
            say!("+++ {address}"); // 38
            connection.setblocking(false)?;
            connections.push(connection);
            Ok(())
        };
        let accepted = accept();
        for connection in &connections {
            let receive = || -> io::Result<()> {
                let client_messge = connection.recv(1024)?; // 39 differs: asks each, waits for none
                say!("{}", decode(&client_messge)); // 40 differs: the message itself
                connection.close(); // 41
                Ok(())
            };
            receive().or_else(|error| connection.close_on(error))?;
        }
        connections.retain(Socket::is_open);
        if let Err(e) = accepted {
            // 42
            say!("{e}"); // 43
            sk.close_on(e)?;
            sleep(args.options.interval.unwrap_or(4.0)); // 44
        }
    }
}
