//! A select server that only accepts: select(2) reports a waiting client, and would report it again and again
//! until somebody accepts it; one client at a time stays connected, and none is read from.
//! While its output is full and unread it stands still, as the listing does; not with `--quiet`.
//!
//! Mirrors note 001, lines 65-82.
//!
//! Try: `nc 127.0.0.1 6969`; the server prints the connection and `hellow`. A second `nc` ends the first one.
//!
//! Differs from the listing:
//! - 68: SO_REUSEADDR is set, as a restart could not bind while old connections are in TIME_WAIT.
//! - 71: the listener is left out while there is no descriptor for another client.
//! - 78: the listener does not block, and a client that is gone before it is accepted costs only itself; the
//!   listing waits for the next client meanwhile, or dies. `--no-accept` leaves it in the backlog (line 92).
//!
//! Experiment: `--no-accept` and one `nc`. Every select reports the same event at once, even after that `nc` is
//! gone: a level-triggered mechanism reports a state for as long as it lasts. Ctrl-C ends it.
#![forbid(unsafe_code)]

use common::{AcceptFailures, Arguments, DEFAULT_BACKLOG, Socket, say}; // 65

use select_server::select; // 66

use std::rc::Rc;
use std::time::Duration;

use common::clap::{Arg, ArgAction};

#[path = "shared/list.rs"]
mod list;

use list::List;

fn main() -> common::Result {
    let about = "Shows what a level-triggered select(2) reports (note 001:65-82)";
    let no_accept = Arg::new("no-accept")
        .long("no-accept")
        .action(ArgAction::SetTrue)
        .help("Accept nobody: a client that connects is reported for ever (note 001:92)");
    let args =
        Arguments::new(env!("CARGO_BIN_NAME"), about, "127.0.0.1:6969").option(no_accept).parse();
    let no_accept: bool = args.get("no-accept");
    let mut failures = AcceptFailures::default();
    let mut conn = None;

    let server = Rc::new(Socket::new()?); // 67
    server.set_reuseaddr(true)?;
    server.bind(args.addr)?; // 68 differs: SO_REUSEADDR is set above
    server.listen(DEFAULT_BACKLOG)?; // 69
    server.setblocking(false)?;
    args.listening(&server);
    let listener = [server];
    loop {
        // 70
        let pause = failures.pause();
        let watched = if pause.is_none() { &listener[..] } else { &[] };
        let timeout = pause.unwrap_or(Duration::from_secs(5));
        let (r, _w, _e) = select(watched, &[], &[], Some(timeout))?; // 71 differs: without it during a pause
        for i in &r {
            // 76
            say!("{}", List(&r)); // 77
            if !no_accept {
                let (accepted, addr) = match i.accept() {
                    // 78 differs: does not block, and a client that is already gone is passed over
                    Ok(accepted) => accepted,
                    Err(error) => {
                        failures.survive(error)?;
                        continue;
                    }
                };
                failures.accepted();
                // As in Python, the socket that had the name `conn` before closes here.
                let conn = conn.insert(accepted);
                say!("{conn}"); // 79
                say!("{addr}"); // 80
            }
            say!("hellow"); // 81
        }
        say!(">>>>>"); // 82
    }
}
