//! A select server with an operator: one thread asks select(2) which sockets are ready, and serves
//! as many clients as an `fd_set` holds (FD_SETSIZE, 1,024 descriptors), but a person types each
//! reply.
//! While its output is full and unread it stands still, as the listing does; not with `--quiet`.
//!
//! Mirrors note 000, lines 71-98.
//!
//! Try: `nc 127.0.0.1 8801` and type a line; it appears at the server, and so does your reply at
//! the client (without a newline of its own).
//!
//! Differs from the listing:
//! - 78: a client that has not taken its reply is waited for to be writable, and not read from.
//! - 83: the client does not block, so that one that takes no reply stops nobody; a descriptor that
//!   select(2) cannot hold is refused, where the listing dies in the next select.
//! - 86: an empty read ends the client; the listing asks for a reply to it.
//! - 92: what the kernel does not take is sent when the client is writable; the listing waits for
//!   it.
//!
//! Experiment: open two `nc`, type a line in each, and wait with the reply. The second line does
//! not appear until the first one is answered: select(2) waits for many sockets, but `input` for
//! one keyboard. Ctrl-D instead of a reply closes the client that waits for it; its `nc` ends at
//! the next line.
#![forbid(unsafe_code)]

use common::{Socket, arguments, decode, input, say}; // 71

use select::{List, fit_or_refuse, select}; // 72

use std::io;

fn main() -> common::Result {
    let about = "Lets an operator type the reply to each message, by select(2) (note 000:71-98)";
    let args = arguments!("127.0.0.1:8801", about);
    let sk = Socket::new()?; // 73
    sk.bind(args.addr)?; // 74
    sk.listen(5)?; // 75
    sk.setblocking(false)?;
    let mut inputs = vec![sk.clone()]; // 76
    loop {
        // 77
        let (full, watched): (Vec<_>, Vec<_>) =
            inputs.iter().cloned().partition(Socket::has_unsent);
        let (r, w, _e) = select(&watched, &full, &[], None)?; // 78 differs: not all of `inputs`
        for obj in &r {
            // 79
            let mut serve = || -> io::Result<()> {
                if *obj == sk {
                    // 80
                    let (conn, _addr) = obj.accept()?; // 81
                    say!("{conn}"); // 82
                    conn.setblocking(false)?;
                    inputs.extend(fit_or_refuse(&conn)); // 83 differs: non-blocking, may be refused
                } else {
                    // 84, 85
                    let data = obj.recv(1024)?; // 86
                    if data.is_empty() {
                        return obj.close_at_end(); // 86 differs: an empty read ends this client
                    }
                    say!("{}", decode(&data)); // 90
                    let inp = input(">>> :")?; // 91
                    obj.write(inp.as_bytes())?; // 92 differs: keeps what the kernel does not take
                }
                Ok(())
            };
            serve().or_else(|error| obj.close_on(error))?; // 93
        }
        for obj in &w {
            obj.flush().or_else(|error| obj.close_on(error))?;
        }
        inputs.retain(Socket::is_open); // 94
        say!("{}", List(&r)); // 95
    }
}
