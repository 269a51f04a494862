//! The servers of epoll-server.

use crate::catalog::servers::USUAL;
use crate::catalog::{Journal, Server, Talk};

pub const SERVER: Server = Server {
    name: "epoll-server",
    package: "epoll-server",
    model: "epoll",
    listing: "002:226-355",
    addr: "127.0.0.1:2003",
    backlog: 10,
    journal: Journal::File,
    args: &["--log", "/dev/null"],
    load_args: &["--log", "/dev/null", "--quiet"],
    talk: Talk::Stream(<[u8]>::to_vec),
    ..USUAL
};
