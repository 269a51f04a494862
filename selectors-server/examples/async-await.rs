//! An asynchronous server: each client has a task that reads like a thread with blocking calls, and
//! an executor runs them all on one thread; many clients at once, up to `ulimit -n` and, for each
//! user, `max_user_watches` (epoll(7)).
//! While its output is full and unread it stands still; not with `--quiet`.
//!
//! Follows note 000, line 2, in words.
//!
//! Try: `nc 127.0.0.1 8889`; every line you type comes back.
//!
//! Costs: what a client's task knows while it waits (16 KiB to receive into, and some hundred
//! bytes), and no stack; two system calls for each message, as with epoll by hand, and one wait for
//! many clients. In return whatever waits has to be `async`, up to `main`, and a task that computes
//! for long stops all the others.
//!
//! Experiment: start it with `--pause 3000 --panic-on bye`, and type a line in each of two `nc`
//! within a second: each answer comes after three seconds, and the second one does not wait for the
//! first. Then type `bye` in one: its task panics, which closes its connection; the other
//! one is served on.
#![forbid(unsafe_code)]

use std::io;
use std::net::SocketAddrV4;
use std::time::Duration;

use common::clap::Arg;
use common::{Bytes, DEFAULT_BACKLOG, Socket, arguments, chosen, say, warn};
use common::{panic_on, panic_option, whole_number};
use selectors::executor::{run, sleep, spawn};
use selectors::stream::{Connection, Listener};

/// The most that one `recv` takes.
const BUFFER_SIZE: usize = 16 * 1024;

fn main() -> common::Result {
    let about = "Sends every byte back, by async and await (note 000:2)";
    let args = arguments!("127.0.0.1:8889", about, panic_option(), pause_option());
    let server = Socket::new()?;
    server.bind(args.addr)?;
    server.listen(DEFAULT_BACKLOG)?;
    Ok(run(accept_all(server))??)
}

async fn accept_all(server: Socket) -> io::Result<()> {
    let server = Listener::new(server)?;
    loop {
        let (conn, addr) = server.accept().await?;
        match Connection::new(conn) {
            Ok(conn) => spawn(async move {
                match serve(conn, addr).await {
                    Ok(()) => say!("{addr} has left"),
                    Err(error) => say!("{addr}: {error}"),
                }
            }),
            Err(error) => warn!("{addr} refused: {error}"),
        }
    }
}

/// Serves one client from its first word to its last; while it waits, others are served.
async fn serve(conn: Connection, addr: SocketAddrV4) -> io::Result<()> {
    say!("{addr} has come");
    let pause: Option<u64> = chosen("pause");
    let mut buffer = vec![0; BUFFER_SIZE];
    loop {
        let data = conn.recv(&mut buffer).await?;
        if data.is_empty() {
            return Ok(());
        }
        say!("{addr}: {}", Bytes(data));
        panic_on(data);
        if let Some(pause) = pause {
            sleep(Duration::from_millis(pause)).await;
        }
        conn.sendall(data).await?;
    }
}

fn pause_option() -> Arg {
    Arg::new("pause")
        .long("pause")
        .value_name("MS")
        .value_parser(whole_number::<u64>(0..=u32::MAX.into()))
        .help("Wait for so many milliseconds before each answer")
}
