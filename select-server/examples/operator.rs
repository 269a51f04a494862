//! A select server with an operator: one person types the reply to each of fewer than 1,024
//! clients. select(2) tells its one thread which sockets are ready. The limit is FD_SETSIZE: an
//! `fd_set` holds 1,024 descriptors.
//!
//! Mirrors note 000, lines 71-98.
//!
//! Try: `nc 127.0.0.1 8801`, and type a line. It appears at the server, and your reply appears at
//! the client, without a newline.
//!
//! Differs from the listing:
//! - 78: select(2) gets `watched` instead of `inputs`: a client that has not taken its reply is not
//!   read from. This program waits until it can write to that client.
//! - 83: the client's socket is non-blocking, so a client that takes no reply stops nobody. A
//!   descriptor that select(2) cannot hold is refused. The Python program crashes in the next
//!   select.
//! - 86: an empty read ends the client. The Python program asks for a reply to it.
//! - 92: what the kernel does not take is sent when the socket is writable. The Python program
//!   blocks until everything is sent.
//!
//! Experiment: open two `nc`, type a line in each, and wait with the reply. The second line does
//! not appear until you answer the first one. select(2) waits for many sockets, but `input` waits
//! for one keyboard. Ctrl-D instead of a reply closes that client. Its `nc` ends at the next line.
#![forbid(unsafe_code)]

use common::{Socket, arguments, decode, input, say}; // 71

use select::{List, fit_or_refuse, select}; // 72

use std::io;

#[rustfmt::skip]
fn main() -> common::Result {
    let about = "Lets an operator type the reply to each message, by select(2) (note 000:71-98)";
    let args = arguments!("127.0.0.1:8801", about);
    let sk = Socket::new()?;                                   // 73
    sk.bind(args.addr)?;                                       // 74
    sk.listen(5)?;                                             // 75
    sk.setblocking(false)?;
    let mut inputs = vec![sk.clone()];                         // 76
    loop {                                                     // 77
        let (full, watched): (Vec<_>, Vec<_>) =
            inputs.iter().cloned().partition(Socket::has_unsent);
        let (r, w, _e) = select(&watched, &full, &[], None)?;  // 78 differs
        for obj in &r {                                        // 79
            let mut attempt = || -> io::Result<()> {
                if *obj == sk {                                // 80
                    let (conn, _addr) = obj.accept()?;         // 81
                    say!("{conn}");                            // 82
                    conn.setblocking(false)?;
                    inputs.extend(fit_or_refuse(&conn));       // 83 differs
                } else {                                       // 84, 85
                    let data = obj.recv(1024)?;                // 86
                    if data.is_empty() {
                        return obj.close_at_end();             // 86 differs
                    }
                    say!("{}", decode(&data));                 // 90
                    let inp = input(">>> :")?;                 // 91
                    obj.write(inp.as_bytes())?;                // 92 differs
                }
                Ok(())
            };
            if let Err(error) = attempt() {                    // 93
                obj.close_on(error)?;
            }
        }
        for obj in &w {                                        // 92 differs
            obj.flush().or_else(|error| obj.close_on(error))?; // 92 differs
        }
        inputs.retain(Socket::is_open);                        // 94
        say!("{}", List(&r));                                  // 95
    }
}
