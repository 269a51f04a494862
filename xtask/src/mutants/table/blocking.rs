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
        name: "blocking-open-to-the-network",
        from: "\"127.0.0.1:6969\"",
        to: "\"0.0.0.0:6969\"",
        breaks: "Without an address on its command line it listens on every interface.",
        ..MAIN
    },
    Mutant {
        name: "blocking-send-error-ends-server",
        from: ".as_bytes())?; // 17",
        to: ".as_bytes()).unwrap(); // 17",
        breaks: "A client that is gone when it is greeted ends the server.",
        ..MAIN
    },
    Mutant {
        name: "blocking-reset-ends-server",
        from: "unless_ended(conn.recv(1024)?)?",
        to: "unless_ended(conn.recv(1024).unwrap())?",
        breaks: "A client that resets while the server waits for its message ends the server.",
        ..MAIN
    },
    Mutant {
        name: "blocking-end-of-client-ends-server",
        from: "converse().or_else(|error| conn.close_on(error))?;",
        to: "converse()?;",
        breaks: "The server ends with its first client.",
        ..MAIN
    },
    Mutant {
        name: "blocking-end-is-a-message",
        from: "unless_ended(conn.recv(1024)?)?",
        to: "conn.recv(1024)?",
        breaks: "The end of the stream counts as a message, again and again.",
        ..MAIN
    },
    Mutant {
        name: "blocking-dies-of-other-bytes",
        from: "decode(&data)",
        to: "std::str::from_utf8(&data).unwrap()",
        breaks: "A message that is not UTF-8 ends the server.",
        ..MAIN
    },
    Mutant {
        name: "blocking-greets-with-own-address",
        from: "format!(\"{addr} have connected to server\")",
        to: "format!(\"{} have connected to server\", conn.getsockname())",
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
        name: "blocking-reads-too-much",
        from: "conn.recv(1024)",
        to: "conn.recv(1024 * 1024)",
        breaks: "A message has up to 1 MiB, so that 4 KiB are greeted once instead of four times.",
        ..MAIN
    },
    Mutant {
        name: "blocking-one-message",
        from: "say!(\"from client {}\", decode(&data)); // 19",
        to: "say!(\"from client {}\", decode(&data));\nreturn Ok(()); // 19",
        breaks: "The connection is closed after the first message.",
        ..MAIN
    },
    Mutant {
        name: "blocking-messages-not-printed",
        from: "say!(\"from client {}\", decode(&data)); // 19",
        to: "let _ = data; // 19",
        breaks: "What clients send is not printed.",
        ..MAIN
    },
    Mutant {
        name: "blocking-panics-without-output",
        from: "say!(\"from client {}\", decode(&data)); // 19",
        to: "println!(\"from client {}\", decode(&data)); // 19",
        breaks: "Messages are printed by `println!`: it panics when nobody reads its output, and \
            ignores --quiet.",
        ..MAIN
    },
    Mutant {
        name: "blocking-waits-aloud",
        from: "say!(\"waiting for a client\"); // 13",
        to: "println!(\"waiting for a client\"); // 13",
        breaks: "With --quiet it says all the same that it waits.",
        ..MAIN
    },
    Mutant {
        name: "blocking-clients-do-not-block",
        from: "let converse = ||",
        to: "conn.setblocking(false)?;\nlet converse = ||",
        breaks: "Accepted sockets do not block: a client that has not spoken yet is dropped.",
        ..MAIN
    },
    Mutant {
        name: "blocking-never-closes",
        from: "converse().or_else(|error| conn.close_on(error))?;",
        to: "let _ = converse();\nstd::mem::forget(conn);",
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
];
