//! A non-blocking server for many clients: it greets each one, asks for its message, and sleeps
//! between the rounds. It prints one message from each client, and closes the connection.
//!
//! Mirrors note 001, lines 30-45.
//!
//! Try: `nc 127.0.0.1 6969`; within four seconds it says `you have connected to server`. Type a
//! line: the server prints it and closes, again within four seconds. `nc` ends at the next Enter.
//!
//! Differs from the listing:
//! - 40: each round asks every client and blocks for none. The Python program blocks in the read of
//!   its newest client. A silent client stops it.
//!
//! Experiment: leave one `nc` silent, and type a line in a second one. The second one is greeted,
//! and its line is printed. Then start the server with `--interval 0.1`. Each greeting comes within
//! a tenth of a second.
#![forbid(unsafe_code)]

use nonblocking::Options;

use common::{DEFAULT_BACKLOG, OsError, Socket, arguments, decode, say, sleep}; // 30

use std::io;

#[rustfmt::skip]
fn main() -> common::Result {
    let about =
        "Greets each client, prints one message of it, by non-blocking calls (note 001:30-45)";
    let args = arguments!("127.0.0.1:6969", about, Options);
    let server = Socket::new()?;                                   // 31
    server.bind(args.addr)?;                                       // 32
    server.listen(DEFAULT_BACKLOG)?;                               // 33
    server.setblocking(false)?;                                    // 34
    say!("等待用户链接");                                          // 35
    let mut conns: Vec<Socket> = Vec::new();
    loop {                                                         // 36
        let mut attempt = || -> io::Result<()> {                   // 37
            let (conn, _addr) = server.accept()?;                  // 38
            let sent = conn.send(b"you have connected to server"); // 39
            conn.setblocking(false)?;
            conns.push(conn.clone());
            sent.map(drop).or_else(|error| conn.close_on(error))
        };
        let accepted = attempt();
        for conn in &conns {                                       // 40 differs
            let attempt = || -> io::Result<()> {
                let data = conn.recv(1024)?;                       // 40 differs
                say!("from client {}", decode(&data));             // 41
                conn.close();                                      // 42
                Ok(())
            };
            attempt().or_else(|error| conn.close_on(error))?;
        }
        conns.retain(Socket::is_open);
        if let Err(e) = accepted {                                 // 43
            say!("{}", OsError(&e));                               // 44
            server.close_on(e)?;
            sleep(args.options.interval.unwrap_or(4.0));           // 45
        }
    }
}
