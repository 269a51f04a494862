//! Only non-blocking calls, at their best: the loop asks every socket for data, again and again,
//! and never waits. One thread serves many clients at once, up to `ulimit -n`.
//!
//! Follows note 000, lines 25-26, in words.
//!
//! Try: `nc 127.0.0.1 8082`; every line comes back.
//!
//! Costs: one core is always busy. Each round makes a system call for each client. So an answer
//! takes longer with more clients, even if those are silent.
//!
//! Experiment: `timeout -s INT 1 strace -c target/debug/examples/busy-polling --quiet` shows what
//! it does in a second without clients: thousands of calls, and every accept4 is an error.
#![forbid(unsafe_code)]

use common::{ACCEPTED_IN_A_ROW, Accepted, BUFFER, Client, Listener, Next, Socket, arguments};
use nonblocking::{POLLIN, POLLOUT};

const BACKLOG: i32 = 1024;

fn main() -> common::Result {
    let about = "Sends every byte back, by non-blocking calls at their best (note 000:25-26)";
    let args = arguments!("127.0.0.1:8082", about);
    let server = Socket::new()?;
    server.bind(args.addr)?;
    let listener = Listener::new(server)?;
    listener.listen(BACKLOG)?;

    let mut clients: Vec<Client> = Vec::new();
    let mut buffer = [0; BUFFER];
    loop {
        for _ in 0..ACCEPTED_IN_A_ROW {
            // If there is no descriptor for a client, the next round tries again.
            let Accepted::Client(conn) = listener.accept()? else { break };
            clients.push(Client::new(conn));
        }
        clients.retain_mut(|client| {
            client.note(POLLIN | POLLOUT); // nothing reports what is ready, so it may be
            client.serve(&mut buffer) != Next::Close
        });
    }
}
