//! A select server with an operator: one thread asks select(2) which sockets are ready, and serves as many
//! clients as an `fd_set` holds, but a person types each reply.
//! While its output is full and unread it stands still, as the listing does; not with `--quiet`.
//!
//! Mirrors note 000, lines 71-98.
//!
//! Try: `nc 127.0.0.1 8801` and type a line; it appears at the server, and so does your reply at the client
//! (both without a newline of their own).
//!
//! Differs from the listing:
//! - 74: SO_REUSEADDR is set, as a restart could not bind while old connections are in TIME_WAIT.
//! - 78: a client that has not taken its reply is waited for to be writable and not read from; the listener
//!   is left out while there is no descriptor for another client.
//! - 81: the listener does not block, and a client that is gone before it is accepted costs only itself; the
//!   listing waits for the next client meanwhile, or dies.
//! - 83: the client does not block, so that one that takes no replies stops nobody; a descriptor that
//!   select(2) cannot hold is refused, where the listing dies in the next select.
//! - 86: an empty read removes the client; the listing asks for a reply to it.
//! - 90: bytes that are not UTF-8 are shown as U+FFFD; the listing drops a client whose character was cut.
//! - 91: after the end of the input nobody is asked, and clients get no reply; the listing drops them.
//! - 92: what the kernel did not take is sent when the client is writable; the listing waits for one client.
//!
//! Experiment: open two `nc`, type a line in each, and wait with the reply. The second line does not appear
//! until the first one is answered: select(2) waits for many sockets, but `input` for one keyboard.
#![forbid(unsafe_code)]

use common::{AcceptFailures, Arguments, Keyboard, Socket, say, warn}; // 71

use select_server::{FD_SETSIZE, select}; // 72

use std::io::{self, ErrorKind};
use std::rc::Rc;

#[path = "shared/list.rs"]
mod list;
#[path = "shared/unsent.rs"]
mod unsent;

use list::List;
use unsent::Unsent;

fn main() -> common::Result {
    let about = "Lets an operator type the reply to each message, by select(2) (note 000:71-98)";
    let args = Arguments::new(env!("CARGO_BIN_NAME"), about, "127.0.0.1:8801").parse();
    let mut failures = AcceptFailures::default();
    let mut keyboard = Keyboard::default();
    let mut unsent = Unsent::default();

    let sk = Rc::new(Socket::new()?); // 73
    sk.set_reuseaddr(true)?;
    sk.bind(args.addr)?; // 74 differs: SO_REUSEADDR is set above
    sk.listen(5)?; // 75
    sk.setblocking(false)?;
    args.listening(&sk);
    let mut inputs = vec![sk.clone()]; // 76
    loop {
        // 77
        let pause = failures.pause();
        let (owed, mut watched): (Vec<_>, Vec<_>) =
            inputs.iter().cloned().partition(|obj| unsent.is_owed(obj));
        watched.retain(|obj| *obj != sk || pause.is_none());
        let (r, w, _e) = select(&watched, &owed, &[], pause)?; // 78 differs: not all of `inputs`
        for obj in &r {
            // 79
            if *obj == sk {
                // 80
                let (conn, addr) = match obj.accept() {
                    // 81 differs: does not block, and a client that is already gone is passed over
                    Ok(accepted) => accepted,
                    Err(error) => {
                        failures.survive(error)?;
                        continue;
                    }
                };
                failures.accepted();
                say!("{conn}"); // 82
                if conn.fileno() as usize >= FD_SETSIZE {
                    warn!("{addr} refused: select(2) holds only descriptors below {FD_SETSIZE}");
                    continue;
                }
                conn.setblocking(false)?;
                inputs.push(Rc::new(conn)); // 83 differs: non-blocking, and only what fits into an fd_set
            } else {
                // 84
                let mut exchange = || {
                    // 85
                    let data = obj.recv(1024)?; // 86 differs: an empty read is the end
                    if data.is_empty() {
                        return Err(io::Error::other("closed by the client"));
                    }
                    say!("{}", String::from_utf8_lossy(&data)); // 90 differs: any bytes are shown
                    let Some(inp) = keyboard.input(">>> :") else {
                        // 91 differs: the input may have ended
                        return Ok(());
                    };
                    unsent.send(obj, inp.as_bytes()) // 92 differs: what does not fit is sent later
                };
                match exchange() {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(error) => {
                        // 93
                        say!("{obj}: {error}");
                        inputs.retain(|other| other != obj); // 94
                    }
                }
            }
        }
        for obj in &w {
            if let Err(error) = unsent.send(obj, b"") {
                say!("{obj}: {error}");
                inputs.retain(|other| other != obj);
            }
        }
        say!("{}", List(&r)); // 95
    }
}
