//! A selectors server whose operator types the replies: callbacks deal with many clients at once, but all of
//! them wait while the operator thinks.
//! While its output is full and unread it stands still, as the listing does; not with `--quiet`.
//!
//! Mirrors note 000, lines 109-139.
//!
//! Try: `nc 127.0.0.1 8801` and type a line; it appears at the server, and what you type there at `>>` comes
//! back, without its newline.
//!
//! Differs from the listing:
//! - 112: SO_REUSEADDR is set, as a restart could not bind while old connections are in TIME_WAIT.
//! - 113: the listener does not block; the listing would wait in accept for a client that is gone again.
//! - 118: a client that is gone before it is accepted costs only itself, and accepted sockets do not block;
//!   the listing dies, or waits for one client only.
//! - 121: a socket that the selector cannot take is closed; the listing dies.
//! - 124: an empty read is the end; the listing asks the operator to answer it.
//! - 125: what is not UTF-8 is shown as it can be; the listing drops the client, even for a character of
//!   which only a part has come.
//! - 126: at the end of the operator's input messages are still shown; the listing drops each client that
//!   says something.
//! - 127: what `send` did not take is kept and sent on EVENT_WRITE, and nothing is read meanwhile; the
//!   listing loses it.
//! - 135: the listener is left out while there is no descriptor for another client.
//!
//! Experiment: two `nc`, and a line in each. The second line appears only after the first one is answered:
//! `input` stops the thread, and with it every client.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::os::fd::RawFd;
use std::rc::Rc;

use selectors_server::{DefaultSelector, EVENT_READ, EVENT_WRITE, Mask, selector_option}; // 109

use common::{AcceptFailures, Arguments, Keyboard, Socket, say, warn}; // 110

/// What is called when a socket is ready, with the socket and what it is ready for.
type Callback = fn(&mut Globals, &Rc<Socket>, Mask) -> io::Result<()>;

/// What Python's callbacks reach as global variables. A callback is registered with its name, to print it.
struct Globals {
    sel: DefaultSelector<Rc<Socket>, (&'static str, Callback)>,
    unsent: HashMap<RawFd, Vec<u8>>,
    keyboard: Keyboard,
    failures: AcceptFailures,
}

fn main() -> common::Result {
    let about =
        "Lets its operator answer many clients, by callbacks on a selector (note 000:109-139)";
    let args = Arguments::new(env!("CARGO_BIN_NAME"), about, "127.0.0.1:8801")
        .option(selector_option())
        .parse();

    let sock = Rc::new(Socket::new()?); // 111
    sock.set_reuseaddr(true)?;
    sock.bind(args.addr)?; // 112 differs: SO_REUSEADDR is set above
    sock.listen(5)?; // 113 differs: made non-blocking below
    sock.setblocking(false)?;

    let mut globals = Globals {
        sel: DefaultSelector::named(&args.get::<String>("selector"))?, // 115
        unsent: HashMap::new(),
        keyboard: Keyboard::default(),
        failures: AcceptFailures::default(),
    };

    fn accept(globals: &mut Globals, sock: &Rc<Socket>, _mask: Mask) -> io::Result<()> {
        // 117
        let (conn, addr) = match sock.accept() {
            // 118 differs: a client that is already gone is passed over
            Ok(accepted) => accepted,
            Err(error) => {
                globals.failures.survive(error)?;
                if globals.failures.pause().is_some() {
                    globals.sel.unregister(sock)?;
                }
                return Ok(());
            }
        };
        globals.failures.accepted();
        conn.setblocking(false)?;
        say!("accepted {conn} from {addr}"); // 119

        let data: (_, Callback) = ("read", read);
        if let Err(error) = globals.sel.register(Rc::new(conn), EVENT_READ, data) {
            // 121 differs: what cannot be watched is closed
            warn!("{addr} refused: {error}");
        }
        Ok(())
    }

    fn read(globals: &mut Globals, conn: &Rc<Socket>, _mask: Mask) -> io::Result<()> {
        // 122-123
        let data = match conn.recv(1000) {
            // 124 differs: an empty read is the end, too
            Ok(data) if !data.is_empty() => data,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            _ => return close(globals, conn),
        };
        say!("{}", String::from_utf8_lossy(&data)); // 125 differs: whether it is UTF-8 or not
        let Some(data2) = globals.keyboard.input(">>") else {
            // 126 differs: the input may have ended
            return Ok(());
        };
        globals.unsent.insert(conn.fileno(), data2.into_bytes());
        write(globals, conn, EVENT_WRITE) // 127 differs: what does not fit is sent later
    }

    fn close(globals: &mut Globals, conn: &Rc<Socket>) -> io::Result<()> {
        // 128
        globals.unsent.remove(&conn.fileno());
        globals.sel.unregister(conn)?; // 129
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

    globals.sel.register(sock.clone(), EVENT_READ, ("accept", accept))?; // 132
    args.listening(&sock);

    loop {
        // 134
        let pause = globals.failures.pause();
        if pause.is_none() && globals.sel.get_key(&sock).is_err() {
            globals.sel.register(sock.clone(), EVENT_READ, ("accept", accept))?;
        }
        let events = globals.sel.select(pause.map(|pause| pause.as_secs_f64()))?; // 135 differs: without the listener during a pause
        for (key, mask) in events {
            // 136
            let (name, callback) = key.data;
            say!("{name}"); // 137
            say!("{}", key.fileobj); // 138
            callback(&mut globals, &key.fileobj, mask)?; // 139
        }
    }
}
