//! The servers of blocking-server.

use std::net::SocketAddr;

use crate::catalog::servers::USUAL;
use crate::catalog::{Concurrency, NoteClient, Server, Talk, Target};

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
    model: "thread per connection",
    listing: "004:59",
    addr: "127.0.0.1:7001",
    backlog: 1024,
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
    model: "process per connection",
    listing: "004:59",
    addr: "127.0.0.1:7002",
    backlog: 1024,
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
    model: "pre-forked",
    listing: "004:63-66",
    addr: "127.0.0.1:7003",
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

/// What the models have in common.
const MODEL: Server = Server {
    package: "blocking-server",
    target: Target::Example,
    in_words: true,
    shows_reset: Some("{client}: Connection reset by peer"),
    talk: Talk::Stream(<[u8]>::to_vec),
    ..USUAL
};

fn connected(addr: SocketAddr) -> String {
    format!("{addr} have connected to server")
}
