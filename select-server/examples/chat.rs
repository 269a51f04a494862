//! A select server for a chat of one operator with many clients: one thread asks select(2) which sockets are
//! ready, as many as an `fd_set` holds, and a person answers each client by its address.
//! While its output is full and unread it stands still, as the listing does; not with `--quiet`.
//!
//! Mirrors note 001, lines 93-112.
//!
//! Try: `nc 127.0.0.1 6969` and type a line; it appears at the server, which asks for the answer to your
//! address.
//!
//! Differs from the listing:
//! - 95: SO_REUSEADDR is set, as a restart could not bind while old connections are in TIME_WAIT.
//! - 99: a client that has not taken its reply is waited for to be writable and not read from; the listener
//!   is left out while there is no descriptor for another client.
//! - 105: the listener does not block, and a client that is gone before it is accepted costs only itself; the
//!   listing waits for the next client meanwhile, or dies.
//! - 106: the client does not block, so that one that takes no replies stops nobody; a descriptor that
//!   select(2) cannot hold is refused, where the listing dies in the next select.
//! - 109: an empty read or a reset removes the client, and bytes that are not UTF-8 are shown as U+FFFD; the
//!   listing asks for an answer to the end, for ever, and dies of the others.
//! - 111: the address is that of the client who is answered; the listing shows the one that connected last.
//!   After the end of the input nobody is asked, and clients get no answer.
//! - 112: what the kernel did not take is sent when the client is writable; the listing waits for one client.
//!
//! Experiment: open two `nc` and type a line in the first one: the prompt names the first one's address,
//! though the second one connected last.
#![forbid(unsafe_code)]

use select_server::{FD_SETSIZE, select};

use common::{AcceptFailures, Arguments, Keyboard, Socket, say, warn}; // 93

use std::io::ErrorKind;
use std::rc::Rc;

#[path = "shared/list.rs"]
mod list;
#[path = "shared/unsent.rs"]
mod unsent;

use list::List;
use unsent::Unsent;

fn main() -> common::Result {
    let about = "Lets an operator answer many clients, by select(2) (note 001:93-112)";
    let args = Arguments::new(env!("CARGO_BIN_NAME"), about, "127.0.0.1:6969").parse();
    let mut failures = AcceptFailures::default();
    let mut keyboard = Keyboard::default();
    let mut unsent = Unsent::default();

    let server = Rc::new(Socket::new()?); // 94
    server.set_reuseaddr(true)?;
    server.bind(args.addr)?; // 95 differs: SO_REUSEADDR is set above
    server.listen(5)?; // 96
    server.setblocking(false)?;
    args.listening(&server);
    let mut inp = vec![server.clone()]; // 97
    loop {
        // 98
        let pause = failures.pause();
        let (owed, mut watched): (Vec<_>, Vec<_>) =
            inp.iter().cloned().partition(|obj| unsent.is_owed(obj));
        watched.retain(|obj| *obj != server || pause.is_none());
        let (r, w, _e) = select(&watched, &owed, &[], pause)?; // 99 differs: not all of `inp`
        for obj in &r {
            // 100
            if *obj == server {
                // 101
                say!("r: {}", List(&r)); // 102
                say!("{}", r.len()); // 103
                say!("{obj}"); // 104
                let (conn, addr) = match obj.accept() {
                    // 105 differs: does not block, and a client that is already gone is passed over
                    Ok(accepted) => accepted,
                    Err(error) => {
                        failures.survive(error)?;
                        continue;
                    }
                };
                failures.accepted();
                if conn.fileno() as usize >= FD_SETSIZE {
                    warn!("{addr} refused: select(2) holds only descriptors below {FD_SETSIZE}");
                    continue;
                }
                conn.setblocking(false)?;
                inp.push(Rc::new(conn)); // 106 differs: non-blocking, and only what fits into an fd_set
            } else {
                // 107
                say!("obj: {obj}"); // 108
                let data = match obj.recv(1024) {
                    // 109 differs: an empty read or a reset is the end
                    Ok(data) => data,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                    Err(_) => Vec::new(),
                };
                if data.is_empty() {
                    say!("closed: {obj}");
                    inp.retain(|other| other != obj);
                    continue;
                }
                say!(">>: {}", String::from_utf8_lossy(&data)); // 110
                let prompt = format!("answer {}:", obj.getpeername());
                let Some(data) = keyboard.input(&prompt) else {
                    // 111 differs: the right address, and the input may have ended
                    continue;
                };
                if let Err(error) = unsent.send(obj, data.as_bytes()) {
                    // 112 differs: what does not fit is sent later
                    say!("closed: {obj}: {error}");
                    inp.retain(|other| other != obj);
                }
            }
        }
        for obj in &w {
            if let Err(error) = unsent.send(obj, b"") {
                say!("closed: {obj}: {error}");
                inp.retain(|other| other != obj);
            }
        }
    }
}
