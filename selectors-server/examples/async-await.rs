//! An asynchronous server: each client has a task that looks like a thread with blocking calls. An
//! executor runs all tasks on one thread. Many clients are served at once, up to `ulimit -n` and,
//! for each user, `max_user_watches` (epoll(7)).
//!
//! Follows note 000, line 2, in words.
//!
//! Try: `nc 127.0.0.1 8889`; every line you type comes back.
//!
//! Costs: a waiting task keeps 16 KiB to receive into and some hundred bytes, but no stack. A
//! message costs two system calls, as with epoll by hand, and one wait is for many clients. In
//! return every function that waits must be `async`, up to `main`. A task that computes for long
//! stops all the others.
//!
//! Experiment: start it with `--pause 3000 --panic-on bye`, and type a line in each of two `nc`
//! within a second. Each answer comes after three seconds: the second one does not wait for the
//! first. Then type `bye` in one `nc`: its task panics, which closes its connection. The other one
//! is still served.
#![forbid(unsafe_code)]

use std::io;
use std::net::SocketAddrV4;
use std::rc::Rc;
use std::time::Duration;

use common::clap::{self, Args};
use common::{Bytes, DEFAULT_BACKLOG, PanicOn, Socket, arguments, say, warn, whole_number};
use selectors::executor::{run, sleep, spawn};
use selectors::stream::{Connection, Listener};

/// The most that one `recv` takes.
const BUFFER_SIZE: usize = 16 * 1024;

#[derive(Args)]
struct Options {
    #[command(flatten)]
    panic_on: PanicOn,
    /// Wait for so many milliseconds before each answer
    #[arg(long, value_name = "MS", value_parser = whole_number::<u64>(0..=u32::MAX.into()))]
    pause: Option<u64>,
}

fn main() -> common::Result {
    let about = "Sends every byte back, by async and await (note 000:2)";
    let args = arguments!("127.0.0.1:8889", about, Options);
    let server = Socket::new()?;
    server.bind(args.addr)?;
    let server = common::Listener::new(server)?;
    server.listen(DEFAULT_BACKLOG)?;
    Ok(run(accept_all(server, args.options))??)
}

async fn accept_all(server: common::Listener, options: Options) -> io::Result<()> {
    let server = Listener::new(server)?;
    let options = Rc::new(options);
    loop {
        let client = server.accept().await?;
        let (addr, options) = (client.peer(), options.clone());
        match Connection::new(client) {
            Ok(conn) => spawn(async move {
                match serve(conn, addr, &options).await {
                    Ok(()) => say!("{addr} has left"),
                    Err(error) => say!("{addr}: {error}"),
                }
            }),
            Err(error) => warn!("{addr} refused: {error}"),
        }
    }
}

/// Serves one client to its end. While it waits, others are served.
async fn serve(conn: Connection, addr: SocketAddrV4, options: &Options) -> io::Result<()> {
    say!("{addr} has come");
    let mut buffer = vec![0; BUFFER_SIZE];
    loop {
        let data = conn.recv(&mut buffer).await?;
        if data.is_empty() {
            return Ok(());
        }
        say!("{addr}: {}", Bytes(data));
        options.panic_on.check(data);
        if let Some(pause) = options.pause {
            sleep(Duration::from_millis(pause)).await;
        }
        conn.sendall(data).await?;
    }
}
