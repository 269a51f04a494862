//! The servers of threadpool-server.

use crate::catalog::servers::USUAL;
use crate::catalog::{Concurrency, Server, Talk};

pub const SERVER: Server = Server {
    name: "threadpool-server",
    package: "threadpool-server",
    model: "thread pool",
    listing: "004:7-25",
    addr: "127.0.0.1:7000",
    args: &["--workers", "4", "--pause", "5"],
    load_args: &["--workers", "4", "--pause", "0", "--quiet"],
    talk: Talk::Lines,
    concurrency: Concurrency::Pool(4),
    ..USUAL
};
