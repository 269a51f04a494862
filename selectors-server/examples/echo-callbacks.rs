//! A selectors server that shows what the selector returns: callbacks send every byte back; one thread, many
//! clients at once.
//! While its output is full and unread it stands still, as the listing does; not with `--quiet`.
//!
//! Mirrors note 001, lines 125-153.
//!
//! Try: `nc 127.0.0.1 6969`; every line you type comes back, and the server prints the keys of each round.
//!
//! Differs from the listing:
//! - 128: a client that is gone before it is accepted costs only itself, and accepted sockets do not block;
//!   the listing dies, or waits for one client only.
//! - 130: a socket that the selector cannot take is closed; the listing dies.
//! - 133: an empty read is the end; the listing reads empty for ever.
//! - 134: what is not UTF-8 is shown as it can be; the listing drops the client, even for a character of
//!   which only a part has come.
//! - 135: what `send` did not take is kept and sent on EVENT_WRITE, and nothing is read meanwhile; the
//!   listing loses it.
//! - 143: SO_REUSEADDR is set, as a restart could not bind while old connections are in TIME_WAIT.
//! - 144: the listener does not block; the listing would wait in accept for a client that is gone again.
//! - 147: the listener is left out while there is no descriptor for another client.
//!
//! Experiment: stop the server with Ctrl-Z, type a line in each of two `nc`, and wake it up with `fg`: one
//! `events:` line holds both keys.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::os::fd::RawFd;
use std::rc::Rc;

use selectors_server::{DefaultSelector, EVENT_READ, EVENT_WRITE, Mask, selector_option}; // 125

use common::{AcceptFailures, Arguments, DEFAULT_BACKLOG, Socket, say, warn}; // 126

mod show;

/// What is called when a socket is ready, with the socket and what it is ready for.
type Callback = fn(&mut Globals, &Rc<Socket>, Mask) -> io::Result<()>;

/// What Python's callbacks reach as global variables. A callback is registered with its name, to print it.
struct Globals {
    sel: DefaultSelector<Rc<Socket>, (&'static str, Callback)>,
    unsent: HashMap<RawFd, Vec<u8>>,
    failures: AcceptFailures,
}

fn accept(globals: &mut Globals, server: &Rc<Socket>, _mask: Mask) -> io::Result<()> {
    // 127
    let (conn, addr) = match server.accept() {
        // 128 differs: a client that is already gone is passed over
        Ok(accepted) => accepted,
        Err(error) => {
            globals.failures.survive(error)?;
            if globals.failures.pause().is_some() {
                globals.sel.unregister(server)?;
            }
            return Ok(());
        }
    };
    globals.failures.accepted();
    conn.setblocking(false)?;
    say!("client_sock:{conn}\nclient_addr:{addr}"); // 129
    if let Err(error) = globals.sel.register(Rc::new(conn), EVENT_READ, ("read", read)) {
        // 130 differs: what cannot be watched is closed
        warn!("{addr} refused: {error}");
    }
    Ok(())
}

fn read(globals: &mut Globals, conn: &Rc<Socket>, _mask: Mask) -> io::Result<()> {
    // 131-132
    let data = match conn.recv(1024) {
        // 133 differs: an empty read is the end, too
        Ok(data) if !data.is_empty() => data,
        Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
        _ => return close(globals, conn),
    };
    say!("{}", String::from_utf8_lossy(&data)); // 134 differs: whether it is UTF-8 or not
    globals.unsent.insert(conn.fileno(), data);
    write(globals, conn, EVENT_WRITE) // 135 differs: what does not fit is sent later
}

fn close(globals: &mut Globals, conn: &Rc<Socket>) -> io::Result<()> {
    // 136
    say!("close:{conn}"); // 137
    globals.unsent.remove(&conn.fileno());
    // The selector held the socket: it closes when this round lets go of it, too.
    globals.sel.unregister(conn)?; // 138-139
    Ok(())
}

fn write(globals: &mut Globals, conn: &Rc<Socket>, _mask: Mask) -> io::Result<()> {
    let data = globals.unsent.entry(conn.fileno()).or_default();
    match conn.send(data) {
        Ok(sent) => drop(data.drain(..sent)),
        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
        Err(_) => return close(globals, conn),
    }
    if data.is_empty() {
        globals.unsent.remove(&conn.fileno());
        globals.sel.modify(conn, EVENT_READ, ("read", read))?;
    } else {
        globals.sel.modify(conn, EVENT_WRITE, ("write", write))?;
    }
    Ok(())
}

fn main() -> common::Result {
    let about = "Sends every byte back and prints the selector's keys (note 001:125-153)";
    let args = Arguments::new(env!("CARGO_BIN_NAME"), about, "127.0.0.1:6969")
        .option(selector_option())
        .parse();
    let selector: String = args.get("selector");

    let mut globals = Globals {
        sel: DefaultSelector::named(&selector)?, // 140
        unsent: HashMap::new(),
        failures: AcceptFailures::default(),
    };
    say!("sel: {selector}"); // 141
    let server = Rc::new(Socket::new()?); // 142
    server.set_reuseaddr(true)?;
    server.bind(args.addr)?; // 143 differs: SO_REUSEADDR is set above
    server.listen(DEFAULT_BACKLOG)?; // 144 differs: made non-blocking below
    server.setblocking(false)?;
    globals.sel.register(server.clone(), EVENT_READ, ("accept", accept))?; // 145
    args.listening(&server);
    loop {
        // 146
        let pause = globals.failures.pause();
        if pause.is_none() && globals.sel.get_key(&server).is_err() {
            globals.sel.register(server.clone(), EVENT_READ, ("accept", accept))?;
        }
        let events = globals.sel.select(pause.map(|pause| pause.as_secs_f64()))?; // 147 differs: without the listener during a pause
        say!("events: {}", show::events(&events)); // 148
        say!("\n"); // 149
        for (key, mask) in events {
            // 150
            say!("key: <class 'selectors.SelectorKey'> {}", show::key(&key)); // 151
            let (_name, callback) = key.data; // 152
            callback(&mut globals, &key.fileobj, mask)?; // 153
        }
    }
}
