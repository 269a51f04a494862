//! The table of what can be launched.

use crate::catalog::{Concurrency, Journal, Readiness, Server, Talk, Target};

mod blocking;
mod epoll;
mod nonblocking;
mod select;
mod selectors;
mod threadpool;

/// What most servers have in common.
pub const USUAL: Server = Server {
    name: "",
    package: "",
    target: Target::Bin,
    wrapper: &[],
    requires: || None,
    model: "",
    listing: "",
    in_words: false,
    addr: "",
    backlog: 128,
    listeners: 1,
    journal: Journal::Stdout,
    args: &[],
    load_args: &["--quiet"],
    operator: None,
    prompt: None,
    shows: &["{text}"],
    shows_reset: Some("raddr={client}>: Connection reset by peer"),
    shows_idle: None,
    keeps_last: false,
    talk: Talk::Accepts,
    selectors: &[],
    note_client: None,
    urgent_data_ends_it: false,
    trusts_short_reads: false,
    polls: false,
    accepts_in_a_row: false,
    readiness: Readiness::Waits,
    has_triggers: false,
    bounds_threads: false,
    can_panic: false,
    has_finish: false,
    has_manners: false,
    concurrency: Concurrency::Many,
    processes: 1,
};

/// What most models have in common that a note describes in words.
const MODEL: Server = Server {
    target: Target::Example,
    in_words: true,
    backlog: 1024,
    shows: &["{client} sent {bytes}", "{client}: closed by the client"],
    shows_reset: Some("{client}: Connection reset by peer"),
    talk: Talk::Stream(<[u8]>::to_vec),
    ..USUAL
};

/// What the operators type: long enough to fill a socket's buffers after some hundred messages.
const ANSWER: &str = "an answer that takes its time, because the operator is a person who likes to \
                      explain everything from the beginning, and to whom nobody has ever said that \
                      a short one would do as well";

/// All servers: first those that are a crate's own binary, then the mirrors among the examples,
/// then the models that a note describes in words.
pub const SERVERS: &[Server] = &[
    blocking::SERVER,
    nonblocking::SERVER,
    select::SERVER,
    epoll::SERVER,
    selectors::SERVER,
    threadpool::SERVER,
    nonblocking::INTERVAL,
    nonblocking::GREET_ONCE,
    select::OPERATOR,
    select::LEVEL_TRIGGERED,
    select::CHAT,
    select::UPPER,
    select::HELLO,
    selectors::OPERATOR_CALLBACKS,
    selectors::ECHO_CALLBACKS,
    selectors::ACCEPT_ONLY,
    selectors::YOUR_MSG,
    blocking::THREAD_PER_CONNECTION,
    blocking::PROCESS_PER_CONNECTION,
    blocking::PRE_FORKED,
    nonblocking::BUSY_POLLING,
    nonblocking::SIGNAL_DRIVEN,
    select::POLL,
    epoll::EDGE_TRIGGERED,
    epoll::EPOLL_PER_CORE,
    epoll::IO_URING,
    selectors::ASYNC_AWAIT,
    threadpool::SOCKETSERVER,
];

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    #[test]
    fn no_server_is_open_to_the_network() {
        for server in SERVERS {
            let addr: SocketAddr = server.addr.parse().unwrap();
            assert!(addr.ip().is_loopback(), "{}", server.name);
        }
    }
}
