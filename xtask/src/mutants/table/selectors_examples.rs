//! Defects of the examples of selectors.

use super::{Mutant, Verdict};

const YOUR_MSG: Mutant = Mutant {
    name: "",
    server: "your-msg",
    file: "selectors-server/examples/your-msg.rs",
    from: "",
    to: "",
    breaks: "",
    verdict: Verdict::Found,
};

const ECHO: Mutant = Mutant {
    server: "echo-callbacks",
    file: "selectors-server/examples/echo-callbacks.rs",
    ..YOUR_MSG
};

const OPERATOR: Mutant = Mutant {
    server: "operator-callbacks",
    file: "selectors-server/examples/operator-callbacks.rs",
    ..YOUR_MSG
};

const ACCEPT_ONLY: Mutant =
    Mutant { server: "accept-only", file: "selectors-server/examples/accept-only.rs", ..YOUR_MSG };

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "your-msg-rest-of-send-lost",
        from: "conn.write(&msg) // 284",
        to: "match conn.send(&msg) {\n\
             Err(error) if error.kind() == io::ErrorKind::WouldBlock => conn.write(&msg),\n\
             sent => sent.map(drop),\n\
             } // 284",
        breaks: "What a partial send did not take is lost.",
        ..YOUR_MSG
    },
    Mutant {
        name: "your-msg-refused-send-lost",
        from: "conn.write(&msg) // 284",
        to: "let sent = conn.send(&msg)?;\nconn.write(&msg[sent..]) // 284",
        breaks: "A reply that the kernel refuses is lost.",
        ..YOUR_MSG
    },
    Mutant {
        name: "your-msg-quiet-ignored",
        file: "selectors-server/src/logging.rs",
        from: "level(unless_quiet(level))",
        to: "level(level)",
        breaks: "With --quiet every event is logged all the same.",
        ..YOUR_MSG
    },
    Mutant {
        name: "your-msg-end-ends-server",
        from: "unless_ended(conn.recv(1024)?)?",
        to: "unless_ended(conn.recv(1024)?).unwrap()",
        breaks: "The end of a client ends the server.",
        ..YOUR_MSG
    },
    Mutant {
        name: "your-msg-answers-text",
        from: "[b\"Your msg = \", &data[..], b\" ~~~\"].concat()",
        to: "format!(\"Your msg = {} ~~~\", decode(&data)).into_bytes()",
        breaks: "Bytes that are not UTF-8 come back as U+FFFD.",
        ..YOUR_MSG
    },
    Mutant {
        name: "your-msg-register-error-ends-server",
        from: "selector.register_or_refuse(&conn, callback!(read))",
        to: "selector.register(conn, EVENT_READ, callback!(read)).map(Some)?",
        breaks: "A client that the selector cannot take ends the server.",
        ..YOUR_MSG
    },
    Mutant {
        name: "your-msg-messages-not-logged",
        from: "info!(\"{}\", decode(&msg)); // 283",
        to: "let _ = decode(&msg); // 283",
        breaks: "What is answered is not logged.",
        ..YOUR_MSG
    },
    Mutant {
        name: "your-msg-controls-in-log",
        file: "epoll-server/src/logging.rs",
        from: "format!(\"{}\\n\", shown(&line))",
        to: "format!(\"{line}{}\\n\", shown(\"\"))",
        breaks: "Control characters that a client sends reach the log.",
        ..YOUR_MSG
    },
    Mutant {
        name: "your-msg-reads-while-owed",
        from: "if key.fileobj.is_owed() {",
        to: "if false {",
        breaks: "A client that is owed a reply is read from instead of written to.",
        ..YOUR_MSG
    },
    Mutant {
        name: "echo-listener-blocks",
        from: "server.setblocking(false)?;",
        to: "",
        breaks: "The listener blocks: while there is no descriptor for another client, nobody is \
            served.",
        ..ECHO
    },
    Mutant {
        name: "echo-clients-block",
        from: "conn.setblocking(false)?;",
        to: "",
        breaks: "Accepted sockets block: a client that does not read holds all others up.",
        ..ECHO
    },
    Mutant {
        name: "echo-end-is-a-message",
        from: "unless_ended(conn.recv(1024)?)?",
        to: "conn.recv(1024)?",
        breaks: "The end of the stream is read again and again.",
        ..ECHO
    },
    Mutant {
        name: "echo-waiting-closes-client",
        from: "        && e.kind() != ErrorKind::WouldBlock\n",
        to: "",
        breaks: "A client that an event woke for nothing is closed.",
        verdict: Verdict::Equivalent(
            "The callback is called for EVENT_READ only, and then there is something to read.",
        ),
        ..ECHO
    },
    Mutant {
        name: "echo-refused-send-lost",
        from: "conn.write(&data) // 135",
        to: "let sent = conn.send(&data)?;\nconn.write(&data[sent..]) // 135",
        breaks: "A reply that the kernel refuses is lost.",
        ..ECHO
    },
    Mutant {
        name: "echo-register-error-ends-server",
        from: "sel.register_or_refuse(&conn, callback!(read));",
        to: "sel.register(conn, EVENT_READ, callback!(read))?;",
        breaks: "A client that the selector cannot take ends the server.",
        ..ECHO
    },
    Mutant {
        name: "echo-mechanism-not-printed",
        from: "say!(\"sel: {sel}\"); // 141",
        to: "// 141",
        breaks: "The mechanism behind the selector is not printed.",
        ..ECHO
    },
    Mutant {
        name: "operator-callbacks-listener-blocks",
        from: "sock.setblocking(false)?;",
        to: "",
        breaks: "The listener blocks: while there is no descriptor for another client, nobody is \
            served.",
        ..OPERATOR
    },
    Mutant {
        name: "operator-callbacks-clients-block",
        from: "conn.setblocking(false)?;",
        to: "",
        breaks: "Accepted sockets block: a client that does not read holds all others up.",
        ..OPERATOR
    },
    Mutant {
        name: "operator-callbacks-end-is-a-message",
        from: "unless_ended(conn.recv(1000)?)?",
        to: "conn.recv(1000)?",
        breaks: "The operator is asked to answer the end of the stream.",
        ..OPERATOR
    },
    Mutant {
        name: "operator-callbacks-rest-of-answer-lost",
        from: "conn.write(data2.as_bytes()) // 127",
        to: "match conn.send(data2.as_bytes()) {\n\
             Err(error) if error.kind() == ErrorKind::WouldBlock => conn.write(data2.as_bytes()),\n\
             sent => sent.map(drop),\n\
             } // 127",
        breaks: "What a partial send did not take of an answer is lost.",
        ..OPERATOR
    },
    Mutant {
        name: "operator-callbacks-end-with-their-operator",
        from: "input(\">>\")?;",
        to: "input(\">>\").unwrap();",
        breaks: "The end of the operator's input ends the server.",
        ..OPERATOR
    },
    Mutant {
        name: "accept-only-keeps-clients",
        from: "conn.setblocking(false)?; // 224",
        to: "conn.setblocking(false)?;\nstd::mem::forget(conn.clone()); // 224",
        breaks: "A client that was accepted stays connected.",
        ..ACCEPT_ONLY
    },
    Mutant {
        name: "accept-only-accept-error-ends-server",
        from: "sock.accept()?; // 223",
        to: "sock.accept().unwrap(); // 223",
        breaks: "Every error of accept ends the server, a shortage of descriptors too.",
        ..ACCEPT_ONLY
    },
];
