//! Defects of examples.

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

const HELLO: Mutant = Mutant { server: "hello", file: "select-server/examples/hello.rs", ..UPPER };

const CHAT: Mutant = Mutant { server: "chat", file: "select-server/examples/chat.rs", ..UPPER };

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "upper-cuts-characters",
        from: "messages.cut = data.split_off(data.len() - cut_len(&data));",
        to: "",
        breaks: "A character that the end of a read cuts does not wait for its rest, and stays as \
            it is.",
        ..UPPER
    },
    Mutant {
        name: "upper-character-at-the-end-lost",
        from: "if !ended {",
        to: "if true {",
        breaks: "The first part of a character, at the end of the stream, is not sent back.",
        ..UPPER
    },
    Mutant {
        name: "upper-rest-of-send-lost",
        from: "messages.queue.push_front(data_to_client);",
        to: "",
        breaks: "What a partial send did not take is lost.",
        ..UPPER
    },
    Mutant {
        name: "hello-refused-send-lost",
        file: "select-server/examples/shared/unsent.rs",
        from: "ErrorKind::WouldBlock => {}",
        to: "ErrorKind::WouldBlock => owed.clear(),",
        breaks: "A reply that the kernel refuses is lost.",
        ..HELLO
    },
    Mutant {
        name: "hello-client-owed-is-not-written-to",
        from: "select(&watched, &owed, &[], pause)?;",
        to: "select(&watched, &owed[..0], &[], pause)?;",
        breaks: "A client that is owed a reply is not waited for, and hears nothing any more.",
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
        name: "chat-asks-nobody",
        file: "common/src/keyboard.rs",
        from: "self.ended = true;",
        to: "",
        breaks: "After the end of the operator's input, each message is followed by another prompt \
            and another message about the end.",
        ..CHAT
    },
    Mutant {
        name: "interval-clients-block",
        server: "interval",
        file: "nonblocking-server/examples/interval.rs",
        from: "connection.setblocking(false)?;",
        to: "",
        breaks: "Accepted sockets block: one silent client stops the server.",
        ..UPPER
    },
    Mutant {
        name: "greet-once-rest-of-greeting-lost",
        server: "greet-once",
        file: "nonblocking-server/examples/greet-once.rs",
        from: "conn.sent += conn.socket.send(&GREETING[conn.sent..])?;",
        to: "conn.socket.send(&GREETING[conn.sent..])?;\nconn.sent = GREETING.len();",
        breaks: "The greeting counts as sent once a part of it was taken.",
        ..UPPER
    },
    Mutant {
        name: "your-msg-rest-of-send-lost",
        server: "your-msg",
        file: "selectors-server/examples/your-msg.rs",
        from: "Ok(sent) => drop(msg.drain(..sent)),",
        to: "Ok(_) => msg.clear(),",
        breaks: "What a partial send did not take is lost.",
        ..UPPER
    },
    Mutant {
        name: "your-msg-quiet-ignored",
        server: "your-msg",
        file: "selectors-server/examples/your-msg.rs",
        from: "let level = if args.quiet {",
        to: "let level = if false {",
        breaks: "With --quiet every event is logged all the same.",
        ..UPPER
    },
];
