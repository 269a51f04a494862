//! The servers of threadpool-server.

use crate::catalog::servers::{MODEL, USUAL};
use crate::catalog::{Concurrency, Server, Talk};

pub const SERVER: Server = Server {
    name: "threadpool-server",
    package: "threadpool-server",
    model: "thread pool",
    listing: "004:7-25",
    addr: "127.0.0.1:7000",
    args: &["--workers", "4", "--pause", "5"],
    load_args: &["--workers", "4", "--pause", "0", "--quiet"],
    shows: &["worker-*: {client} is served", "worker-*: {text}", "worker-*: {client} is done"],
    shows_reset: Some("worker-*: {client}: Connection reset by peer"),
    talk: Talk::Lines,
    concurrency: Concurrency::Pool(4),
    ..USUAL
};

pub const SOCKETSERVER: Server = Server {
    name: "socketserver",
    package: "threadpool-server",
    model: "socketserver",
    listing: "004:182-183",
    addr: "127.0.0.1:7004",
    backlog: 128,
    shows: &["{client}: setup", "{client}: {bytes}", "{client}: finish, messages: 1"],
    concurrency: Concurrency::Threads,
    can_panic: true,
    has_finish: true,
    ..MODEL
};
