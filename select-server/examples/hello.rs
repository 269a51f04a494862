//! A select server that says hello: select(2) tells one thread which sockets are ready, with fewer
//! than 1,024 clients. The limit is FD_SETSIZE: an `fd_set` holds 1,024 descriptors.
//!
//! Mirrors note 004, lines 131-154.
//!
//! Try: `nc 127.0.0.1 8888`; it says `hello` after every line you type.
//!
//! Differs from the listing:
//! - 143: select(2) gets `watched` instead of `r_lst`: a client that has not taken its `hello` is
//!   not read from. This program waits until it can write to that client.
//! - 147: the client's socket is non-blocking, so a client that takes no `hello` stops nobody. A
//!   descriptor that select(2) cannot hold is refused. The Python program crashes in the next
//!   select.
//! - 150: an empty read ends the client. The Python program says hello to a client that has closed,
//!   and crashes.
//! - 151: what the kernel does not take is sent when the socket is writable.
//! - 152: any error, such as a broken pipe, ends its client as a reset does. The Python program
//!   crashes on it.
//!
//! Experiment: `printf 'one\ntwo\n' | nc -N 127.0.0.1 8888` gets one `hello` for two lines. The
//! server answers what one read returns, and TCP keeps no message boundaries.
#![forbid(unsafe_code)]

use select::{fit_or_refuse, select}; // 131

use common::{Bytes, DEFAULT_BACKLOG, Socket, arguments, say}; // 132

use std::io;

#[rustfmt::skip]
fn main() -> common::Result {
    let args = arguments!("127.0.0.1:8888", "Says hello, by select(2) (note 004:131-154)");
    let sk = Socket::new()?;                                     // 134
    sk.bind(args.addr)?;                                         // 135
    sk.setblocking(false)?;                                      // 136
    sk.listen(DEFAULT_BACKLOG)?;                                 // 137

    let mut r_lst = vec![sk.clone()];                            // 139

    loop {                                                       // 141
        let (full, watched): (Vec<_>, Vec<_>) = r_lst.iter().cloned().partition(Socket::has_unsent);
        let (r_l, w_l, _) = select(&watched, &full, &[], None)?; // 143 differs
        for item in &r_l {                                       // 144
            let mut attempt = || -> io::Result<()> {
                if *item == sk {                                 // 145
                    let (conn, _addr) = sk.accept()?;            // 146
                    conn.setblocking(false)?;
                    r_lst.extend(fit_or_refuse(&conn));          // 147 differs
                } else {                                         // 148, 149
                    let data = item.recv(1024)?;                 // 150
                    if data.is_empty() {
                        return item.close_at_end();              // 150 differs
                    }
                    say!("{}", Bytes(&data));                    // 150
                    item.write(b"hello")?;                       // 151 differs
                }
                Ok(())
            };
            if let Err(error) = attempt() {                      // 152 differs
                item.close_on(error)?;                           // 153
            }
        }
        for item in &w_l {                                       // 151 differs
            item.flush().or_else(|error| item.close_on(error))?; // 151 differs
        }
        r_lst.retain(Socket::is_open);                           // 154
    }
}
