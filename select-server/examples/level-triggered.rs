//! A select server that only accepts: select(2) reports a waiting client, and one client at a time
//! stays connected. It reads from no client. select(2) reports a waiting client again and again
//! until the server accepts it.
//!
//! Mirrors note 001, lines 65-82.
//!
//! Try: `nc 127.0.0.1 6969`; the server prints the connection and `hellow`. Start a second `nc`:
//! the server closes the first connection. The first `nc` ends at the next line you type.
//!
//! Differs from the listing: nowhere.
//!
//! Experiment: start the server with `--no-accept`, which leaves lines 78-80 out (note 001:92), and
//! one `nc`. Every select reports the same event at once, even after that `nc` has ended. A
//! level-triggered mechanism reports a state for as long as it lasts. The server pauses after each
//! report, so that you can read it (`--pace`). Ctrl-C ends it.
#![forbid(unsafe_code)]

use common::{DEFAULT_BACKLOG, Socket, arguments, clap, clap::Args, say, whole_number}; // 65

use select::{List, select}; // 66

use std::{slice::from_ref, thread, time::Duration};

#[derive(Args)]
struct Options {
    /// Accept no client: the first one is reported again and again (001:92)
    #[arg(long)]
    no_accept: bool,
    /// Lines a second that --no-accept prints, three for each report
    #[arg(long, value_name = "LINES", default_value = "10")]
    #[arg(value_parser = whole_number::<u32>(1..=u32::MAX.into()))]
    pace: u32,
}

#[rustfmt::skip]
fn main() -> common::Result {
    let about = "Shows what a level-triggered select(2) reports (note 001:65-82)";
    let args = arguments!("127.0.0.1:6969", about, Options);
    let (mut conn, mut addr); // as in Python, a connection lasts until the next one gets its name
    let server = Socket::new()?;                                                              // 67
    server.bind(args.addr)?;                                                                  // 68
    server.listen(DEFAULT_BACKLOG)?;                                                          // 69
    loop {                                                                                    // 70
        let (r, _w, _e) = select(from_ref(&server), &[], &[], Some(Duration::from_secs(5)))?; // 71
        for i in &r {                                                                         // 76
            say!("{}", List(&r));                                                             // 77
            if args.options.no_accept {
                thread::sleep(Duration::from_secs(3) / args.options.pace);
            } else {
                (conn, addr) = i.accept()?;                                                   // 78
                say!("{conn}");                                                               // 79
                say!("{addr}");                                                               // 80
            }
            say!("hellow");                                                                   // 81
        }
        say!(">>>>>");                                                                        // 82
    }
}
