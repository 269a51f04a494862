//! A select server for a chat of one operator with many clients: one thread asks select(2) which
//! sockets are ready, as many as an `fd_set` holds (FD_SETSIZE, 1,024 descriptors), and a person
//! answers each client by its address.
//! While its output is full and unread it stands still, as the listing does; not with `--quiet`.
//!
//! Mirrors note 001, lines 93-112.
//!
//! Try: `nc 127.0.0.1 6969` and type a line; it appears at the server, which asks for the answer to
//! your address.
//!
//! Differs from the listing:
//! - 99: a client that has not taken its answer is waited for to be writable, and not read from.
//! - 106: the client does not block, so that one that takes no answer stops nobody; a descriptor
//!   that select(2) cannot hold is refused, where the listing dies in the next select.
//! - 109: an empty read or a reset ends the client; the listing asks for answers to the end, and
//!   dies of the second one, or of the reset.
//! - 111: the address is that of the client who is answered; the listing shows the one that
//!   connected last. The end of the operator's input ends this client; the listing dies of it.
//! - 112: what the kernel does not take is sent when the client is writable; the listing waits for
//!   it.
//!
//! Experiment: open two `nc` and type a line in the first one: the prompt names the first one's
//! address, though the second one connected last.
#![forbid(unsafe_code)]

use select::{List, fit_or_refuse, select}; // 93

use common::{Socket, arguments, decode, input, say}; // 93

use std::io;

fn main() -> common::Result {
    let about = "Lets an operator answer many clients, by select(2) (note 001:93-112)";
    let args = arguments!("127.0.0.1:6969", about);
    let server = Socket::new()?; // 94
    server.bind(args.addr)?; // 95
    server.listen(5)?; // 96
    server.setblocking(false)?;
    let mut inp = vec![server.clone()]; // 97
    loop {
        // 98
        let (full, watched): (Vec<_>, Vec<_>) = inp.iter().cloned().partition(Socket::has_unsent);
        let (r, w, _e) = select(&watched, &full, &[], None)?; // 99 differs: not all of `inp`
        for obj in &r {
            // 100
            let mut serve = || -> io::Result<()> {
                if *obj == server {
                    // 101
                    say!("r: {}", List(&r)); // 102
                    say!("{}", r.len()); // 103
                    say!("{obj}"); // 104
                    let (conn, _addr) = obj.accept()?; // 105
                    conn.setblocking(false)?;
                    inp.extend(fit_or_refuse(&conn)); // 106 differs: non-blocking, may be refused
                } else {
                    // 107
                    say!("obj: {obj}"); // 108
                    let data = obj.recv(1024)?; // 109
                    if data.is_empty() {
                        return obj.close_at_end(); // 109 differs: an empty read ends this client
                    }
                    say!(">>: {}", decode(&data)); // 110
                    let addr = obj.getpeername(); // 111
                    let data = input(&format!("answer {addr}:"))?; // 111 differs: the right address
                    obj.write(data.as_bytes())?; // 112 differs: keeps what the kernel does not take
                }
                Ok(())
            };
            serve().or_else(|error| obj.close_on(error))?;
        }
        for obj in &w {
            obj.flush().or_else(|error| obj.close_on(error))?;
        }
        inp.retain(Socket::is_open);
    }
}
