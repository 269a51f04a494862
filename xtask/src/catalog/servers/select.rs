//! The servers of select-server.

use std::net::SocketAddr;

use crate::catalog::servers::{ANSWER, USUAL};
use crate::catalog::{Concurrency, NoteClient, Server, Talk, Target};

pub const SERVER: Server = Server {
    name: "select-server",
    package: "select-server",
    model: "select",
    listing: "002:146-224",
    addr: "127.0.0.1:10000",
    backlog: 5,
    talk: Talk::Stream(<[u8]>::to_ascii_uppercase),
    urgent_data_ends_it: true,
    concurrency: Concurrency::FdSet,
    ..USUAL
};

pub const OPERATOR: Server = Server {
    name: "operator",
    package: "select-server",
    target: Target::Example,
    model: "select",
    listing: "000:71-98",
    addr: "127.0.0.1:8801",
    backlog: 5,
    operator: Some(ANSWER),
    talk: Talk::Reads(ANSWER),
    note_client: Some(NoteClient { name: "operator-client", prints: "answer", says: "question" }),
    concurrency: Concurrency::FdSet,
    ..USUAL
};

pub const LEVEL_TRIGGERED: Server = Server {
    name: "level-triggered",
    package: "select-server",
    target: Target::Example,
    model: "select",
    listing: "001:65-82",
    addr: "127.0.0.1:6969",
    load_args: &[],
    talk: Talk::Accepts,
    note_client: Some(NoteClient {
        name: "level-triggered-client",
        prints: "the server closed the connection",
        says: "hellow",
    }),
    concurrency: Concurrency::FdSet,
    ..USUAL
};

pub const CHAT: Server = Server {
    name: "chat",
    package: "select-server",
    target: Target::Example,
    model: "select",
    listing: "001:93-112",
    addr: "127.0.0.1:6969",
    backlog: 5,
    operator: Some(ANSWER),
    prompt: Some(answer_to),
    talk: Talk::Reads(ANSWER),
    note_client: Some(NoteClient { name: "chat-client", prints: "answer", says: "question" }),
    concurrency: Concurrency::FdSet,
    ..USUAL
};

pub const UPPER: Server = Server {
    name: "upper",
    package: "select-server",
    target: Target::Example,
    model: "select",
    listing: "002:91-144",
    addr: "127.0.0.1:9000",
    backlog: 100,
    talk: Talk::Stream(upper),
    urgent_data_ends_it: true,
    concurrency: Concurrency::FdSet,
    ..USUAL
};

pub const HELLO: Server = Server {
    name: "hello",
    package: "select-server",
    target: Target::Example,
    model: "select",
    listing: "004:131-154",
    addr: "127.0.0.1:8888",
    talk: Talk::Reads("hello"),
    note_client: Some(NoteClient { name: "hello-client", prints: "b'hello'", says: "b'world'" }),
    concurrency: Concurrency::FdSet,
    ..USUAL
};

/// Text in upper case; bytes that are not UTF-8 stay as they are.
fn upper(bytes: &[u8]) -> Vec<u8> {
    let chunks = bytes.utf8_chunks();
    chunks
        .flat_map(|chunk| [chunk.valid().to_uppercase().as_bytes(), chunk.invalid()].concat())
        .collect()
}

fn answer_to(addr: SocketAddr) -> String {
    format!("answer {addr}:")
}
