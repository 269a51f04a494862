//! The servers of nonblocking-server.

use std::net::SocketAddr;

use crate::catalog::servers::{MODEL, USUAL};
use crate::catalog::{NoteClient, Readiness, Server, Talk, Target};

pub const SERVER: Server = Server {
    name: "nonblocking-server",
    package: "nonblocking-server",
    model: "non-blocking",
    listing: "004:80-104",
    addr: "127.0.0.1:8080",
    shows: &["{bytes}", "raddr={client}>: closed by the client"],
    talk: Talk::Greeting(hello),
    note_client: Some(NoteClient {
        name: "nonblocking-client",
        prints: "b'hello'",
        says: "b'heiheihei'",
    }),
    polls: true,
    readiness: Readiness::AsksAgain,
    ..USUAL
};

pub const INTERVAL: Server = Server {
    name: "interval",
    listing: "000:27-44",
    addr: "127.0.0.1:6667",
    backlog: 5,
    shows: &["waiting client connection .......", "+++ {client}", "{text}"],
    talk: Talk::Once(""),
    note_client: Some(NoteClient {
        name: "interval-client",
        prints: "the server closed the connection",
        says: "hello",
    }),
    ..EXAMPLE
};

pub const GREET_ONCE: Server = Server {
    name: "greet-once",
    listing: "001:30-45",
    addr: "127.0.0.1:6969",
    shows: &["等待用户链接", "from client {text}"],
    talk: Talk::Once("you have connected to server"),
    note_client: Some(NoteClient {
        name: "greet-once-client",
        prints: "you have connected to server",
        says: "hellow",
    }),
    ..EXAMPLE
};

pub const SIGNAL_DRIVEN: Server = Server {
    name: "signal-driven",
    package: "nonblocking-server",
    model: "signal-driven",
    listing: "003:93-98",
    addr: "127.0.0.1:8081",
    trusts_short_reads: true,
    accepts_in_a_row: true,
    readiness: Readiness::Signals,
    ..MODEL
};

pub const BUSY_POLLING: Server = Server {
    name: "busy-polling",
    package: "nonblocking-server",
    model: "non-blocking",
    listing: "000:25-26",
    addr: "127.0.0.1:8082",
    trusts_short_reads: true,
    accepts_in_a_row: true,
    polls: true,
    readiness: Readiness::AsksAgain,
    ..MODEL
};

/// What the two examples that pause have in common.
const EXAMPLE: Server = Server {
    package: "nonblocking-server",
    target: Target::Example,
    model: "non-blocking",
    args: &["--interval", "0.02"],
    load_args: &["--interval", "0.0002"],
    shows_reset: Some("Connection reset by peer"),
    readiness: Readiness::AsksAgain,
    ..USUAL
};

fn hello(_addr: SocketAddr) -> String {
    "hello".to_owned()
}
