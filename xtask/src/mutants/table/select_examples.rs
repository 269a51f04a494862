//! Defects of the examples of select(2).

use super::{Mutant, Verdict};

const UPPER: Mutant = Mutant {
    name: "",
    server: "upper",
    file: "select-server/examples/upper.rs",
    from: "",
    to: "",
    breaks: "",
    verdict: Verdict::Found,
};

const TEXT: Mutant = Mutant { file: "select-server/src/text.rs", ..UPPER };

const HELLO: Mutant = Mutant { server: "hello", file: "select-server/examples/hello.rs", ..UPPER };

const CHAT: Mutant = Mutant { server: "chat", file: "select-server/examples/chat.rs", ..UPPER };

const OPERATOR: Mutant =
    Mutant { server: "operator", file: "select-server/examples/operator.rs", ..UPPER };

const LEVEL_TRIGGERED: Mutant = Mutant {
    server: "level-triggered",
    file: "select-server/examples/level-triggered.rs",
    ..UPPER
};

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "upper-cuts-characters",
        from: "self.0 = text.split_off(text.len() - cut_len(&text));",
        to: "",
        breaks: "A character that the end of a read cuts does not wait for its rest, and stays as \
            it is.",
        ..TEXT
    },
    Mutant {
        name: "upper-character-at-the-end-lost",
        from: "return Ok(text);",
        to: "return Ok(Vec::new());",
        breaks: "The first part of a character, at the end of the stream, is not sent back.",
        ..TEXT
    },
    Mutant {
        name: "upper-no-queue-limit",
        from: "queue.len() >= QUEUE_LIMIT",
        to: "queue.len() == usize::MAX",
        breaks: "A client with a full queue is read from: one that takes no replies fills the \
            memory.",
        ..UPPER
    },
    Mutant {
        name: "upper-clients-block",
        from: "conn.setblocking(false)?;",
        to: "",
        breaks: "Accepted sockets block: a client that does not read holds all others up.",
        ..UPPER
    },
    Mutant {
        name: "upper-takes-every-descriptor",
        from: "inputs.extend(fitting(&conn));",
        to: "inputs.push(conn.clone());",
        breaks: "A descriptor that select(2) cannot hold is not refused: the next select ends the \
            server.",
        ..UPPER
    },
    Mutant {
        name: "upper-rest-of-send-lost",
        from: "w.write(&unless_ended(data_to_client)?)?;",
        to: "let data = unless_ended(data_to_client)?;\n\
             match w.send(&data) {\n\
             Err(error) if error.kind() == io::ErrorKind::WouldBlock => w.write(&data)?,\n\
             sent => drop(sent?),\n\
             }",
        breaks: "What a partial send did not take is lost.",
        ..UPPER
    },
    Mutant {
        name: "upper-rest-of-send-waits",
        from: "if !w.is_owed() {\n                    let entry",
        to: "if true {\nlet entry",
        breaks: "What a partial send did not take waits for another message.",
        ..UPPER
    },
    Mutant {
        name: "upper-end-is-a-message",
        from: "w.write(&unless_ended(data_to_client)?)?;",
        to: "w.write(&data_to_client)?;",
        breaks: "The end of the stream is answered with nothing, again and again.",
        ..UPPER
    },
    Mutant {
        name: "upper-reset-ends-server",
        from: "serve().or_else(|error| r.close_on(error))?;",
        to: "serve().or_else(|error| match error.kind() {\n\
             io::ErrorKind::ConnectionReset => Err(error),\n\
             _ => r.close_on(error),\n\
             })?;",
        breaks: "A client that resets ends the server.",
        ..UPPER
    },
    Mutant {
        name: "upper-send-error-ends-server",
        from: "serve().or_else(|error| w.close_on(error))?;",
        to: "serve().or_else(|error| match error.raw_os_error() {\n\
             Some(_) => Err(error),\n\
             None => w.close_on(error),\n\
             })?;",
        breaks: "A client whose connection breaks while replies are sent ends the server.",
        ..UPPER
    },
    Mutant {
        name: "upper-decoders-kept",
        from: "decoders.retain(|s, _| s.is_open());",
        to: "",
        breaks: "The decoders of clients that have left stay, and the memory grows.",
        ..UPPER
    },
    Mutant {
        name: "hello-refused-send-lost",
        from: "item.write(b\"hello\")?;",
        to: "let sent = item.send(b\"hello\")?;\nitem.write(&b\"hello\"[sent..])?;",
        breaks: "A reply that the kernel refuses is lost.",
        ..HELLO
    },
    Mutant {
        name: "hello-client-owed-is-not-written-to",
        from: "select(&watched, &owed, &[], None)?;",
        to: "select(&watched, &owed[..0], &[], None)?;",
        breaks: "A client that is owed a reply is not waited for, and hears nothing any more.",
        ..HELLO
    },
    Mutant {
        name: "hello-reads-while-owed",
        from: "select(&watched, &owed, &[], None)?;",
        to: "select(&r_lst, &owed, &[], None)?;",
        breaks: "A client that takes no `hello` is read from, and what it is owed grows without \
            end.",
        ..HELLO
    },
    Mutant {
        name: "hello-clients-block",
        from: "conn.setblocking(false)?;",
        to: "",
        breaks: "Accepted sockets block: a client that does not read holds all others up.",
        ..HELLO
    },
    Mutant {
        name: "hello-takes-every-descriptor",
        from: "r_lst.extend(fitting(&conn));",
        to: "r_lst.push(conn);",
        breaks: "A descriptor that select(2) cannot hold is not refused: the next select ends the \
            server.",
        ..HELLO
    },
    Mutant {
        name: "hello-end-is-a-message",
        from: "unless_ended(item.recv(1024)?)?",
        to: "item.recv(1024)?",
        breaks: "The end of the stream is answered, again and again.",
        ..HELLO
    },
    Mutant {
        name: "hello-broken-pipe-ends-server",
        from: "item.write(b\"hello\")?;",
        to: "item.write(b\"hello\").unwrap();",
        breaks: "A client that is gone when it is answered ends the server.",
        ..HELLO
    },
    Mutant {
        name: "hello-drain-error-ends-server",
        from: "item.drain().or_else(|error| item.close_on(error))?;",
        to: "item.drain()?;",
        breaks: "A client that is lost while it is owed a reply ends the server.",
        ..HELLO
    },
    Mutant {
        name: "chat-asks-for-the-wrong-client",
        from: "obj.getpeername()",
        to: "inp.last().unwrap_or(obj).getpeername()",
        breaks: "The prompt names the client that connected last, not the one that is answered.",
        ..CHAT
    },
    Mutant {
        name: "chat-ends-with-its-operator",
        from: "input(&format!(\"answer {addr}:\"))?;",
        to: "input(&format!(\"answer {addr}:\")).unwrap();",
        breaks: "The end of the operator's input ends the server.",
        ..CHAT
    },
    Mutant {
        name: "chat-reads-while-owed",
        from: "select(&watched, &owed, &[], None)?;",
        to: "select(&inp, &owed, &[], None)?;",
        breaks: "A client that takes no answer is read from, and what it is owed grows without \
            end.",
        ..CHAT
    },
    Mutant {
        name: "chat-listener-blocks",
        from: "server.setblocking(false)?;",
        to: "",
        breaks: "The listener blocks: while there is no descriptor for another client, nobody is \
            served.",
        ..CHAT
    },
    Mutant {
        name: "chat-clients-block",
        from: "conn.setblocking(false)?;",
        to: "",
        breaks: "Accepted sockets block: a client that does not read holds all others up.",
        ..CHAT
    },
    Mutant {
        name: "chat-end-is-a-message",
        from: "unless_ended(obj.recv(1024)?)?",
        to: "obj.recv(1024)?",
        breaks: "The operator is asked to answer the end of the stream.",
        ..CHAT
    },
    Mutant {
        name: "chat-refused-answer-lost",
        from: "obj.write(data.as_bytes())?;",
        to: "let sent = obj.send(data.as_bytes())?;\nobj.write(&data.as_bytes()[sent..])?;",
        breaks: "An answer that the kernel refuses is lost.",
        ..CHAT
    },
    Mutant {
        name: "operator-listener-blocks",
        from: "sk.setblocking(false)?;",
        to: "",
        breaks: "The listener blocks: while there is no descriptor for another client, nobody is \
            served.",
        ..OPERATOR
    },
    Mutant {
        name: "operator-takes-every-descriptor",
        from: "inputs.extend(fitting(&conn));",
        to: "inputs.push(conn);",
        breaks: "A descriptor that select(2) cannot hold is not refused: the next select ends the \
            server.",
        ..OPERATOR
    },
    Mutant {
        name: "operator-end-is-a-message",
        from: "unless_ended(obj.recv(1024)?)?",
        to: "obj.recv(1024)?",
        breaks: "The operator is asked to answer the end of the stream.",
        ..OPERATOR
    },
    Mutant {
        name: "operator-rest-of-answer-lost",
        from: "obj.write(inp.as_bytes())?;",
        to: "match obj.send(inp.as_bytes()) {\n\
             Err(error) if error.kind() == io::ErrorKind::WouldBlock => obj\n\
             .write(inp.as_bytes())?,\n\
             sent => drop(sent?),\n\
             }",
        breaks: "What a partial send did not take of an answer is lost.",
        ..OPERATOR
    },
    Mutant {
        name: "operator-owed-is-not-written-to",
        from: "select(&watched, &owed, &[], None)?;",
        to: "select(&watched, &owed[..0], &[], None)?;",
        breaks: "A client that is owed the rest of an answer never gets it.",
        ..OPERATOR
    },
    Mutant {
        name: "level-triggered-keeps-clients",
        from: "say!(\"{conn}\"); // 79",
        to: "say!(\"{conn}\");\nstd::mem::forget(conn.clone()); // 79",
        breaks: "A client is not closed when the next one comes.",
        ..LEVEL_TRIGGERED
    },
    Mutant {
        name: "level-triggered-closes-at-once",
        from: "say!(\"{conn}\"); // 79",
        to: "say!(\"{conn}\");\nconn.close(); // 79",
        breaks: "A client is closed at once, and not when the next one comes.",
        ..LEVEL_TRIGGERED
    },
    Mutant {
        name: "level-triggered-waits-for-ever",
        from: "Some(Duration::from_secs(5))",
        to: "None",
        breaks: "select has no time-out: nothing is printed while nobody comes.",
        ..LEVEL_TRIGGERED
    },
    Mutant {
        name: "level-triggered-never-accepts",
        from: "if chosen(\"no-accept\") == Some(true) {",
        to: "if chosen(\"no-accept\") != Some(true) {",
        breaks: "It accepts with --no-accept only.",
        ..LEVEL_TRIGGERED
    },
];
