//! A selectors server that answers what it reads with `Your msg = … ~~~`, by callbacks; one thread, many
//! clients at once.
//! While its output is full and unread it stands still, as the listing does; not with `--quiet`.
//!
//! Mirrors note 003, lines 248-300.
//!
//! Try: `nc 127.0.0.1 9999`; type `hello` and read `Your msg = hello`, then ` ~~~` on the next line, as the
//! newline that you typed is part of the message.
//!
//! Differs from the listing:
//! - 261: SO_REUSEADDR is set, as a restart could not bind while old connections are in TIME_WAIT.
//! - 271: a client that is gone before it is accepted costs only itself; the listing dies.
//! - 276: a socket that the selector cannot take is closed; the listing dies.
//! - 281: an empty read or a reset is the end; the listing answers an empty read until it dies, and dies of a
//!   reset at once.
//! - 282: what is not UTF-8 is answered unchanged; the listing dies, even of a character of which only a part
//!   has come.
//! - 284: what `send` did not take is kept and sent on EVENT_WRITE, and nothing is read meanwhile; the
//!   listing loses it.
//! - 294: the listener is left out while there is no descriptor for another client.
//!
//! Experiment: `head -c 3000 /dev/zero | nc -N 127.0.0.1 9999 | grep -ao 'Your msg'` prints three lines: one
//! `recv` takes at most 1,024 bytes, whatever the client takes for a message.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::os::fd::RawFd;
use std::rc::Rc;

use selectors_server::{DefaultSelector, EVENT_READ, EVENT_WRITE, Mask, selector_option}; // 248

// `threading` and `time` are imported, but not used.
use common::{AcceptFailures, Arguments, DEFAULT_BACKLOG, Socket, say, warn}; // 249-251

use log::{LevelFilter, info}; // 252

mod logging;
mod show;

/// What is called when a socket is ready, with the socket and what it is ready for.
type Callback = fn(&mut Globals, &Rc<Socket>, Mask) -> io::Result<()>;

/// What Python's callbacks reach as global variables. A callback is registered with its name, to print it.
struct Globals {
    selector: DefaultSelector<Rc<Socket>, (&'static str, Callback)>,
    unsent: HashMap<RawFd, Vec<u8>>,
    failures: AcceptFailures,
}

fn main() -> common::Result {
    let about = "Answers `Your msg = ... ~~~`, by callbacks on a selector (note 003:248-300)";
    let args = Arguments::new(env!("CARGO_BIN_NAME"), about, "127.0.0.1:9999")
        .option(selector_option())
        .parse();
    let level = if args.quiet { LevelFilter::Warn } else { LevelFilter::Info };

    const FORMAT: &str = "%(asctime)s %(threadName)s %(thread)d %(message)s"; // 254
    logging::basic_config(FORMAT, level)?; // 255

    let mut globals = Globals {
        selector: DefaultSelector::named(&args.get::<String>("selector"))?, // 258
        unsent: HashMap::new(),
        failures: AcceptFailures::default(),
    };

    let sock = Rc::new(Socket::new()?); // 260
    sock.set_reuseaddr(true)?;
    sock.bind(args.addr)?; // 261 differs: SO_REUSEADDR is set above
    sock.listen(DEFAULT_BACKLOG)?; // 262
    info!("{sock}"); // 263

    sock.setblocking(false)?; // 265

    fn accept(globals: &mut Globals, sock: &Rc<Socket>, _mask: Mask) -> io::Result<()> {
        // 269
        let (conn, raddr) = match sock.accept() {
            // 271 differs: a client that is already gone is passed over
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
        conn.setblocking(false)?; // 272

        info!("new client socket {conn} in accept."); // 274

        let data: (_, Callback) = ("read", read);
        match globals.selector.register(Rc::new(conn), EVENT_READ, data) {
            // 276 differs: what cannot be watched is closed
            Ok(key) => info!("{}", show::key(&key)), // 277
            Err(error) => warn!("{raddr} refused: {error}"),
        }
        Ok(())
    }

    fn read(globals: &mut Globals, conn: &Rc<Socket>, _mask: Mask) -> io::Result<()> {
        // 280
        let data = match conn.recv(1024) {
            // 281 differs: an empty read or a reset is the end
            Ok(data) if !data.is_empty() => data,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            _ => return close(globals, conn),
        };
        let msg = [b"Your msg = ", &data[..], b" ~~~"].concat(); // 282 differs: bytes, as they came
        info!("{}", String::from_utf8_lossy(&msg)); // 283
        globals.unsent.insert(conn.fileno(), msg);
        write(globals, conn, EVENT_WRITE) // 284 differs: what does not fit is sent later
    }

    fn write(globals: &mut Globals, conn: &Rc<Socket>, _mask: Mask) -> io::Result<()> {
        let msg = globals.unsent.entry(conn.fileno()).or_default();
        match conn.send(msg) {
            Ok(sent) => drop(msg.drain(..sent)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return close(globals, conn),
        }
        if msg.is_empty() {
            globals.unsent.remove(&conn.fileno());
            globals.selector.modify(conn, EVENT_READ, ("read", read))?;
        } else {
            let data: (_, Callback) = ("write", write);
            globals.selector.modify(conn, EVENT_WRITE, data)?;
        }
        Ok(())
    }

    fn close(globals: &mut Globals, conn: &Rc<Socket>) -> io::Result<()> {
        globals.unsent.remove(&conn.fileno());
        globals.selector.unregister(conn)?;
        Ok(())
    }

    let key = globals.selector.register(sock.clone(), EVENT_READ, ("accept", accept))?; // 288
    info!("{}", show::key(&key)); // 289
    args.listening(&sock);

    loop {
        // 292
        let pause = globals.failures.pause();
        if pause.is_none() && globals.selector.get_key(&sock).is_err() {
            globals.selector.register(sock.clone(), EVENT_READ, ("accept", accept))?;
        }
        let events = globals.selector.select(pause.map(|pause| pause.as_secs_f64()))?; // 294 differs: without the listener during a pause
        say!("{}", show::events(&events)); // 295
        for (key, mask) in events {
            // 297
            let (_name, callback) = key.data; // 299
            callback(&mut globals, &key.fileobj, mask)?; // 300
        }
    }
}
