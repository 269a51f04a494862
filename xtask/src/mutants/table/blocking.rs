//! Defects of the blocking server.

use super::{Mutant, Verdict};

const MAIN: Mutant = Mutant {
    name: "",
    server: "blocking-server",
    file: "blocking-server/src/main.rs",
    from: "",
    to: "",
    breaks: "",
    verdict: Verdict::Found,
};

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "blocking-no-reuseaddr",
        from: "set_reuseaddr(true)",
        to: "set_reuseaddr(false)",
        breaks: "SO_REUSEADDR is not set: a restart cannot bind while old connections are in \
            TIME_WAIT.",
        ..MAIN
    },
    Mutant {
        name: "blocking-accept-error-ends-server",
        from: "failures.survive(error)?;",
        to: "return Err(error.into());",
        breaks: "Every error of accept ends the server, a shortage of descriptors too.",
        ..MAIN
    },
    Mutant {
        name: "blocking-spins-without-descriptors",
        from: "thread::sleep(failures.pause().unwrap_or_default());",
        to: "thread::yield_now();",
        breaks: "While there is no descriptor for another client, accept is tried again without a \
            pause.",
        ..MAIN
    },
    Mutant {
        name: "blocking-send-error-ends-server",
        from: "if let Err(error) = conn.sendall(greeting.as_bytes()) {",
        to: "conn.sendall(greeting.as_bytes())?;\nif let Err(error) = server.setblocking(true) {",
        breaks: "A client that is gone when it is greeted ends the server.",
        ..MAIN
    },
    Mutant {
        name: "blocking-reset-ends-server",
        from: "Ok(_) => break,",
        to: "Ok(_) => break,\n\
             Err(error) if error.raw_os_error() == Some(104) => return Err(error.into()),",
        breaks: "A client that resets while the server waits for its message ends the server.",
        ..MAIN
    },
    Mutant {
        name: "blocking-end-is-a-message",
        from: "Ok(data) if !data.is_empty() => data,",
        to: "Ok(data) => data,",
        breaks: "The end of the stream counts as a message, again and again.",
        ..MAIN
    },
    Mutant {
        name: "blocking-dies-of-other-bytes",
        from: "String::from_utf8_lossy(&data)",
        to: "std::str::from_utf8(&data)?",
        breaks: "A message that is not UTF-8 ends the server.",
        ..MAIN
    },
    Mutant {
        name: "blocking-rest-of-greeting-lost",
        from: "conn.sendall(greeting.as_bytes())",
        to: "conn.send(greeting.as_bytes())",
        breaks: "A greeting is sent by one `send`: what that does not take is lost.",
        ..MAIN
    },
    Mutant {
        name: "blocking-greets-with-own-address",
        from: "let greeting = format!(",
        to: "let addr = conn.getsockname();\nlet greeting = format!(",
        breaks: "The greeting names the server's address instead of the client's.",
        ..MAIN
    },
    Mutant {
        name: "blocking-reads-one-byte",
        from: "conn.recv(1024)",
        to: "conn.recv(1)",
        breaks: "One byte is read at a time, and each is greeted.",
        ..MAIN
    },
    Mutant {
        name: "blocking-one-message",
        from: "say!(\"from client {}\", String::from_utf8_lossy(&data)); // 19",
        to: "break; // 19",
        breaks: "The connection is closed after the first message.",
        ..MAIN
    },
    Mutant {
        name: "blocking-never-closes",
        from: "        failures.accepted();",
        to: "        let conn = Box::leak(Box::new(conn));",
        breaks: "A client that has left keeps its descriptor.",
        ..MAIN
    },
    Mutant {
        name: "blocking-small-backlog",
        from: "listen(DEFAULT_BACKLOG)",
        to: "listen(0)",
        breaks: "One client can wait while another is served; further ones cannot even connect.",
        ..MAIN
    },
    Mutant {
        name: "blocking-listening-too-early",
        from: "server.listen(DEFAULT_BACKLOG)?; // 12\n    args.listening(&server);",
        to: "args.listening(&server);\nserver.listen(DEFAULT_BACKLOG)?;",
        breaks: "`listening on` is printed before the kernel takes connections: one that comes at \
            once is refused.",
        ..MAIN
    },
];
