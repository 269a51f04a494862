//! A selectors server that only accepts: the listener's callback takes one client after another,
//! and keeps none.
//!
//! Mirrors note 003, lines 200-242.
//!
//! Try: `nc -d 127.0.0.1 9999`; it ends at once. `accept` returns, and nothing holds `conn` after
//! that. This closes the connection, in CPython and in Rust.
//!
//! Differs from the listing: nowhere.
//!
//! Experiment: run `strace -e trace=accept4,close target/debug/examples/accept-only`, then an `nc`.
//! There is one accept4 and one close.
#![forbid(unsafe_code)]

use std::io::Result;

use selectors::{DefaultSelector, EVENT_READ, Events, Mask, Selector}; // 200
use selectors::{Options, callback}; // 200

// The listing uses neither `threading` nor `time`.
use common::{DEFAULT_BACKLOG, Socket, arguments, say}; // 201, 202, 203

use log::{LevelFilter, info}; // 204

use common::logging::{basic_config, unless_quiet}; // 204

#[rustfmt::skip]
fn main() -> common::Result {
    let about = "Accepts clients and drops them, by selectors and a callback (note 003:200-242)";
    let args = arguments!("127.0.0.1:9999", about, Options);

    const FORMAT: &str = "%(asctime)s %(threadName)s %(thread)d %(message)s";       // 206
    basic_config(FORMAT, unless_quiet(LevelFilter::Info, args.quiet))?;             // 207

    let mut selector = DefaultSelector::named(&args.options.selector)?;             // 210

    let sock = Socket::new()?;                                                      // 212
    sock.bind(args.addr)?;                                                          // 213
    sock.listen(DEFAULT_BACKLOG)?;                                                  // 214
    info!("{sock}");                                                                // 215

    sock.setblocking(false)?;                                                       // 217

    fn accept(_selector: &mut Selector, sock: &Socket, _mask: Mask) -> Result<()> { // 221
        let (conn, _raddr) = sock.accept()?;                                        // 223
        conn.setblocking(false)?;                                                   // 224

        info!("new client socket {conn} in accept.");                               // 226
        Ok(())
    }

    let key = selector.register(sock, EVENT_READ, callback!(accept))?;              // 230
    info!("{key}");                                                                 // 231

    loop {                                                                          // 234
        let events = selector.select(None)?;                                        // 236
        say!("{}", Events(&events));                                                // 237

        for (key, mask) in events {                                                 // 239
            let callback = key.data;                                                // 241
            let ended = (callback.function)(&mut selector, &key.fileobj, mask);     // 242
            selector.settle(&key, ended)?;
        }
    }
}
