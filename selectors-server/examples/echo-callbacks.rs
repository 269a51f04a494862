//! A selectors server that shows what the selector returns: one thread and callbacks send many
//! clients their bytes back.
//!
//! Mirrors note 001, lines 125-153.
//!
//! Try: `nc 127.0.0.1 6969`; every line you type comes back. The server first prints which
//! mechanism its selector uses, then the keys of each round. `--selector` chooses another
//! mechanism.
//!
//! Differs from the listing:
//! - 130: accepted sockets are non-blocking, so a client that does not read stops nobody. A socket
//!   that the selector cannot take is closed. The Python program crashes.
//! - 133: an empty read ends the client. The Python program reads empty for ever.
//! - 135: what the kernel does not take is sent on EVENT_WRITE, and nothing is read before. The
//!   Python program blocks in `send`.
//!
//! Experiment: stop the server with Ctrl-Z, and type a line in each of two `nc`. Continue it with
//! `fg`: one `events:` line holds both keys.
#![forbid(unsafe_code)]

use std::io::{self, ErrorKind};

use selectors::{DefaultSelector, EVENT_READ, Events, Mask, Selector}; // 125
use selectors::{Options, callback}; // 125

use common::{DEFAULT_BACKLOG, Socket, arguments, decode, say}; // 126

#[rustfmt::skip]
fn accept(sel: &mut Selector, server: &Socket, _mask: Mask) -> io::Result<()> { // 127
    let (conn, addr) = server.accept()?;                                        // 128
    say!("client_sock:{conn}\nclient_addr:{addr}");                             // 129
    conn.setblocking(false)?;
    sel.register_or_refuse(&conn, callback!(read));                             // 130 differs
    Ok(())
}

#[rustfmt::skip]
fn read(sel: &mut Selector, conn: &Socket, _mask: Mask) -> io::Result<()> {     // 131
    let attempt = || -> io::Result<bool> {                                      // 132
        let data = conn.recv(1024)?;                                            // 133
        if data.is_empty() {                                                    // 133 differs
            return Ok(false);
        }
        say!("{}", decode(&data));                                              // 134
        conn.write(&data)?;                                                     // 135 differs
        Ok(true)
    };
    match attempt() {
        Ok(true) => {}
        Err(e) if e.kind() == ErrorKind::WouldBlock => {}                       // 136
        Ok(false) | Err(_) => {                                                 // 136
            say!("close:{conn}");                                               // 137
            sel.unregister(conn)?;                                              // 138
            conn.close();                                                       // 139
        }
    }
    Ok(())
}

#[rustfmt::skip]
fn main() -> common::Result {                                                   // 140
    let about = "Sends every byte back and prints the keys, by selectors (note 001:125-153)";
    let args = arguments!("127.0.0.1:6969", about, Options);
    let mut sel = DefaultSelector::named(&args.options.selector)?;              // 140
    say!("sel: {sel}");                                                         // 141
    let server = Socket::new()?;                                                // 142
    server.bind(args.addr)?;                                                    // 143
    server.listen(DEFAULT_BACKLOG)?;                                            // 144
    server.setblocking(false)?;
    sel.register(server, EVENT_READ, callback!(accept))?;                       // 145
    loop {                                                                      // 146
        let events = sel.select(None)?;                                         // 147
        say!("events: {}", Events(&events));                                    // 148
        say!("\n");                                                             // 149
        for (key, mask) in events {                                             // 150
            say!("key: <class 'selectors.SelectorKey'> {key}");                 // 151
            if key.fileobj.has_unsent() {
                sel.settle(&key, key.fileobj.flush())?;
                continue;
            }
            let callback = key.data;                                            // 152
            let ended = (callback.function)(&mut sel, &key.fileobj, mask);      // 153
            sel.settle(&key, ended)?;
        }
    }
}
