//! A non-blocking server: it asks every socket again and again, never waits, and serves many
//! clients at once.
//!
//! Mirrors note 004, lines 80-104.
//!
//! Try: `nc 127.0.0.1 8080`; it says `hello`, without a newline, and again after every line you
//! type. The server prints who connects, what each client says, and who leaves.
//!
//! Differs from the listing:
//! - 96: each message gets one `hello`. On non-blocking sockets the Python program would send
//!   another one on every pass, until the socket's buffer is full.
//! - 97: the client's socket is non-blocking, and an empty read means that the client has closed.
//!   The Python program blocks here, because Linux does not pass O_NONBLOCK on to accepted sockets.
//!   One silent client stops it.
//! - 99: any error ends its client, for example a broken pipe. The Python program crashes on it.
//!
//! Experiment: run `top` beside it. One core is busy although no client sends anything. This is the
//! cost of polling, and the reason for select(2).
#![forbid(unsafe_code)]

use common::{Bytes, DEFAULT_BACKLOG, Socket, arguments, say}; // 80

use std::collections::HashSet;
use std::io::{self, ErrorKind};

#[rustfmt::skip]
fn main() -> common::Result {
    let args = arguments!("127.0.0.1:8080", "Says hello, by non-blocking calls (note 004:80-104)");
    let sk = Socket::new()?;                                                      // 81
    sk.bind(args.addr)?;                                                          // 82
    sk.setblocking(false)?;                                                       // 83
    sk.listen(DEFAULT_BACKLOG)?;                                                  // 84

    let mut conn_lst: Vec<Socket> = Vec::new();                                   // 86
    let mut del_lst: Vec<Socket> = Vec::new();                                    // 87

    let mut hello_sent: HashSet<Socket> = HashSet::new();
    loop {                                                                        // 89
        match sk.accept() {                                                       // 90, 91
            Ok((conn, _addr)) => {
                say!("accepted {conn}");
                conn.setblocking(false)?;
                conn_lst.push(conn);                                              // 92
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {              // 93
                for conn in &conn_lst {                                           // 94
                    let mut attempt = || -> io::Result<()> {                      // 95
                        if hello_sent.insert(conn.clone()) {
                            conn.write(b"hello")?;                                // 96 differs
                        }
                        if conn.has_unsent() {
                            return conn.flush();
                        }
                        let data = conn.recv(1024)?;                              // 97 differs
                        if data.is_empty() {
                            return conn.close_at_end();                           // 97 differs
                        }
                        say!("{}", Bytes(&data));                                 // 97
                        hello_sent.remove(conn);
                        Ok(())
                    };
                    match attempt() {
                        Ok(()) => {}
                        Err(error) if error.kind() == ErrorKind::WouldBlock => {} // 98
                        Err(error) => {                                           // 99 differs
                            say!("{conn}: {error}");
                            conn.close();                                         // 100
                        }
                    }
                    if !conn.is_open() {
                        del_lst.push(conn.clone());                               // 101
                    }
                }
                for del_conn in &del_lst {                                        // 102
                    conn_lst.retain(|conn| conn != del_conn);                     // 103
                    hello_sent.remove(del_conn);
                }
                del_lst.clear();                                                  // 104
            }
            Err(error) => return Err(error.into()),
        }
    }
}
