//! The servers of selectors-server.

use crate::catalog::servers::{ANSWER, MODEL, USUAL};
use crate::catalog::{Journal, Readiness, Server, Talk, Target};

pub const SERVER: Server = Server {
    name: "selectors-server",
    package: "selectors-server",
    model: "selectors",
    listing: "002:367-528",
    addr: "127.0.0.1:9999",
    backlog: 1000,
    shows: &[
        "accepted: <socket fd=*, raddr={client}> from: {client}",
        "echoing {bytes}* to <socket fd=*, raddr={client}>",
        "closing <socket fd=*, raddr={client}>",
    ],
    talk: Talk::Stream(<[u8]>::to_vec),
    selectors: &["epoll", "poll", "select"],
    readiness: Readiness::Epoll,
    ..USUAL
};

pub const OPERATOR_CALLBACKS: Server = Server {
    name: "operator-callbacks",
    listing: "000:109-139",
    addr: "127.0.0.1:8801",
    backlog: 5,
    operator: Some(ANSWER),
    shows: &[
        "<function accept>",
        "accepted <socket fd=*, raddr={client}> from {client}",
        "<function read>",
        "{text}",
        "raddr={client}>: closed by the client",
    ],
    prompt: Some(|_| ">>".to_owned()),
    talk: Talk::Reads(ANSWER),
    ..EXAMPLE
};

pub const ECHO_CALLBACKS: Server = Server {
    name: "echo-callbacks",
    listing: "001:125-153",
    addr: "127.0.0.1:6969",
    shows: &[
        "sel: <*Selector",
        "client_sock:<socket fd=*, raddr={client}>",
        "client_addr:{client}",
        "events: [(SelectorKey(*raddr={client}>*)]",
        "key: <class 'selectors.SelectorKey'> SelectorKey(*raddr={client}>",
        "{text}",
        "close:<socket fd=*, raddr={client}>",
    ],
    shows_reset: Some("close:<socket fd=*, raddr={client}>"),
    talk: Talk::Stream(<[u8]>::to_vec),
    ..EXAMPLE
};

pub const ACCEPT_ONLY: Server = Server {
    name: "accept-only",
    listing: "003:200-242",
    addr: "127.0.0.1:9999",
    journal: Journal::Stderr,
    load_args: &[],
    shows: &[
        " main * <socket fd=*, laddr=*>",
        " main * new client socket <socket fd=*, raddr={client}> in accept.",
        " main * SelectorKey(*<function accept>",
    ],
    shows_reset: None,
    talk: Talk::Accepts,
    ..EXAMPLE
};

pub const YOUR_MSG: Server = Server {
    name: "your-msg",
    listing: "003:248-300",
    addr: "127.0.0.1:9999",
    journal: Journal::Stderr,
    shows: &[
        " main * <socket fd=*, laddr=*>",
        " main * new client socket <socket fd=*, raddr={client}> in accept.",
        " main * SelectorKey(*raddr={client}>*<function read>",
        " main * Your msg = {text} ~~~",
    ],
    talk: Talk::Wrapped("Your msg = ", " ~~~"),
    ..EXAMPLE
};

pub const ASYNC_AWAIT: Server = Server {
    name: "async-await",
    package: "selectors-server",
    model: "async",
    listing: "000:2",
    addr: "127.0.0.1:8889",
    backlog: 128,
    shows: &["{client} has come", "{client}: {bytes}", "{client} has left"],
    trusts_short_reads: true,
    readiness: Readiness::Epoll,
    can_panic: true,
    ..MODEL
};

/// What the examples have in common that mirror a listing.
const EXAMPLE: Server = Server {
    package: "selectors-server",
    target: Target::Example,
    model: "selectors",
    selectors: &["epoll", "poll", "select"],
    readiness: Readiness::Epoll,
    ..USUAL
};
