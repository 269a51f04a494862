//! Defects of the non-blocking server.

use super::{Mutant, Verdict};

const MAIN: Mutant = Mutant {
    name: "",
    server: "nonblocking-server",
    file: "nonblocking-server/src/main.rs",
    from: "",
    to: "",
    breaks: "",
    verdict: Verdict::Found,
};

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "nonblocking-no-reuseaddr",
        from: "set_reuseaddr(true)",
        to: "set_reuseaddr(false)",
        breaks: "SO_REUSEADDR is not set: a restart cannot bind while old connections are in \
            TIME_WAIT.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-clients-block",
        from: "socket.setblocking(false)?;",
        to: "",
        breaks: "Accepted sockets block: one silent client stops the server.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-listener-blocks",
        from: "sk.setblocking(false)?; // 83",
        to: "",
        breaks: "The listener blocks: clients are served only when the next one comes.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-accept-error-ends-server",
        from: "failures.survive(error)?; // 93",
        to: "if error.kind() != ErrorKind::WouldBlock {\nreturn Err(error.into());\n} // 93",
        breaks: "Every error of accept but EAGAIN ends the server, a shortage of descriptors too.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-hello-on-every-pass",
        from: "ErrorKind::WouldBlock => {} // 98",
        to: "ErrorKind::WouldBlock => conn.sent = 0, // 98",
        breaks: "Another `hello` is sent on every pass, until the client's buffers are full.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-rest-of-hello-lost",
        from: "conn.sent += conn.socket.send(&HELLO[conn.sent..])?;",
        to: "conn.socket.send(&HELLO[conn.sent..])?;\nconn.sent = HELLO.len();",
        breaks: "A `hello` counts as sent once a part of it was taken.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-refused-hello-lost",
        from: "conn.socket.send(&HELLO[conn.sent..])?;",
        to: "conn.socket.send(&HELLO[conn.sent..]).unwrap_or(HELLO.len());",
        breaks: "A `hello` that the kernel refuses counts as sent.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-hello-from-its-start",
        from: "conn.socket.send(&HELLO[conn.sent..])?;",
        to: "conn.socket.send(HELLO)?;",
        breaks: "After a partial send, `hello` is sent again from its start.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-end-is-a-message",
        from: "if data.is_empty() {",
        to: "if false {",
        breaks: "The end of the stream counts as a message, again and again.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-broken-pipe-ends-server",
        from: "ErrorKind::WouldBlock => {} // 98",
        to: "ErrorKind::WouldBlock => {} // 98\n\
             Err(error) if error.kind() == ErrorKind::BrokenPipe => return Err(error.into()),",
        breaks: "A client that closed and then resets before its `hello` is sent ends the server \
            (EPIPE).",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-reset-ends-server",
        from: "ErrorKind::WouldBlock => {} // 98",
        to: "ErrorKind::WouldBlock => {} // 98\n\
             Err(error) if error.kind() == ErrorKind::ConnectionReset => return Err(error.into()),",
        breaks: "A client that resets ends the server.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-never-closes",
        from: "conn.socket.fileno() != *del_conn",
        to: "conn.socket.fileno() != *del_conn || true",
        breaks: "A client that has left is not taken out of the list, and keeps its descriptor.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-list-not-cleared",
        from: "del_lst.clear(); // 104",
        to: "",
        breaks: "The numbers of closed descriptors stay in the list: a new client with such a \
            number is dropped.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-greets-once",
        from: "conn.sent = 0;",
        to: "",
        breaks: "A message is not answered by another `hello`.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-sleeps",
        from: "del_lst.clear(); // 104",
        to: "del_lst.clear();\nstd::thread::sleep(std::time::Duration::from_millis(1));",
        breaks: "It sleeps between two rounds, and no longer shows the price of polling.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-panics-without-output",
        from: "say!(\"{}\", Bytes(&data));",
        to: "println!(\"{}\", Bytes(&data));",
        breaks: "Messages are printed by `println!`: it panics when nobody reads its output, and \
            ignores --quiet.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-small-backlog",
        from: "listen(DEFAULT_BACKLOG)",
        to: "listen(0)",
        breaks: "One client can wait to be accepted; others that come in the same moment wait for \
            a second or more.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-serves-a-flood-to-its-end",
        from: "match exchange() {",
        to: "let mut result = exchange();\n\
             while result.is_ok() {\n\
             result = exchange();\n\
             }\n\
             match result {",
        breaks: "A client is served until it pauses: one that floods keeps all others waiting.",
        ..MAIN
    },
];
