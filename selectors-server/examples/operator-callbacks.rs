//! A selectors server with an operator: callbacks serve many clients, and all of them wait while
//! the operator types.
//!
//! Mirrors note 000, lines 109-139.
//!
//! Try: `nc 127.0.0.1 8801`, and type a line. It appears at the server. What you type there at `>>`
//! comes back, without its newline.
//!
//! Differs from the listing:
//! - 121: accepted sockets are non-blocking, so a client that does not read stops nobody. A socket
//!   that the selector cannot take is closed. The Python program crashes.
//! - 124: an empty read ends the client. The Python program asks the operator to answer it.
//! - 127: what the kernel does not take is sent on EVENT_WRITE, and nothing is read before. The
//!   Python program blocks in `send`.
//!
//! Experiment: open two `nc`, and type a line in each. The second line appears only after you
//! answer the first one. `input` blocks the thread, and so every client waits. Ctrl-D instead of an
//! answer ends the client, as any exception does in the Python program.
#![forbid(unsafe_code)]

use std::io::{self, ErrorKind};

use selectors::{DefaultSelector, EVENT_READ, Mask, Selector}; // 109
use selectors::{Options, callback}; // 109

use common::{Socket, arguments, decode, input, say}; // 110

#[rustfmt::skip]
fn main() -> common::Result {
    let about = "Its operator answers many clients, by selectors and callbacks (note 000:109-139)";
    let args = arguments!("127.0.0.1:8801", about, Options);
    let sock = Socket::new()?;                                                    // 111
    sock.bind(args.addr)?;                                                        // 112
    sock.listen(5)?;                                                              // 113
    sock.setblocking(false)?;

    let mut sel = DefaultSelector::named(&args.options.selector)?;                // 115

    fn accept(sel: &mut Selector, sock: &Socket, _mask: Mask) -> io::Result<()> { // 117
        let (conn, addr) = sock.accept()?;                                        // 118
        say!("accepted {conn} from {addr}");                                      // 119

        conn.setblocking(false)?;
        sel.register_or_refuse(&conn, callback!(read));                           // 121 differs
        Ok(())
    }

    fn read(sel: &mut Selector, conn: &Socket, _mask: Mask) -> io::Result<()> {   // 122
        let attempt = || -> io::Result<()> {                                      // 123
            let data = conn.recv(1000)?;                                          // 124
            if data.is_empty() {
                return conn.close_at_end();                                       // 124 differs
            }
            say!("{}", decode(&data));                                            // 125
            let data2 = input(">>")?;                                             // 126
            conn.write(data2.as_bytes())                                          // 127 differs
        };
        attempt().or_else(|error| {                                               // 128
            if error.kind() != ErrorKind::WouldBlock {
                sel.unregister(conn)?;                                            // 129
            }
            Err(error)
        })
    }

    sel.register(sock, EVENT_READ, callback!(accept))?;                           // 132

    loop {                                                                        // 134
        let events = sel.select(None)?;                                           // 135
        for (key, mask) in events {                                               // 136
            say!("{}", key.data);                                                 // 137
            say!("{}", key.fileobj);                                              // 138
            if key.fileobj.has_unsent() {
                sel.settle(&key, key.fileobj.flush())?;
                continue;
            }
            let ended = (key.data.function)(&mut sel, &key.fileobj, mask);        // 139
            sel.settle(&key, ended)?;
        }
    }
}
