//! A selectors server that answers `Your msg = … ~~~`: one thread serves many clients by callbacks.
//!
//! Mirrors note 003, lines 248-300.
//!
//! Try: `nc 127.0.0.1 9999`; type `hello` and read `Your msg = hello`, then ` ~~~` on the next
//! line. The newline that you typed is part of the message.
//!
//! Differs from the listing:
//! - 276: a socket that the selector cannot take is closed. The Python program crashes.
//! - 281: an empty read or a reset ends this client only. The Python program crashes on both.
//! - 282: the message is built of bytes instead of text, without `decode()`. Bytes that are not
//!   UTF-8 are sent back unchanged. The Python program crashes on them, and on a part of a
//!   character.
//! - 284: what the kernel does not take is sent on EVENT_WRITE, and nothing is read before. The
//!   Python program crashes. The message is bytes instead of text, so nothing calls `encode()`.
//!
//! Experiment: `head -c 3000 /dev/zero | nc -N 127.0.0.1 9999 | grep -ao 'Your msg'` prints three
//! lines. One `recv` takes at most 1,024 bytes, however large the client's message is.
#![forbid(unsafe_code)]

use std::io::Result;

use selectors::{DefaultSelector, EVENT_READ, Events, Mask, Selector}; // 248
use selectors::{Options, callback}; // 248

// The listing uses neither `threading` nor `time`.
use common::{DEFAULT_BACKLOG, Socket, arguments, decode, say}; // 249, 250, 251

use log::{LevelFilter, info}; // 252

use common::logging::{basic_config, unless_quiet}; // 252

#[rustfmt::skip]
fn main() -> common::Result {
    let about = "Answers `Your msg = ... ~~~`, by selectors and callbacks (note 003:248-300)";
    let args = arguments!("127.0.0.1:9999", about, Options);

    const FORMAT: &str = "%(asctime)s %(threadName)s %(thread)d %(message)s";      // 254
    basic_config(FORMAT, unless_quiet(LevelFilter::Info, args.quiet))?;            // 255

    let mut selector = DefaultSelector::named(&args.options.selector)?;            // 258

    let sock = Socket::new()?;                                                     // 260
    sock.bind(args.addr)?;                                                         // 261
    sock.listen(DEFAULT_BACKLOG)?;                                                 // 262
    info!("{sock}");                                                               // 263

    sock.setblocking(false)?;                                                      // 265

    fn accept(selector: &mut Selector, sock: &Socket, _mask: Mask) -> Result<()> { // 269
        let (conn, _raddr) = sock.accept()?;                                       // 271
        conn.setblocking(false)?;                                                  // 272

        info!("new client socket {conn} in accept.");                              // 274

        if let Some(key) = selector.register_or_refuse(&conn, callback!(read)) {   // 276 differs
            info!("{key}");                                                        // 277
        }
        Ok(())
    }

    fn read(_selector: &mut Selector, conn: &Socket, _mask: Mask) -> Result<()> {  // 280
        let data = conn.recv(1024)?;                                               // 281 differs
        if data.is_empty() {
            return conn.close_at_end();                                            // 281 differs
        }
        let msg = [b"Your msg = ", &data[..], b" ~~~"].concat();                   // 282 differs
        info!("{}", decode(&msg));                                                 // 283
        conn.write(&msg)                                                           // 284 differs
    }

    let key = selector.register(sock, EVENT_READ, callback!(accept))?;             // 288
    info!("{key}");                                                                // 289

    loop {                                                                         // 292
        let events = selector.select(None)?;                                       // 294
        say!("{}", Events(&events));                                               // 295

        for (key, mask) in events {                                                // 297
            if key.fileobj.has_unsent() {
                selector.settle(&key, key.fileobj.flush())?;
                continue;
            }
            let callback = key.data;                                               // 299
            let ended = (callback.function)(&mut selector, &key.fileobj, mask);    // 300
            selector.settle(&key, ended)?;
        }
    }
}
