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
        name: "nonblocking-clients-block",
        from: "conn.setblocking(false)?;",
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
        name: "nonblocking-broken-listener-survived",
        from: "Err(error) => return Err(error.into()),",
        to: "Err(_) => {}",
        breaks: "A listener that will never accept again does not end the server.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-hello-on-every-pass",
        from: "if greeted.insert(conn.clone()) {",
        to: "if true {",
        breaks: "Another `hello` is sent on every pass, until the client's buffers are full.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-rest-of-hello-lost",
        from: "conn.write(b\"hello\")?;",
        to: "match conn.send(b\"hello\") {\n\
             Err(error) if error.kind() == ErrorKind::WouldBlock => conn.write(b\"hello\")?,\n\
             sent => drop(sent?),\n\
             }",
        breaks: "A `hello` counts as sent once a part of it was taken.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-refused-hello-lost",
        from: "conn.write(b\"hello\")?;",
        to: "let sent = conn.send(b\"hello\")?;\nconn.write(&b\"hello\"[sent..])?;",
        breaks: "A `hello` that the kernel refuses counts as sent.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-hello-from-its-start",
        from: "conn.write(b\"hello\")?;",
        to: "if !matches!(conn.send(b\"hello\"), Ok(5)) {\nconn.write(b\"hello\")?;\n}",
        breaks: "After a partial send, `hello` is sent again from its start.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-owed-hello-forgotten",
        from: "return conn.drain();",
        to: "return Ok(());",
        breaks: "What the kernel did not take of a `hello` is never sent, and its client is not \
            read from any more.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-reads-while-owed",
        from: "return conn.drain();",
        to: "conn.drain()?;",
        breaks: "A client that takes no `hello` is read from, and what it is owed grows without \
            end.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-end-is-a-message",
        from: "Bytes(&unless_ended(data)?)",
        to: "Bytes(&data)",
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
        from: "conn.close(); // 100",
        to: "std::mem::forget(conn.clone()); // 100",
        breaks: "A client that has left keeps its descriptor.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-closed-client-stays-in-list",
        from: "conn_lst.retain(|conn| conn != del_conn); // 103",
        to: "",
        breaks: "A client that has left is asked again and again, and each pass prints its error.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-list-not-cleared",
        from: "del_lst.clear(); // 104",
        to: "",
        breaks: "Clients that have left stay in the list, each pass takes longer, and the memory \
            grows.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-greeted-kept",
        from: "greeted.remove(del_conn);",
        to: "",
        breaks: "Clients that have left stay in `greeted`, and the memory grows.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-greets-once",
        from: "greeted.remove(conn);",
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
        from: "say!(\"{}\", Bytes(",
        to: "println!(\"{}\", Bytes(",
        breaks: "Messages are printed by `println!`: it panics when nobody reads its output, and \
            ignores --quiet.",
        ..MAIN
    },
    Mutant {
        name: "nonblocking-messages-not-printed",
        from: "say!(\"{}\", Bytes(&unless_ended(data)?)); // 97",
        to: "unless_ended(data)?; // 97",
        breaks: "What clients send is not printed.",
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
             while result.is_ok() && !conn.is_owed() {\n\
             result = exchange();\n\
             }\n\
             match result {",
        breaks: "A client is served until it pauses: one that floods keeps all others waiting.",
        ..MAIN
    },
];
