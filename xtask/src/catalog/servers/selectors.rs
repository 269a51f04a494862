//! The servers of selectors-server.

use crate::catalog::servers::{ANSWER, USUAL};
use crate::catalog::{Journal, Server, Talk, Target};

pub const SERVER: Server = Server {
    name: "selectors-server",
    package: "selectors-server",
    model: "selectors",
    listing: "002:367-528",
    addr: "127.0.0.1:9999",
    backlog: 1000,
    talk: Talk::Stream(<[u8]>::to_vec),
    selectors: &["epoll", "poll", "select"],
    ..USUAL
};

pub const OPERATOR_CALLBACKS: Server = Server {
    name: "operator-callbacks",
    package: "selectors-server",
    target: Target::Example,
    model: "selectors",
    listing: "000:109-139",
    addr: "127.0.0.1:8801",
    backlog: 5,
    operator: Some(ANSWER),
    talk: Talk::Reads(ANSWER),
    selectors: &["epoll", "poll", "select"],
    ..USUAL
};

pub const ECHO_CALLBACKS: Server = Server {
    name: "echo-callbacks",
    package: "selectors-server",
    target: Target::Example,
    model: "selectors",
    listing: "001:125-153",
    addr: "127.0.0.1:6969",
    talk: Talk::Stream(<[u8]>::to_vec),
    selectors: &["epoll", "poll", "select"],
    ..USUAL
};

pub const ACCEPT_ONLY: Server = Server {
    name: "accept-only",
    package: "selectors-server",
    target: Target::Example,
    model: "selectors",
    listing: "003:200-242",
    addr: "127.0.0.1:9999",
    journal: Journal::Stderr,
    load_args: &[],
    talk: Talk::Accepts,
    selectors: &["epoll", "poll", "select"],
    ..USUAL
};

pub const YOUR_MSG: Server = Server {
    name: "your-msg",
    package: "selectors-server",
    target: Target::Example,
    model: "selectors",
    listing: "003:248-300",
    addr: "127.0.0.1:9999",
    journal: Journal::Stderr,
    talk: Talk::Wrapped("Your msg = ", " ~~~"),
    selectors: &["epoll", "poll", "select"],
    ..USUAL
};
