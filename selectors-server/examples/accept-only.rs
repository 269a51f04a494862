//! A selectors server that only accepts: the callback of the listener takes one client after the other, and
//! none stays.
//! While its output is full and unread it stands still, as the listing does; not with `--quiet`.
//!
//! Mirrors note 003, lines 200-242.
//!
//! Try: `nc 127.0.0.1 9999`; it ends at once. `accept` returns, nothing holds `conn` any longer, and that
//! closes it, in CPython and in Rust.
//!
//! Differs from the listing:
//! - 213: SO_REUSEADDR is set, as a restart could not bind while old connections are in TIME_WAIT.
//! - 223: a client that is gone before it is accepted costs only itself; the listing dies.
//! - 236: the listener is left out while there is no descriptor for another client.
//!
//! Experiment: `strace -e trace=accept4,close -p $(pgrep accept-only)` and an `nc`: one accept4, one close.
#![forbid(unsafe_code)]

use std::io;
use std::rc::Rc;

use selectors_server::{DefaultSelector, EVENT_READ, Mask, selector_option}; // 200

// `threading` and `time` are imported, but not used.
use common::{AcceptFailures, Arguments, DEFAULT_BACKLOG, Socket, say}; // 201-203

use log::{LevelFilter, info}; // 204

mod logging;
mod show;

/// What is called when a socket is ready, with the socket and what it is ready for.
type Callback = fn(&mut Globals, &Rc<Socket>, Mask) -> io::Result<()>;

/// What Python's callbacks reach as global variables. A callback is registered with its name, to print it.
struct Globals {
    selector: DefaultSelector<Rc<Socket>, (&'static str, Callback)>,
    failures: AcceptFailures,
}

fn main() -> common::Result {
    let about = "Accepts clients and drops them, by a callback on a selector (note 003:200-242)";
    let args = Arguments::new(env!("CARGO_BIN_NAME"), about, "127.0.0.1:9999")
        .option(selector_option())
        .parse();
    let level = if args.quiet { LevelFilter::Warn } else { LevelFilter::Info };

    const FORMAT: &str = "%(asctime)s %(threadName)s %(thread)d %(message)s"; // 206
    logging::basic_config(FORMAT, level)?; // 207

    let mut globals = Globals {
        selector: DefaultSelector::named(&args.get::<String>("selector"))?, // 210
        failures: AcceptFailures::default(),
    };

    let sock = Rc::new(Socket::new()?); // 212
    sock.set_reuseaddr(true)?;
    sock.bind(args.addr)?; // 213 differs: SO_REUSEADDR is set above
    sock.listen(DEFAULT_BACKLOG)?; // 214
    info!("{sock}"); // 215

    sock.setblocking(false)?; // 217

    fn accept(globals: &mut Globals, sock: &Rc<Socket>, _mask: Mask) -> io::Result<()> {
        // 221
        let (conn, _raddr) = match sock.accept() {
            // 223 differs: a client that is already gone is passed over
            Ok(accepted) => accepted,
            Err(error) => {
                globals.failures.survive(error)?;
                if globals.failures.pause().is_some() {
                    globals.selector.unregister(sock)?;
                }
                return Ok(());
            }
        };
        globals.failures.accepted();
        conn.setblocking(false)?; // 224

        info!("new client socket {conn} in accept."); // 226
        Ok(())
    }

    let key = globals.selector.register(sock.clone(), EVENT_READ, ("accept", accept))?; // 230
    info!("{}", show::key(&key)); // 231
    args.listening(&sock);

    loop {
        // 234
        let pause = globals.failures.pause();
        if pause.is_none() && globals.selector.get_key(&sock).is_err() {
            globals.selector.register(sock.clone(), EVENT_READ, ("accept", accept))?;
        }
        let events = globals.selector.select(pause.map(|pause| pause.as_secs_f64()))?; // 236 differs: without the listener during a pause
        say!("{}", show::events(&events)); // 237
        for (key, mask) in events {
            // 239
            let (_name, callback) = key.data; // 241
            callback(&mut globals, &key.fileobj, mask)?; // 242
        }
    }
}
