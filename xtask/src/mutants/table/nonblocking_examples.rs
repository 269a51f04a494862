//! Defects of the examples of non-blocking sockets.

use super::{Mutant, Verdict};

const INTERVAL: Mutant = Mutant {
    name: "",
    server: "interval",
    file: "nonblocking-server/examples/interval.rs",
    from: "",
    to: "",
    breaks: "",
    verdict: Verdict::Found,
};

const GREET_ONCE: Mutant =
    Mutant { server: "greet-once", file: "nonblocking-server/examples/greet-once.rs", ..INTERVAL };

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "interval-clients-block",
        from: "connection.setblocking(false)?;",
        to: "",
        breaks: "Accepted sockets block: one silent client stops the server.",
        ..INTERVAL
    },
    Mutant {
        name: "interval-newest-client-only",
        from: "for connection in &connections {",
        to: "for connection in connections.last() {",
        breaks: "Only the newest client is asked: a silent one keeps those before it waiting.",
        ..INTERVAL
    },
    Mutant {
        name: "interval-message-not-printed",
        from: "say!(\"{}\", decode(&client_messge)); // 40",
        to: "let _ = decode(&client_messge); // 40",
        breaks: "The message is not printed.",
        ..INTERVAL
    },
    Mutant {
        name: "interval-not-closed-after-message",
        from: "connection.close(); // 41",
        to: "",
        breaks: "The connection stays open after its message.",
        ..INTERVAL
    },
    Mutant {
        name: "interval-broken-listener-survived",
        from: "sk.close_on(e)?;",
        to: "drop(e);",
        breaks: "A listener that will never accept again is asked for ever.",
        ..INTERVAL
    },
    Mutant {
        name: "interval-client-error-ends-server",
        from: "receive().or_else(|error| connection.close_on(error))?;",
        to: "receive().or_else(|error| match error.raw_os_error() {\n\
             Some(104) => Err(error),\n\
             _ => connection.close_on(error),\n\
             })?;",
        breaks: "A client that resets ends the server.",
        ..INTERVAL
    },
    Mutant {
        name: "interval-never-sleeps",
        from: "sleep(4); // 44",
        to: "let _ = sleep; // 44",
        breaks: "It does not sleep between two passes, whatever --interval says, and one core is \
            busy.",
        ..INTERVAL
    },
    Mutant {
        name: "interval-in-milliseconds",
        file: "nonblocking-server/src/interval.rs",
        from: ".and_then(|seconds| ",
        to: ".map(|seconds: f64| seconds / 1000.0)\n.and_then(|seconds| ",
        breaks: "--interval is taken for milliseconds, and the server hardly rests.",
        ..INTERVAL
    },
    Mutant {
        name: "greet-once-rest-of-greeting-lost",
        from: "let greeted = conn.send(",
        to: "conn.setblocking(false)?;\nlet greeted = conn.send(",
        breaks: "The greeting counts as sent once a part of it was taken.",
        ..GREET_ONCE
    },
    Mutant {
        name: "greet-once-newest-client-only",
        from: "for conn in &conns {",
        to: "for conn in conns.last() {",
        breaks: "Only the newest client is asked: a silent one keeps those before it waiting.",
        ..GREET_ONCE
    },
    Mutant {
        name: "greet-once-clients-block",
        from: "            conn.setblocking(false)?;\n",
        to: "",
        breaks: "Accepted sockets block: one silent client stops the server.",
        ..GREET_ONCE
    },
    Mutant {
        name: "greet-once-greeting-error-ends-server",
        from: "greeted.map(drop).or_else(|error| conn.close_on(error))",
        to: "greeted.map(drop).or_else(|error| panic!(\"{error}\"))",
        breaks: "A client that is gone when it is greeted ends the server.",
        ..GREET_ONCE
    },
    Mutant {
        name: "greet-once-client-error-ends-server",
        from: "receive().or_else(|error| conn.close_on(error))?;",
        to: "receive().or_else(|error| match error.raw_os_error() {\n\
             Some(104) => Err(error),\n\
             _ => conn.close_on(error),\n\
             })?;",
        breaks: "A client that resets ends the server.",
        ..GREET_ONCE
    },
    Mutant {
        name: "greet-once-broken-listener-survived",
        from: "server.close_on(e)?;",
        to: "drop(e);",
        breaks: "A listener that will never accept again is asked for ever.",
        ..GREET_ONCE
    },
];
