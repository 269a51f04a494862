//! A selectors server: the selector tells one thread which sockets are ready, and a callback serves
//! each of many clients. Each callback is registered together with its socket.
//!
//! Mirrors note 002, lines 367-528.
//!
//! Try: `nc 127.0.0.1 9999`; every line you type comes back.
//!
//! Differs from the listing:
//! - 371: the default address is the loopback interface. The Python program opens its port to the
//!   network.
//! - 382, 401: callbacks take the two arguments that line 502 passes. In the Python program they
//!   take one, and the first client crashes it.
//! - 397: a socket that the selector cannot take is closed. The Python program crashes.
//! - 402: a reset ends this client only. The Python program crashes on it.
//! - 425: what the kernel does not take is sent on EVENT_WRITE, and nothing is read before. The
//!   Python program loses it.
//!
//! Experiment: run `ulimit -Sn 2000` in two terminals, and start the server with
//! `--selector select` in one. In the other one, in bash, run
//! `for i in {1..1100}; do exec {c}<>/dev/tcp/127.0.0.1/9999; done`. The last clients are refused,
//! because an `fd_set` ends at 1,024. Do the same in new shells with `--selector poll`, or without
//! the option: all clients are served.
#![forbid(unsafe_code)]

use std::io;

use selectors::{DefaultSelector, EVENT_READ, Mask, Selector}; // 367
use selectors::{Options, callback}; // 367

use common::{Bytes, Socket, arguments, say}; // 368

#[rustfmt::skip]
fn main() -> common::Result {
    let about = "Sends every byte back, by selectors and callbacks (note 002:367-528)";
    let args = arguments!("127.0.0.1:9999", about, Options);
    let sock = Socket::new()?;                                                    // 370
    sock.bind(args.addr)?;                                                        // 371 differs

    sock.listen(1000)?;                                                           // 373

    sock.setblocking(false)?;                                                     // 375

    let mut sel = DefaultSelector::named(&args.options.selector)?;                // 377

    fn accept(sel: &mut Selector, sock: &Socket, _mask: Mask) -> io::Result<()> { // 382 differs
        let (conn, addr) = sock.accept()?;                                        // 383
        say!("accepted: {conn} from: {addr}");                                    // 384
        conn.setblocking(false)?;                                                 // 395

        sel.register_or_refuse(&conn, callback!(read));                           // 397 differs
        Ok(())
    }

    fn read(sel: &mut Selector, conn: &Socket, _mask: Mask) -> io::Result<()> {   // 401 differs
        let data = conn.recv(1024)?;                                              // 402 differs
        if !data.is_empty() {                                                     // 403
            say!("echoing {} to {conn}", Bytes(&data));                           // 412
            conn.write(&data)?;                                                   // 425 differs
        } else {                                                                  // 426
            say!("closing {conn}");                                               // 427
            sel.unregister(conn)?;                                                // 428
            conn.close();                                                         // 429
        }
        Ok(())
    }

    sel.register(sock.clone(), EVENT_READ, callback!(accept))?;                   // 431

    loop {                                                                        // 434
        let events = sel.select(None)?;                                           // 435

        for (key, mask) in events {                                               // 466
            if key.fileobj.has_unsent() {
                sel.settle(&key, key.fileobj.flush())?;
                continue;
            }
            let callback = key.data;                                              // 489

            let ended = (callback.function)(&mut sel, &key.fileobj, mask);        // 502
            sel.settle(&key, ended)?;
        }
    }
}
