//! The servers of select-server.

use std::net::SocketAddr;
use std::time::Duration;

use crate::catalog::servers::{ANSWER, MODEL, USUAL};
use crate::catalog::{Concurrency, NoteClient, Readiness, Server, Talk, Target};

pub const SERVER: Server = Server {
    name: "select-server",
    package: "select-server",
    model: "select",
    listing: "002:146-224",
    addr: "127.0.0.1:10000",
    backlog: 5,
    shows: &[
        "starting up on 127.0.0.1 port ",
        "waiting for next event...",
        "new connection from {client}",
        "收到来自[127.0.0.1]的数据: {bytes}",
        "sending msg to [127.0.0.1] {bytes}",
        "client [127.0.0.1] queue is empty..",
        "客户端断开了 <socket fd=*, raddr={client}>",
    ],
    talk: Talk::Stream(<[u8]>::to_ascii_uppercase),
    urgent_data_ends_it: true,
    concurrency: Concurrency::FdSet,
    readiness: Readiness::Lists,
    ..USUAL
};

pub const OPERATOR: Server = Server {
    name: "operator",
    listing: "000:71-98",
    addr: "127.0.0.1:8801",
    backlog: 5,
    operator: Some(ANSWER),
    shows: &[
        "<socket fd=*, raddr={client}>",
        "{text}",
        "[<socket fd=*, raddr={client}>]",
        "raddr={client}>: closed by the client",
    ],
    prompt: Some(|_| ">>> :".to_owned()),
    talk: Talk::Reads(ANSWER),
    note_client: Some(NoteClient { name: "operator-client", prints: "answer", says: "question" }),
    ..EXAMPLE
};

pub const LEVEL_TRIGGERED: Server = Server {
    name: "level-triggered",
    listing: "001:65-82",
    addr: "127.0.0.1:6969",
    load_args: &[],
    shows: &["[<socket fd=*>]", "raddr={client}>", "hellow", ">>>>>"],
    shows_reset: None,
    shows_idle: Some((">>>>>", Duration::from_secs(5))),
    keeps_last: true,
    talk: Talk::Accepts,
    note_client: Some(NoteClient {
        name: "level-triggered-client",
        prints: "the server closed the connection",
        says: "hellow",
    }),
    ..EXAMPLE
};

pub const CHAT: Server = Server {
    name: "chat",
    listing: "001:93-112",
    addr: "127.0.0.1:6969",
    backlog: 5,
    operator: Some(ANSWER),
    prompt: Some(answer_to),
    shows: &[
        "r: [<socket fd=*>]",
        "obj: <socket fd=*, raddr={client}>",
        ">>: {text}",
        "raddr={client}>: closed by the client",
    ],
    talk: Talk::Reads(ANSWER),
    note_client: Some(NoteClient { name: "chat-client", prints: "answer", says: "question" }),
    ..EXAMPLE
};

pub const UPPER: Server = Server {
    name: "upper",
    listing: "002:91-144",
    addr: "127.0.0.1:9000",
    backlog: 100,
    shows: &[
        "readable: [*raddr={client}>] writeable: [*] exceptional: []",
        "inputs: [*raddr={client}>*] outputs: [*]",
        "来了个新连接: {client}",
        "收到数据: {text}",
        "raddr={client}>: closed by the client",
    ],
    talk: Talk::Stream(upper),
    urgent_data_ends_it: true,
    ..EXAMPLE
};

pub const HELLO: Server = Server {
    name: "hello",
    listing: "004:131-154",
    addr: "127.0.0.1:8888",
    shows: &["{bytes}", "raddr={client}>: closed by the client"],
    talk: Talk::Reads("hello"),
    note_client: Some(NoteClient { name: "hello-client", prints: "b'hello'", says: "b'world'" }),
    ..EXAMPLE
};

pub const POLL: Server = Server {
    name: "poll",
    package: "select-server",
    model: "poll",
    listing: "000:147-149",
    addr: "127.0.0.1:10001",
    accepts_in_a_row: true,
    trusts_short_reads: true,
    readiness: Readiness::Lists,
    ..MODEL
};

/// What the examples have in common that mirror a listing.
const EXAMPLE: Server = Server {
    package: "select-server",
    target: Target::Example,
    model: "select",
    concurrency: Concurrency::FdSet,
    readiness: Readiness::Lists,
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
    format!("回答{addr}:")
}
