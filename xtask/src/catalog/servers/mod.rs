//! The table of what can be launched.

use crate::catalog::{Concurrency, Journal, Server, Talk, Target};

mod blocking;
mod epoll;
mod nonblocking;
mod select;
mod selectors;
mod threadpool;

/// What most servers have in common.
const USUAL: Server = Server {
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
    journal: Journal::Stdout,
    args: &[],
    load_args: &["--quiet"],
    operator: None,
    prompt: None,
    talk: Talk::Accepts,
    selectors: &[],
    note_client: None,
    urgent_data_ends_it: false,
    concurrency: Concurrency::Many,
};

/// What the operators type: long enough to fill a socket's buffers after some hundred messages.
const ANSWER: &str = "an answer that takes its time, because the operator is a person who likes to \
                      explain everything from the beginning, and to whom nobody has ever said that \
                      a short one would do as well";

/// All servers: first those that are a crate's own binary, then the mirrors among the examples, then
/// the models that a note describes in words.
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
