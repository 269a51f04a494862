//! A non-blocking server for many clients: it asks each one for a message, then sleeps before it
//! asks again. It prints one message from each client, and closes the connection.
//!
//! Mirrors note 000, lines 27-44.
//!
//! Try: `nc 127.0.0.1 6667`, and type a line. Within four seconds the server prints it and closes
//! the connection. `nc` ends at the next Enter.
//!
//! Differs from the listing:
//! - 39: each round asks every client and blocks for none. The Python program blocks in the read of
//!   its newest client. A silent client stops it.
//! - 40: the message is printed as text. In the Python program `type` gets two arguments, and
//!   raises an error for every message.
//!
//! Experiment: start it with `--interval 0 --quiet`, and run `top`. `interval-client` ends at once,
//! and one core is busy. With the default the core is idle, and the client waits up to four
//! seconds. A server that polls must choose between the two.
#![forbid(unsafe_code)]

use nonblocking::Options;

use common::{OsError, Socket, arguments, decode, say, sleep}; // 27, 28

use std::io;

#[rustfmt::skip]
fn main() -> common::Result {
    let about = "Prints one message of each client, by non-blocking calls (note 000:27-44)";
    let args = arguments!("127.0.0.1:6667", about, Options);
    let sk = Socket::new()?;                                // 29

    sk.bind(args.addr)?;                                    // 31
    sk.listen(5)?;                                          // 32
    sk.setblocking(false)?;                                 // 33

    let mut connections: Vec<Socket> = Vec::new();
    loop {                                                  // 34
        let mut attempt = || -> io::Result<()> {            // 35
            say!("waiting client connection .......");      // 36
            let (connection, address) = sk.accept()?;       // 37
            say!("+++ {address}");                          // 38
            connection.setblocking(false)?;
            connections.push(connection);
            Ok(())
        };
        let accepted = attempt();
        for connection in &connections {                    // 39 differs
            let attempt = || -> io::Result<()> {
                let client_messge = connection.recv(1024)?; // 39 differs
                say!("{}", decode(&client_messge));         // 40 differs
                connection.close();                         // 41
                Ok(())
            };
            attempt().or_else(|error| connection.close_on(error))?;
        }
        connections.retain(Socket::is_open);
        if let Err(e) = accepted {                          // 42
            say!("{}", OsError(&e));                        // 43
            sk.close_on(e)?;
            sleep(args.options.interval.unwrap_or(4.0));    // 44
        }
    }
}
