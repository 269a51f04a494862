//! A select server for a chat: one person answers fewer than 1,024 clients, each by its address.
//! select(2) tells its one thread which sockets are ready. The limit is FD_SETSIZE: an `fd_set`
//! holds 1,024 descriptors.
//!
//! Mirrors note 001, lines 93-112.
//!
//! Try: `nc 127.0.0.1 6969`, and type a line. It appears at the server, which asks for the answer
//! to your address.
//!
//! Differs from the listing:
//! - 99: select(2) gets `watched` instead of `inp`: a client that has not taken its answer is not
//!   read from. This program waits until it can write to that client.
//! - 106: the client's socket is non-blocking, so a client that takes no answer stops nobody. A
//!   descriptor that select(2) cannot hold is refused. The Python program crashes in the next
//!   select.
//! - 109: an empty read or a reset ends the client. The Python program asks for answers to empty
//!   reads, and crashes on the second answer. It also crashes on a reset.
//! - 111: the prompt shows the address of the client that gets the answer. The Python program shows
//!   the address that connected last. The end of the operator's input ends this client. The Python
//!   program crashes on it.
//! - 112: what the kernel does not take is sent when the socket is writable. The Python program
//!   blocks until everything is sent.
//!
//! Experiment: open two `nc`, and type a line in the first one. The prompt shows the first one's
//! address, although the second one connected last.
#![forbid(unsafe_code)]

use select::{List, fit_or_refuse, select}; // 93

use common::{Socket, arguments, decode, input, say}; // 93

use std::io;

#[rustfmt::skip]
fn main() -> common::Result {
    let about = "Lets an operator answer many clients, by select(2) (note 001:93-112)";
    let args = arguments!("127.0.0.1:6969", about);
    let server = Socket::new()?;                                   // 94
    server.bind(args.addr)?;                                       // 95
    server.listen(5)?;                                             // 96
    server.setblocking(false)?;
    let mut inp = vec![server.clone()];                            // 97
    loop {                                                         // 98
        let (full, watched): (Vec<_>, Vec<_>) = inp.iter().cloned().partition(Socket::has_unsent);
        let (r, w, _e) = select(&watched, &full, &[], None)?;      // 99 differs
        for obj in &r {                                            // 100
            let mut attempt = || -> io::Result<()> {
                if *obj == server {                                // 101
                    say!("r: {}", List(&r));                       // 102
                    say!("{}", r.len());                           // 103
                    say!("{obj}");                                 // 104
                    let (conn, _addr) = obj.accept()?;             // 105
                    conn.setblocking(false)?;
                    inp.extend(fit_or_refuse(&conn));              // 106 differs
                } else {                                           // 107
                    say!("obj: {obj}");                            // 108
                    let data = obj.recv(1024)?;                    // 109
                    if data.is_empty() {
                        return obj.close_at_end();                 // 109 differs
                    }
                    say!(">>: {}", decode(&data));                 // 109, 110
                    let addr = obj.getpeername();                  // 111
                    let data = input(&format!("回答{addr}:"))?;    // 111 differs
                    obj.write(data.as_bytes())?;                   // 112 differs
                }
                Ok(())
            };
            attempt().or_else(|error| obj.close_on(error))?;
        }
        for obj in &w {                                            // 112 differs
            obj.flush().or_else(|error| obj.close_on(error))?;     // 112 differs
        }
        inp.retain(Socket::is_open);
    }
}
