//! Defects of the selectors server and of its callbacks.

use super::{Mutant, Verdict};

const MAIN: Mutant = Mutant {
    name: "",
    server: "selectors-server",
    file: "selectors-server/src/main.rs",
    from: "",
    to: "",
    breaks: "",
    verdict: Verdict::Found,
};

const CALLBACK: Mutant = Mutant { file: "selectors-server/src/callback.rs", ..MAIN };

/// The line that keeps what the kernel does not take.
const WRITE: &str = "conn.write(&data)?; // 425 differs: keeps what was not sent";

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "selectors-open-to-the-network",
        from: "\"127.0.0.1:9999\"",
        to: "\"0.0.0.0:9999\"",
        breaks: "Without an address on its command line it listens on every interface.",
        ..MAIN
    },
    Mutant {
        name: "selectors-accept-error-ends-server",
        from: "sock.accept()?; // 383",
        to: "sock.accept().unwrap(); // 383",
        breaks: "Every error of accept ends the server, a shortage of descriptors too.",
        ..MAIN
    },
    Mutant {
        name: "selectors-register-error-ends-server",
        from: "sel.register_or_refuse(&conn, callback!(read)); // 397 differs: may be refused",
        to: "sel.register(conn, EVENT_READ, callback!(read))?;",
        breaks: "A client that the selector cannot take ends the server.",
        ..MAIN
    },
    Mutant {
        name: "selectors-reset-ends-server",
        from: "conn.recv(1024)?; // 402",
        to: "conn.recv(1024).unwrap(); // 402",
        breaks: "A client that resets ends the server.",
        ..MAIN
    },
    Mutant {
        name: "selectors-send-error-ends-server",
        from: WRITE,
        to: "conn.write(&data).unwrap();",
        breaks: "A client whose connection breaks before a reply is sent ends the server.",
        ..MAIN
    },
    Mutant {
        name: "selectors-drain-error-ends-server",
        from: "sel.settle(&key, key.fileobj.drain())?;",
        to: "sel.settle(&key, Ok(key.fileobj.drain()?))?;",
        breaks: "A client whose connection breaks while it is owed a reply ends the server.",
        ..MAIN
    },
    Mutant {
        name: "selectors-drain-error-ignored",
        from: "sel.settle(&key, key.fileobj.drain())?;",
        to: "sel.settle(&key, key.fileobj.drain().or(Ok(())))?;",
        breaks: "A client whose connection breaks while it is owed a reply is never closed, and \
            the server spins.",
        ..MAIN
    },
    Mutant {
        name: "selectors-rest-of-send-lost",
        from: WRITE,
        to: "match conn.send(&data) {\n\
             Err(error) if error.kind() == io::ErrorKind::WouldBlock => conn.write(&data)?,\n\
             sent => drop(sent?),\n\
             }",
        breaks: "What a partial send did not take is lost.",
        ..MAIN
    },
    Mutant {
        name: "selectors-refused-send-lost",
        from: WRITE,
        to: "let sent = conn.send(&data)?;\nconn.write(&data[sent..])?;",
        breaks: "A reply that the kernel refuses is lost.",
        ..MAIN
    },
    Mutant {
        name: "selectors-sends-again-from-start",
        from: WRITE,
        to: "if conn.send(&data).ok() != Some(data.len()) {\nconn.write(&data)?;\n}",
        breaks: "After a partial send, the reply is sent again from its start.",
        ..MAIN
    },
    Mutant {
        name: "selectors-reads-while-owed",
        from: "if key.fileobj.is_owed() {",
        to: "if false {",
        breaks: "A client that is owed a reply is read from instead of written to: the rest waits \
            for another message, and the server spins.",
        ..MAIN
    },
    Mutant {
        name: "selectors-clients-block",
        from: "conn.setblocking(false)?; // 395",
        to: "",
        breaks: "Accepted sockets block: a client that does not read holds all others up.",
        ..MAIN
    },
    Mutant {
        name: "selectors-listener-blocks",
        from: "sock.setblocking(false)?; // 375",
        to: "",
        breaks: "The listener blocks: while there is no descriptor for another client, nobody is \
            served.",
        ..MAIN
    },
    Mutant {
        name: "selectors-ended-client-not-closed",
        from: "conn.close(); // 429",
        to: "",
        breaks: "A client that has left is unregistered and not closed: nothing can be registered \
            for it, and the server ends.",
        ..MAIN
    },
    Mutant {
        name: "selectors-ended-client-stays-registered",
        from: "sel.unregister(conn)?; // 428",
        to: "",
        breaks: "A client that has left is not unregistered before it is closed.",
        verdict: Verdict::Equivalent(
            "`settle` unregisters what was closed before anything else is registered.",
        ),
        ..MAIN
    },
    Mutant {
        name: "selectors-small-backlog",
        from: "sock.listen(1000)?;",
        to: "sock.listen(10)?;",
        breaks: "Eleven clients can wait to be accepted instead of 1,001; further ones wait for a \
            second or more.",
        ..MAIN
    },
    Mutant {
        name: "selectors-panics-without-output",
        from: "say!(\"closing {conn}\"); // 427",
        to: "println!(\"closing {conn}\"); // 427",
        breaks: "A line is printed by `println!`: it panics when nobody reads its output, and \
            ignores --quiet.",
        ..MAIN
    },
    Mutant {
        name: "selectors-messages-not-printed",
        from: "say!(\"echoing {} to {conn}\", Bytes(&data)); // 412",
        to: "// 412",
        breaks: "What clients send is not printed.",
        ..MAIN
    },
    Mutant {
        name: "selectors-refusal-not-said",
        from: "warn!(\"{} refused: {error}\"",
        to: "common::say!(\"{} refused: {error}\"",
        breaks: "With --quiet, a client that is refused is not reported.",
        ..CALLBACK
    },
    Mutant {
        name: "selectors-refused-client-not-closed",
        from: "conn.close();\n        };",
        to: "};",
        breaks: "A client that the selector cannot take is not closed at once.",
        verdict: Verdict::Equivalent("Nothing else holds it, so it is closed when `accept` ends."),
        ..CALLBACK
    },
    Mutant {
        name: "selectors-client-error-ends-server",
        from: "ended.or_else(|error| conn.close_on(error))?;",
        to: "ended?;",
        breaks: "Every error of a client ends the server.",
        ..CALLBACK
    },
    Mutant {
        name: "selectors-lost-client-stays-registered",
        from: "self.forget(key.fd);",
        to: "",
        breaks: "A client that resets stays registered: the next one with its descriptor is \
            refused.",
        ..CALLBACK
    },
    Mutant {
        name: "selectors-never-waits-for-room",
        from: "{ EVENT_WRITE } else",
        to: "{ EVENT_READ } else",
        breaks: "EVENT_WRITE is never waited for: the rest of a reply is sent only when the client \
            sends more.",
        ..CALLBACK
    },
    Mutant {
        name: "selectors-spins-while-owed",
        from: "{ EVENT_WRITE } else",
        to: "{ EVENT_READ | EVENT_WRITE } else",
        breaks: "A client that is owed a reply is also watched for reading: while it sends and \
            does not read, the server spins.",
        ..CALLBACK
    },
    Mutant {
        name: "selectors-always-watches-for-writing",
        from: "else { EVENT_READ };",
        to: "else { EVENT_READ | EVENT_WRITE };",
        breaks: "A client that is owed nothing is watched for writing: the server spins.",
        ..CALLBACK
    },
];
