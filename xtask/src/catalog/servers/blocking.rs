//! The servers of blocking-server.

use std::net::SocketAddr;

use crate::catalog::servers::{MODEL, USUAL};
use crate::catalog::{Concurrency, NoteClient, Server, Talk};

pub const SERVER: Server = Server {
    name: "blocking-server",
    package: "blocking-server",
    model: "blocking",
    listing: "001:9-19",
    addr: "127.0.0.1:6969",
    shows: &["等待用户链接", "from client {text}"],
    talk: Talk::Greeting(connected),
    note_client: Some(NoteClient {
        name: "blocking-client",
        prints: "have connected to server",
        says: "hellow",
    }),
    concurrency: Concurrency::One,
    ..USUAL
};

pub const THREAD_PER_CONNECTION: Server = Server {
    name: "thread-per-connection",
    package: "blocking-server",
    model: "thread per connection",
    listing: "004:59",
    addr: "127.0.0.1:7001",
    // More than the default of 1,000, for 2,000 clients at once.
    load_args: &["--quiet", "--threads", "4000"],
    shows: &["{client} has a thread", "{client}: {bytes}", "{client} is done"],
    concurrency: Concurrency::Threads,
    bounds_threads: true,
    can_panic: true,
    ..MODEL
};

pub const PROCESS_PER_CONNECTION: Server = Server {
    name: "process-per-connection",
    package: "blocking-server",
    model: "process per connection",
    listing: "004:59",
    addr: "127.0.0.1:7002",
    shows: &[
        "process *: {client} is served",
        "process *: {client}: {bytes}",
        "process *: {client} is done",
    ],
    concurrency: Concurrency::Processes,
    ..MODEL
};

pub const PRE_FORKED: Server = Server {
    name: "pre-forked",
    package: "blocking-server",
    model: "pre-forked",
    listing: "004:63-66",
    addr: "127.0.0.1:7003",
    backlog: 128,
    args: &["--workers", "4"],
    load_args: &["--workers", "4", "--quiet"],
    shows: &[
        "worker * waits for a client",
        "worker *: {client} is served",
        "worker *: {client}: {bytes}",
        "worker *: {client} is done",
    ],
    concurrency: Concurrency::Pool(4),
    processes: 1 + 4,
    ..MODEL
};

fn connected(addr: SocketAddr) -> String {
    format!("{addr} have connected to server")
}
