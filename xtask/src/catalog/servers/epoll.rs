//! The servers of epoll-server.

use std::sync::LazyLock;

use epoll::uring::{Options, Ring};

use crate::catalog::servers::{MODEL, USUAL};
use crate::catalog::{Journal, Readiness, Server, Talk};

pub const SERVER: Server = Server {
    name: "epoll-server",
    package: "epoll-server",
    model: "epoll",
    listing: "002:226-355",
    addr: "127.0.0.1:2003",
    backlog: 10,
    journal: Journal::File,
    // A failure shows the end of the log.
    args: &["--log", "/dev/stdout"],
    load_args: &["--log", "/dev/null", "--quiet"],
    shows: &[
        " - network-server - DEBUG - accept connection from 127.0.0.1, {port}, fd = ",
        " receive {bytes}",
        "127.0.0.1, {port} closed",
    ],
    shows_reset: Some(" - network-server - ERROR - [Errno 104] Connection reset by peer"),
    talk: Talk::Stream(<[u8]>::to_vec),
    readiness: Readiness::Epoll,
    ..USUAL
};

pub const EDGE_TRIGGERED: Server = Server {
    name: "edge-triggered",
    package: "epoll-server",
    model: "edge-triggered epoll",
    listing: "000:149-150",
    addr: "127.0.0.1:2004",
    trusts_short_reads: true,
    accepts_in_a_row: true,
    has_manners: true,
    readiness: Readiness::Epoll,
    has_triggers: true,
    ..MODEL
};

pub const EPOLL_PER_CORE: Server = Server {
    name: "epoll-per-core",
    package: "epoll-server",
    model: "epoll on each core",
    listing: "004:59",
    addr: "127.0.0.1:2005",
    listeners: 2,
    args: &["--threads", "2"],
    load_args: &["--threads", "2", "--quiet"],
    trusts_short_reads: true,
    accepts_in_a_row: true,
    readiness: Readiness::Epoll,
    ..MODEL
};

pub const IO_URING: Server = Server {
    name: "io-uring",
    package: "epoll-server",
    requires: || REFUSES_IO_URING.as_deref(),
    model: "io_uring",
    listing: "004:189-191",
    addr: "127.0.0.1:2006",
    shows: &["client * has come", "client *: {bytes}", "client * has left"],
    shows_reset: Some("client *: Connection reset by peer"),
    readiness: Readiness::Ring,
    ..MODEL
};

/// The server's own question, asked once: only io_uring_setup(2) tells whether it is allowed, and
/// why not.
static REFUSES_IO_URING: LazyLock<Option<String>> =
    LazyLock::new(|| Ring::new(Options::default()).err().map(|error| format!("{error:#}")));
