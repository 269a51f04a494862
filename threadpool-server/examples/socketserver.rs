//! Python's `socketserver`: a selector waits for requests, and a thread handles each. A request is
//! a connection, so as many clients are served at once as the system has threads for.
//!
//! Follows note 004, lines 182-183, in words.
//!
//! Try: `nc 127.0.0.1 7004`; every line comes back. With Ctrl-D it ends, and the server prints how
//! many messages there were.
//!
//! Costs: each client needs a thread. A new client costs two calls, poll(2) and accept(2); a
//! blocking accept is one call. As in Python there is no limit for the threads, and so none for
//! their memory.
//!
//! Experiment: start it with `--panic-on bye`, and type `bye` in one of two `nc`. `handle` panics,
//! `finish` still prints its line, and the other `nc` is still served.
#![forbid(unsafe_code)]

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddrV4, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::thread;

use common::{Bytes, DEFAULT_BACKLOG, PanicOn, Socket};
use common::{arguments, say, start_patiently};
use select::{POLLIN, Poll};

/// What is read at once, in bytes.
const BUFFER: usize = 16 * 1024;

/// `BaseRequestHandler`: what is done with one request, in its own thread.
trait RequestHandler {
    /// Comes first. If it fails, nothing else is done.
    fn setup(&mut self) -> io::Result<()>;
    /// Serves the request.
    fn handle(&mut self) -> io::Result<()>;
    /// Comes last, also after an error or a panic of `handle`.
    fn finish(&mut self);
}

/// Python's `try: handle() finally: finish()`: `finish` follows a `handle` that returns, fails or
/// panics.
fn handle_request(handler: &mut impl RequestHandler) -> io::Result<()> {
    handler.setup()?;
    let handled = catch_unwind(AssertUnwindSafe(|| handler.handle()));
    handler.finish();
    handled.unwrap_or_else(|panic| resume_unwind(panic))
}

/// Sends back what the client sends, and counts its messages.
struct Echo {
    request: Arc<TcpStream>,
    client_address: SocketAddrV4,
    panic_on: Arc<PanicOn>,
    messages: usize,
}

impl RequestHandler for Echo {
    fn setup(&mut self) -> io::Result<()> {
        say!("{}: setup, in a thread of its own", self.client_address);
        // Each part of a reply is sent at once (tcp(7), TCP_NODELAY).
        self.request.set_nodelay(true)
    }

    fn handle(&mut self) -> io::Result<()> {
        let mut request = &*self.request;
        let mut buffer = [0; BUFFER];
        loop {
            let message = match request.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(length) => &buffer[..length],
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.messages += 1;
            say!("{}: {}", self.client_address, Bytes(message));
            self.panic_on.check(message);
            request.write_all(message)?;
        }
    }

    fn finish(&mut self) {
        say!("{}: finish, messages: {}", self.client_address, self.messages);
    }
}

fn main() -> common::Result {
    let about = "Echoes by a selector and a thread per request, as socketserver (note 004:182-183)";
    let args = arguments!("127.0.0.1:7004", about, PanicOn);
    let panic_on = Arc::new(args.options);

    let server = Socket::new()?;
    server.bind(args.addr)?;
    server.listen(DEFAULT_BACKLOG)?;
    // A client that resets between select and accept must not make accept wait.
    server.setblocking(false)?;
    // `serve_forever`
    let mut selector = Poll::new();
    selector.register(server.fileno(), POLLIN);
    loop {
        selector.poll(None)?;
        match server.accept() {
            Ok((request, client_address)) => process_request(request, client_address, &panic_on)?,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// `ThreadingMixIn.process_request`: starts a thread that handles the request.
fn process_request(
    request: Socket,
    client_address: SocketAddrV4,
    panic_on: &Arc<PanicOn>,
) -> io::Result<()> {
    // A thread that cannot be started yet drops its closure. That must not close the connection.
    let request = Arc::new(request.detach()?);
    start_patiently("a thread", || {
        let (request, panic_on) = (Arc::clone(&request), Arc::clone(panic_on));
        let thread = thread::Builder::new().name(client_address.to_string());
        thread.spawn(move || {
            let mut handler = Echo { request, client_address, panic_on, messages: 0 };
            if let Err(error) = handle_request(&mut handler) {
                say!("{client_address}: {error}");
            }
        })
    })?;
    Ok(())
}
