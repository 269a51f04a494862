//! A pre-forked pool of processes: they are started before any client comes, and all block in
//! accept(2) on one listener. The kernel gives each client to one process, which serves it to its
//! end. So as many clients are served at once as there are workers (`--workers`).
//!
//! Follows note 004, lines 63-66, in words.
//!
//! Try: `nc 127.0.0.1 7003`; every line comes back, and the server prints it with the number of the
//! worker's process. A second `nc` at the same time is served by another worker.
//!
//! Costs: a new client costs nothing, because nothing is started for it. But an idle client holds a
//! worker. When all workers are held, further clients wait, even if there is nothing to do. So the
//! pool must have as many workers as clients are expected.
//!
//! Experiment: start it with `--workers 1`, and type a line in each of two `nc`: the second one
//! gets nothing back. Then `kill -9` the number that the server prints. The first connection ends,
//! another worker starts, and the second `nc` gets its answer.
#![forbid(unsafe_code)]

use std::io;
use std::process;
use std::thread;
use std::time::{Duration, Instant};

use blocking::{Fork, echo, fork, leave_children_to_wait, wait};
use common::clap::{self, Args};
use common::{Bytes, DEFAULT_BACKLOG, Socket, arguments, say, warn, whole_number};

/// The least time between two replacements of workers. Without it, something that kills every
/// worker would keep the system busy with forks.
const BETWEEN_REPLACEMENTS: Duration = Duration::from_secs(1);

/// The exit status of a worker that can accept no more clients; Rust's own are 1 and 101.
const CANNOT_ACCEPT: i32 = 3;

#[derive(Args)]
struct Options {
    /// Processes in the pool, and clients that are served at once
    #[arg(long, value_name = "N", default_value = "8")]
    #[arg(value_parser = whole_number::<u16>(1..=1024))]
    workers: u16,
}

fn main() -> common::Result {
    let about = "Echoes by a pre-forked pool of processes (note 004:63-66)";
    let args = arguments!("127.0.0.1:7003", about, Options);
    leave_children_to_wait()?;

    let server = Socket::new()?;
    server.bind(args.addr)?;
    server.listen(DEFAULT_BACKLOG)?;
    for _ in 0..args.options.workers {
        start_worker(&server)?;
    }

    // This process serves no client: it waits for workers that end.
    let mut replaced: Option<Instant> = None;
    loop {
        let (worker, status) = wait()?;
        if status.code() == Some(CANNOT_ACCEPT) {
            // The listener is the same, so it returns the same error here.
            server.accept()?;
        }
        warn!("worker {worker} has ended ({status}); another one takes its place");
        if let Some(replaced) = replaced {
            thread::sleep(BETWEEN_REPLACEMENTS.saturating_sub(replaced.elapsed()));
        }
        replaced = Some(Instant::now());
        start_worker(&server)?;
    }
}

/// Starts a process that accepts and serves one client after the other, until it is killed.
fn start_worker(server: &Socket) -> io::Result<()> {
    if fork()? == Fork::Child {
        let me = process::id();
        say!("worker {me} waits for a client");
        while let Ok((conn, addr)) = server.accept() {
            let conn = conn.detach()?;
            say!("worker {me}: {addr} is served");
            match echo(&conn, |message| say!("worker {me}: {addr}: {}", Bytes(message))) {
                Ok(()) => say!("worker {me}: {addr} is done"),
                Err(error) => say!("worker {me}: {addr}: {error}"),
            }
        }
        process::exit(CANNOT_ACCEPT);
    }
    Ok(())
}
