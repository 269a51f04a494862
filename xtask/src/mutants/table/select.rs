//! Defects of the select server and of its library.

use super::{Mutant, Verdict};

const MAIN: Mutant = Mutant {
    name: "",
    server: "select-server",
    file: "select-server/src/main.rs",
    from: "",
    to: "",
    breaks: "",
    verdict: Verdict::Found,
};

const SELECT: Mutant = Mutant { file: "select-server/src/select.rs", ..MAIN };

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "select-no-reuseaddr",
        from: "set_reuseaddr(true)",
        to: "set_reuseaddr(false)",
        breaks: "SO_REUSEADDR is not set: a restart cannot bind while old connections are in \
            TIME_WAIT.",
        ..MAIN
    },
    Mutant {
        name: "select-no-queue-limit",
        from: "Some(queue) => queue.len() < QUEUE_LIMIT,",
        to: "Some(_) => true,",
        breaks: "A client with a full queue is read from: one that takes no replies fills the \
            memory.",
        ..MAIN
    },
    Mutant {
        name: "select-spins-without-descriptors",
        from: "None => pause.is_none(), // the listener",
        to: "None => true,",
        breaks: "The listener is watched while there is no descriptor for another client: select \
            returns at once, again and again.",
        ..MAIN
    },
    Mutant {
        name: "select-accept-error-ends-server",
        from: "failures.survive(error)?;",
        to: "return Err(error.into());",
        breaks: "Every error of accept ends the server, a shortage of descriptors too.",
        ..MAIN
    },
    Mutant {
        name: "select-no-fd-setsize",
        from: "if conn.fileno() as usize >= FD_SETSIZE {",
        to: "if false {",
        breaks: "A descriptor that select(2) cannot hold is not refused: the next select ends the \
            server.",
        ..MAIN
    },
    Mutant {
        name: "select-fd-setsize-off-by-one",
        from: "conn.fileno() as usize >= FD_SETSIZE",
        to: "conn.fileno() as usize > FD_SETSIZE",
        breaks: "Descriptor 1,024 is not refused: the next select ends the server.",
        ..MAIN
    },
    Mutant {
        name: "select-half-an-fd-set",
        from: "conn.fileno() as usize >= FD_SETSIZE",
        to: "conn.fileno() as usize >= FD_SETSIZE / 2",
        breaks: "Clients are refused though the `fd_set` has room for them.",
        ..MAIN
    },
    Mutant {
        name: "select-clients-block",
        from: "conn.setblocking(false)?; // 179",
        to: "",
        breaks: "Accepted sockets block: a message that fits only in part holds the server up \
            until the client reads.",
        ..MAIN
    },
    Mutant {
        name: "select-rest-of-send-lost",
        from: "Ok(sent) => queue.push_front(next_msg.split_off(sent)),",
        to: "Ok(_) => {}",
        breaks: "What a partial send did not take is lost.",
        ..MAIN
    },
    Mutant {
        name: "select-refused-send-lost",
        from: "queue.push_front(next_msg);",
        to: "",
        breaks: "A message that the kernel refuses is lost.",
        ..MAIN
    },
    Mutant {
        name: "select-sends-again-from-start",
        from: "queue.push_front(next_msg.split_off(sent))",
        to: "queue.push_front(next_msg)",
        breaks: "After a partial send, the message is sent again from its start.",
        ..MAIN
    },
    Mutant {
        name: "select-rest-goes-last",
        from: "queue.push_front(next_msg.split_off(sent))",
        to: "queue.push_back(next_msg.split_off(sent))",
        breaks: "What a partial send did not take goes behind the messages that came later.",
        ..MAIN
    },
    Mutant {
        name: "select-reset-ends-server",
        from: "Err(_) => {",
        to: "Err(error) => {\nreturn Err(error.into());",
        breaks: "A client that resets ends the server.",
        ..MAIN
    },
    Mutant {
        name: "select-owed-replies-forgotten",
        from: "let owed = !queue.is_empty();",
        to: "let owed = false;",
        breaks: "Replies that are still queued are dropped when the client closes its sending \
            side.",
        ..MAIN
    },
    Mutant {
        name: "select-ended-client-stays-in-inputs",
        from: "remove(&mut inputs, s); // 201",
        to: "",
        breaks: "A client that has left stays in `inputs`: it is readable for ever, and its \
            descriptor stays open.",
        ..MAIN
    },
    Mutant {
        name: "select-idle-client-stays-in-outputs",
        from: "remove(&mut outputs, s); // 211",
        to: "",
        breaks: "A client with an empty queue stays in `outputs`: it is writable for ever, and the \
            server spins.",
        ..MAIN
    },
    Mutant {
        name: "select-lost-client-stays-in-outputs",
        from: "say!(\"client disconnected {s}: {error}\");",
        to: "remove(&mut inputs, s);\nmessage_queues.remove(&s.fileno());\ncontinue;",
        breaks: "A client whose connection breaks while replies are sent stays in `outputs`: never \
            closed, and the server spins.",
        ..MAIN
    },
    Mutant {
        name: "select-send-error-ends-server",
        from: "say!(\"client disconnected {s}: {error}\");",
        to: "return Err(error.into());",
        breaks: "A client whose connection breaks while replies are sent ends the server.",
        ..MAIN
    },
    Mutant {
        name: "select-exceptions-ignored",
        from: "select(&watched, &outputs, &inputs, pause)?;",
        to: "select(&watched, &outputs, &[], pause)?;",
        breaks: "Nothing is watched for exceptional conditions: out-of-band data is not dealt with \
            as in the listing.",
        ..MAIN
    },
    Mutant {
        name: "select-exceptional-client-stays-in-inputs",
        from: "remove(&mut inputs, s); // 219",
        to: "",
        breaks: "A client that sent out-of-band data stays in `inputs` without a queue: the \
            condition is reported for ever.",
        ..MAIN
    },
    Mutant {
        name: "select-exceptional-client-stays-in-outputs",
        from: "remove(&mut outputs, s); // 221",
        to: "",
        breaks: "A client that is owed a reply and sent out-of-band data stays in `outputs`: never \
            closed, and the server spins.",
        ..MAIN
    },
    Mutant {
        name: "select-reads-too-much",
        from: "s.recv(1024)",
        to: "s.recv(64 * 1024)",
        breaks: "A message has up to 64 KiB, and a client's queue up to 4 MiB instead of 64 KiB.",
        ..MAIN
    },
    Mutant {
        name: "select-answers-unchanged",
        from: "&next_msg.to_ascii_uppercase()",
        to: "&next_msg",
        breaks: "Replies are not in upper case.",
        ..MAIN
    },
    Mutant {
        name: "select-small-backlog",
        from: "server.listen(5)?;",
        to: "server.listen(1)?;",
        breaks: "Two clients can wait to be accepted instead of six; further ones wait for a \
            second or more.",
        ..MAIN
    },
    Mutant {
        name: "select-listening-too-early",
        from: "server.listen(5)?; // 159\n    args.listening(&server);",
        to: "args.listening(&server);\nserver.listen(5)?;",
        breaks: "`listening on` is printed before the kernel takes connections: one that comes at \
            once is refused.",
        ..MAIN
    },
    Mutant {
        name: "select-panics-without-output",
        from: "say!(\"waiting for next event...\");",
        to: "println!(\"waiting for next event...\");",
        breaks: "A line is printed by `println!`: it panics when nobody reads its output, and \
            ignores --quiet.",
        ..MAIN
    },
    Mutant {
        name: "select-nfds-off-by-one",
        from: "highest + 1",
        to: "highest",
        breaks: "The highest descriptor is not looked at.",
        ..SELECT
    },
    Mutant {
        name: "select-writable-is-readable",
        from: "pick(wlist, &write)",
        to: "pick(wlist, &read)",
        breaks: "A socket counts as writable when it is readable.",
        ..SELECT
    },
    Mutant {
        name: "select-time-out-ignored",
        from: "&mut except, left)?;",
        to: "&mut except, left.and(None))?;",
        breaks: "A wait with a time-out has no end: after a shortage of descriptors the listener \
            is watched again only when another client does something.",
        ..SELECT
    },
    Mutant {
        name: "select-not-called-again",
        from: "uninterrupted_within(timeout, |left| {",
        to: "(|call: &dyn Fn(Option<Duration>) -> io::Result<Ready<T>>| call(timeout))(&|left| {",
        breaks: "A select that a signal interrupts is not called again: the server ends.",
        ..SELECT
    },
    Mutant {
        name: "select-listener-blocks",
        from: "server.setblocking(false)?; // 152",
        to: "",
        breaks: "The listener blocks.",
        verdict: Verdict::Equivalent(
            "Linux hands out every connection that made the listener readable, a reset one too, \
             and no other process accepts from it.",
        ),
        ..MAIN
    },
    Mutant {
        name: "select-empty-queue-kept",
        from: "message_queues.remove(&s.fileno()); // 203",
        to: "// 203",
        breaks: "The empty queue of a client that has left stays in `message_queues`.",
        verdict: Verdict::Equivalent(
            "The next client with that descriptor gets a new queue in its place, so there are \
             never more than descriptors.",
        ),
        ..MAIN
    },
    Mutant {
        name: "select-many-times-in-outputs",
        from: "if !outputs.contains(s) {",
        to: "if true {",
        breaks: "A client stands in `outputs` once for each message: a full buffer is tried as often in \
            each round, and for a client that reads slowly the list grows without end.",
        ..MAIN
    },
    Mutant {
        name: "select-messages-not-printed",
        from: "say!(\"received from [{}]: {}\", s.getpeername().ip(), Bytes(&data)); // 190",
        to: "// 190",
        breaks: "What clients send is not printed when it comes.",
        ..MAIN
    },
];
