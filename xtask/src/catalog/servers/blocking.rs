//! The servers of blocking-server.

use std::net::SocketAddr;

use crate::catalog::servers::USUAL;
use crate::catalog::{Concurrency, NoteClient, Server, Talk};

pub const SERVER: Server = Server {
    name: "blocking-server",
    package: "blocking-server",
    model: "blocking",
    listing: "001:9-19",
    addr: "127.0.0.1:6969",
    talk: Talk::Greeting(connected),
    note_client: Some(NoteClient {
        name: "blocking-client",
        prints: "have connected to server",
        says: "hellow",
    }),
    concurrency: Concurrency::One,
    ..USUAL
};

fn connected(addr: SocketAddr) -> String {
    format!("{addr} have connected to server")
}
