//! A pre-forked pool of processes, there before any client comes: all of them block in accept(2) on
//! the one listener, the kernel gives each client to one of them, and that serves it to its end; so
//! as many clients at once as there are workers (`--workers`).
//!
//! Follows note 004, lines 63-66, in words.
//!
//! Try: `nc 127.0.0.1 7003`; every line comes back, and the server prints it with the number of the
//! worker's process. A second `nc` beside it is served by another worker.
//!
//! Costs: nothing when a client comes, because nothing is started then; but a client that is idle
//! holds a worker, and whoever comes when all have one waits, however little there is to do. A pool
//! has to be as large as the crowd that it expects.
//!
//! Experiment: start it with `--workers 1`, and two `nc` with a line typed in each: the second one
//! gets nothing back. Then `kill -9` the number that the server prints: the first one's connection
//! ends, another worker begins, and the second one gets its answer.
#![forbid(unsafe_code)]

use std::io;
use std::process;
use std::thread;
use std::time::{Duration, Instant};

use blocking::{Fork, echo, fork, leave_children_to_wait, wait};
use common::clap::Arg;
use common::{Bytes, DEFAULT_BACKLOG, Socket, arguments, chosen, say, warn, whole_number};

/// From one replacement of a worker to the next, at least: what kills them all must not keep the
/// system busy with forks.
const BETWEEN_REPLACEMENTS: Duration = Duration::from_secs(1);

/// The status of a worker that can accept nobody any more; Rust's own are 1 and 101.
const CANNOT_ACCEPT: i32 = 3;

fn main() -> common::Result {
    let about = "Echoes by a pre-forked pool of processes (note 004:63-66)";
    let args = arguments!("127.0.0.1:7003", about, workers_option());
    let workers: u16 = chosen("workers").expect("--workers has a default");
    leave_children_to_wait()?;

    let server = Socket::new()?;
    server.bind(args.addr)?;
    server.listen(DEFAULT_BACKLOG)?;
    for _ in 0..workers {
        start_worker(&server)?;
    }

    // This process serves nobody: it waits for those that should not end.
    let mut replaced: Option<Instant> = None;
    loop {
        let (worker, status) = wait()?;
        if status.code() == Some(CANNOT_ACCEPT) {
            // The listener is the same one, and tells this process why.
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

fn workers_option() -> Arg {
    Arg::new("workers")
        .long("workers")
        .value_name("N")
        .default_value("8")
        .value_parser(whole_number::<u16>(1..=1024))
        .help("Processes in the pool, and clients that are served at once")
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
