//! A non-blocking server: it asks every socket again and again, never waits, and serves many clients at once.
//! While its output is full and unread it stands still, as the listing does; not with `--quiet`.
//!
//! Mirrors note 004, lines 80-104.
//!
//! Try: `nc 127.0.0.1 8080`; it says `hello`, and again after every line you type.
//!
//! Differs from the listing:
//! - 82: SO_REUSEADDR is set, as a restart could not bind while old connections are in TIME_WAIT.
//! - 92: accepted sockets are made non-blocking: Linux does not pass O_NONBLOCK on, and one silent client
//!   would stop the server.
//! - 93: the other errors of accept cost one client, or wait for a free descriptor; the listing dies.
//! - 96: `hello` is sent once per exchange and what the kernel did not take is kept; the listing would send
//!   another one on every pass until the client's buffers are full.
//! - 97: an empty read removes the client; the listing takes it for a message, for ever.
//! - 99: a broken pipe, or any other error, removes the client as a reset does; the listing dies of it.
//!
//! Experiment: run `top` beside it. One core is busy although nobody says a word: that is the price of asking
//! instead of waiting, and what select(2) was made for.
#![forbid(unsafe_code)]

use std::io::{self, ErrorKind};

use common::{AcceptFailures, Arguments, Bytes, DEFAULT_BACKLOG, Socket, say}; // 80

const HELLO: &[u8] = b"hello";

/// A client, and how many bytes of the `hello` that it is owed were sent.
struct Conn {
    socket: Socket,
    sent: usize,
}

fn main() -> common::Result {
    let about = "Says hello to many clients by polling all of them (note 004:80-104)";
    let args = Arguments::new(env!("CARGO_BIN_NAME"), about, "127.0.0.1:8080").parse();
    let mut failures = AcceptFailures::default();

    let sk = Socket::new()?; // 81
    sk.set_reuseaddr(true)?;
    sk.bind(args.addr)?; // 82 differs: SO_REUSEADDR is set above
    sk.setblocking(false)?; // 83
    sk.listen(DEFAULT_BACKLOG)?; // 84
    args.listening(&sk);

    let mut conn_lst: Vec<Conn> = Vec::new(); // 86
    let mut del_lst: Vec<i32> = Vec::new(); // 87

    loop {
        // 89
        match sk.accept() {
            // 90-91
            Ok((socket, _addr)) => {
                failures.accepted();
                socket.setblocking(false)?;
                conn_lst.push(Conn { socket, sent: 0 }); // 92 differs: made non-blocking above
            }
            Err(error) => {
                failures.survive(error)?; // 93 differs: only a broken listener ends the server
                for conn in &mut conn_lst {
                    // 94
                    let mut exchange = || {
                        // 95
                        while conn.sent < HELLO.len() {
                            conn.sent += conn.socket.send(&HELLO[conn.sent..])?; // 96 differs: one `hello`
                        }
                        let data = conn.socket.recv(1024)?; // 97 differs: an empty read is the end
                        if data.is_empty() {
                            return Err(io::Error::other("closed by the client"));
                        }
                        say!("{}", Bytes(&data));
                        conn.sent = 0;
                        Ok(())
                    };
                    match exchange() {
                        Ok(()) => {}
                        Err(error) if error.kind() == ErrorKind::WouldBlock => {} // 98
                        Err(error) => {
                            // 99 differs: every error ends this client, not only a reset
                            say!("{}: {error}", conn.socket);
                            // Nothing but `conn_lst` holds the socket: it closes when that lets go of it.
                            del_lst.push(conn.socket.fileno()); // 100-101
                        }
                    }
                }
                for del_conn in &del_lst {
                    // 102
                    conn_lst.retain(|conn| conn.socket.fileno() != *del_conn); // 103
                }
                del_lst.clear(); // 104
            }
        }
    }
}
