//! A select server that says hello: one thread asks select(2) which sockets are ready, and serves as many
//! clients as an `fd_set` holds (FD_SETSIZE, 1,024 descriptors).
//! While its output is full and unread it stands still, as the listing does; not with `--quiet`.
//!
//! Mirrors note 004, lines 131-154.
//!
//! Try: `nc 127.0.0.1 8888`; it says `hello` after every line you type.
//!
//! Differs from the listing:
//! - 135: SO_REUSEADDR is set, as a restart could not bind while old connections are in TIME_WAIT.
//! - 143: a client that has not taken its `hello` is waited for to be writable and not read from; the listener
//!   is left out while there is no descriptor for another client.
//! - 146: a client that is gone before it is accepted costs only itself; the listing dies.
//! - 147: the client does not block, so that one that takes no `hello` stops nobody; a descriptor that
//!   select(2) cannot hold is refused, where the listing dies in the next select.
//! - 150: an empty read removes the client; the listing says hello to a client that is gone, and dies of it.
//! - 151: what the kernel did not take is sent when the client is writable; the listing waits for one client.
//! - 152: a broken pipe, or any other error, removes the client as a reset does; the listing dies of it.
//!
//! Experiment: `printf 'one\ntwo\n' | nc 127.0.0.1 8888` gets one `hello` for two lines: the server answers
//! what one read returns, and TCP keeps no message apart.
#![forbid(unsafe_code)]

use select_server::{FD_SETSIZE, select}; // 131

use common::{AcceptFailures, Arguments, Bytes, DEFAULT_BACKLOG, Socket, say, warn}; // 132

use std::io::{self, ErrorKind};
use std::rc::Rc;

#[path = "shared/unsent.rs"]
mod unsent;

use unsent::Unsent;

fn main() -> common::Result {
    let about = "Says hello to many clients, by select(2) (note 004:131-154)";
    let args = Arguments::new(env!("CARGO_BIN_NAME"), about, "127.0.0.1:8888").parse();
    let mut failures = AcceptFailures::default();
    let mut unsent = Unsent::default();

    let sk = Rc::new(Socket::new()?); // 134
    sk.set_reuseaddr(true)?;
    sk.bind(args.addr)?; // 135 differs: SO_REUSEADDR is set above
    sk.setblocking(false)?; // 136
    sk.listen(DEFAULT_BACKLOG)?; // 137
    args.listening(&sk);

    let mut r_lst = vec![sk.clone()]; // 139

    loop {
        // 141
        let pause = failures.pause();
        let (owed, mut watched): (Vec<_>, Vec<_>) =
            r_lst.iter().cloned().partition(|item| unsent.is_owed(item));
        watched.retain(|item| *item != sk || pause.is_none());
        let (r_l, w_l, _) = select(&watched, &owed, &[], pause)?; // 143 differs: not all of `r_lst`
        for item in &r_l {
            // 144
            if *item == sk {
                // 145
                let (conn, addr) = match sk.accept() {
                    // 146 differs: a client that is already gone is passed over
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
                r_lst.push(Rc::new(conn)); // 147 differs: non-blocking, and only what fits into an fd_set
            } else {
                // 148
                let mut exchange = || {
                    // 149
                    let data = item.recv(1024)?; // 150 differs: an empty read is the end
                    if data.is_empty() {
                        return Err(io::Error::other("closed by the client"));
                    }
                    say!("{}", Bytes(&data));
                    unsent.send(item, b"hello") // 151 differs: what does not fit is sent later
                };
                match exchange() {
                    Ok(()) => {}
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(error) => {
                        // 152 differs: every error ends this client, not only a reset
                        say!("{item}: {error}");
                        // Nothing but `r_lst` holds the socket: it closes when the round ends.
                        r_lst.retain(|other| other != item); // 153-154
                    }
                }
            }
        }
        for item in &w_l {
            if let Err(error) = unsent.send(item, b"") {
                say!("{item}: {error}");
                r_lst.retain(|other| other != item);
            }
        }
    }
}
