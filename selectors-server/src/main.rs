//! A selectors server: the selector says which socket is ready, and a callback that was registered with the
//! socket deals with it; one thread, many clients at once.
//! While its output is full and unread it stands still, as the listing does; not with `--quiet`.
//!
//! Mirrors note 002, lines 367-528.
//!
//! Try: `nc 127.0.0.1 9999`; every line you type comes back.
//!
//! Differs from the listing:
//! - 371: the default is the loopback interface; the listing opens its port to the network. SO_REUSEADDR is
//!   set, as a restart could not bind while old connections are in TIME_WAIT.
//! - 382, 401: callbacks take two arguments, as line 502 passes two; the listing dies on its first client.
//! - 383: a client that is gone before it is accepted costs only itself; the listing dies.
//! - 397: a socket that the selector cannot take is closed; the listing dies.
//! - 402: a reset reads as the end of the stream; the listing dies of it.
//! - 425: what `send` did not take is kept and sent on EVENT_WRITE, and nothing is read meanwhile; the
//!   listing loses it.
//! - 435: the listener is left out while there is no descriptor for another client.
//!
//! Experiment: `ulimit -n 2000` in both terminals, `--selector select` here, and there, in bash,
//! `for i in {1..1100}; do exec {c}<>/dev/tcp/127.0.0.1/9999; done`: the last clients are refused, as an
//! `fd_set` ends at 1,024; with `--selector poll` or without, all of them are served.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::os::fd::RawFd;
use std::rc::Rc;

use selectors_server::{DefaultSelector, EVENT_READ, EVENT_WRITE, Mask, selector_option}; // 367

use common::{AcceptFailures, Arguments, Bytes, Socket, say, warn}; // 368

/// What is called when a socket is ready, with the socket and what it is ready for.
type Callback = fn(&mut Globals, &Rc<Socket>, Mask) -> io::Result<()>;

/// What Python's callbacks reach as global variables.
struct Globals {
    sel: DefaultSelector<Rc<Socket>, Callback>,
    unsent: HashMap<RawFd, Vec<u8>>,
    failures: AcceptFailures,
}

fn main() -> common::Result {
    let about = "Sends every byte back, by callbacks on a selector (note 002:367-528)";
    let args = Arguments::new(env!("CARGO_BIN_NAME"), about, "127.0.0.1:9999")
        .option(selector_option())
        .parse();

    let sock = Rc::new(Socket::new()?); // 370
    sock.set_reuseaddr(true)?;
    sock.bind(args.addr)?; // 371 differs: the loopback interface unless another is given

    sock.listen(1000)?; // 373

    sock.setblocking(false)?; // 375

    let mut globals = Globals {
        sel: DefaultSelector::named(&args.get::<String>("selector"))?, // 377
        unsent: HashMap::new(),
        failures: AcceptFailures::default(),
    };

    fn accept(globals: &mut Globals, sock: &Rc<Socket>, _mask: Mask) -> io::Result<()> {
        // 382 differs: takes what line 502 passes
        let (conn, addr) = match sock.accept() {
            // 383 differs: a client that is already gone is passed over
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
        say!("accepted: {conn} from: {addr}"); // 384
        conn.setblocking(false)?; // 395

        if let Err(error) = globals.sel.register(Rc::new(conn), EVENT_READ, read) {
            // 397 differs: what cannot be watched is closed
            warn!("{addr} refused: {error}");
        }
        Ok(())
    }

    fn read(globals: &mut Globals, conn: &Rc<Socket>, _mask: Mask) -> io::Result<()> {
        // 401 differs: takes what line 502 passes
        let data = match conn.recv(1024) {
            // 402 differs: a reset reads as the end
            Ok(data) => data,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(_) => Vec::new(),
        };
        if !data.is_empty() {
            // 403
            say!("echoing {} to {conn}", Bytes(&data)); // 412
            globals.unsent.insert(conn.fileno(), data);
            write(globals, conn, EVENT_WRITE) // 425 differs: what does not fit is sent later
        } else {
            // 426
            close(globals, conn)
        }
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
            globals.sel.modify(conn, EVENT_READ, read)?;
        } else {
            globals.sel.modify(conn, EVENT_WRITE, write)?;
        }
        Ok(())
    }

    fn close(globals: &mut Globals, conn: &Rc<Socket>) -> io::Result<()> {
        say!("closing {conn}"); // 427
        globals.unsent.remove(&conn.fileno());
        // The selector held the socket: it closes when this round lets go of it, too.
        globals.sel.unregister(conn)?; // 428-429
        Ok(())
    }

    globals.sel.register(sock.clone(), EVENT_READ, accept)?; // 431
    args.listening(&sock);

    loop {
        // 434
        let pause = globals.failures.pause();
        if pause.is_none() && globals.sel.get_key(&sock).is_err() {
            globals.sel.register(sock.clone(), EVENT_READ, accept)?;
        }
        let events = globals.sel.select(pause.map(|pause| pause.as_secs_f64()))?; // 435 differs: without the listener during a pause

        for (key, mask) in events {
            // 466
            let callback = key.data; // 489

            callback(&mut globals, &key.fileobj, mask)?; // 502
        }
    }
}
