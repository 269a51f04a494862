//! A selectors server: the selector says which socket is ready, and a callback that was registered
//! with the socket deals with it; one thread, many clients at once.
//! While its output is full and unread it stands still, as the listing does; not with `--quiet`.
//!
//! Mirrors note 002, lines 367-528.
//!
//! Try: `nc 127.0.0.1 9999`; every line you type comes back.
//!
//! Differs from the listing:
//! - 371: the default is the loopback interface; the listing opens its port to the network.
//! - 382, 401: callbacks take two arguments, which line 502 passes; the listing dies on its first
//!   client.
//! - 397: a socket that the selector cannot take is closed; the listing dies.
//! - 402: a reset ends this client only; the listing dies of it.
//! - 425: what the kernel does not take is sent on EVENT_WRITE, and nothing is read meanwhile;
//!   the listing would lose it.
//!
//! Experiment: `ulimit -Sn 2000` in both terminals, `--selector select` here, and there, in bash,
//! `for i in {1..1100}; do exec {c}<>/dev/tcp/127.0.0.1/9999; done`: the last clients are refused,
//! because an `fd_set` ends at 1,024. In a new shell, with `--selector poll` or without, all of
//! them are served.
#![forbid(unsafe_code)]

use std::io;

use selectors::{DefaultSelector, EVENT_READ, Mask, Selector}; // 367
use selectors::{Options, callback}; // 367

use common::{Bytes, Socket, arguments, say}; // 368

fn main() -> common::Result {
    let about = "Sends every byte back, by selectors and callbacks (note 002:367-528)";
    let args = arguments!("127.0.0.1:9999", about, Options);
    let sock = Socket::new()?; // 370
    sock.bind(args.addr)?; // 371 differs: loopback unless told otherwise

    sock.listen(1000)?; // 373

    sock.setblocking(false)?; // 375

    let mut sel = DefaultSelector::named(&args.options.selector)?; // 377

    fn accept(sel: &mut Selector, sock: &Socket, _mask: Mask) -> io::Result<()> {
        // 382 differs: takes what line 502 passes
        let (conn, addr) = sock.accept()?; // 383
        say!("accepted: {conn} from: {addr}"); // 384
        conn.setblocking(false)?; // 395

        sel.register_or_refuse(&conn, callback!(read)); // 397 differs: may be refused
        Ok(())
    }

    fn read(sel: &mut Selector, conn: &Socket, _mask: Mask) -> io::Result<()> {
        // 401 differs: takes what line 502 passes
        let data = conn.recv(1024)?; // 402 differs: a reset ends this client
        if !data.is_empty() {
            // 403
            say!("echoing {} to {conn}", Bytes(&data)); // 412
            conn.write(&data)?; // 425 differs: keeps what was not sent
        } else {
            // 426
            say!("closing {conn}"); // 427
            sel.unregister(conn)?; // 428
            conn.close(); // 429
        }
        Ok(())
    }

    sel.register(sock.clone(), EVENT_READ, callback!(accept))?; // 431

    loop {
        // 434
        let events = sel.select(None)?; // 435

        for (key, mask) in events {
            // 466
            if key.fileobj.has_unsent() {
                sel.settle(&key, key.fileobj.flush())?;
                continue;
            }
            let callback = key.data; // 489

            let ended = (callback.function)(&mut sel, &key.fileobj, mask); // 502
            sel.settle(&key, ended)?;
        }
    }
}
