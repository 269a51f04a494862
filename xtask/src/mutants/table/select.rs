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

const FITTING: Mutant = Mutant { file: "select-server/src/lib.rs", ..MAIN };

const SELECT: Mutant = Mutant { file: "select-server/src/select.rs", ..MAIN };

/// The line that keeps what the kernel does not take.
const WRITE: &str = "let sent = s.write(&next_msg); // 215 differs: keeps what is not sent";

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "select-no-queue-limit",
        from: "q.len() >= QUEUE_LIMIT",
        to: "q.len() == usize::MAX",
        breaks: "A client with a full queue is read from: one that takes no replies fills the \
            memory.",
        ..MAIN
    },
    Mutant {
        name: "select-no-fd-setsize",
        from: "if conn.fileno() as usize >= FD_SETSIZE {",
        to: "if false {",
        breaks: "A descriptor that select(2) cannot hold is not refused: the next select ends the \
            server.",
        ..FITTING
    },
    Mutant {
        name: "select-fd-setsize-off-by-one",
        from: "conn.fileno() as usize >= FD_SETSIZE",
        to: "conn.fileno() as usize > FD_SETSIZE",
        breaks: "Descriptor 1,024 is not refused: the next select ends the server.",
        ..FITTING
    },
    Mutant {
        name: "select-half-an-fd-set",
        from: "conn.fileno() as usize >= FD_SETSIZE",
        to: "conn.fileno() as usize >= FD_SETSIZE / 2",
        breaks: "Clients are refused though the `fd_set` has room for them.",
        ..FITTING
    },
    Mutant {
        name: "select-refusal-not-said",
        from: "warn!(\"{addr} refused:",
        to: "common::say!(\"{addr} refused:",
        breaks: "With --quiet, a client that is refused is not reported.",
        ..FITTING
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
        name: "select-listener-blocks",
        from: "server.setblocking(false)?; // 152",
        to: "",
        breaks: "The listener blocks: while there is no descriptor for another client, nobody is \
            served.",
        ..MAIN
    },
    Mutant {
        name: "select-rest-of-send-lost",
        from: WRITE,
        to: "let sent = match s.send(&next_msg) {\n\
             Err(error) if error.kind() == io::ErrorKind::WouldBlock => s.write(&next_msg),\n\
             sent => sent.map(drop),\n\
             };",
        breaks: "What a partial send did not take is lost.",
        ..MAIN
    },
    Mutant {
        name: "select-refused-send-lost",
        from: WRITE,
        to: "let sent = s.send(&next_msg).and_then(|sent| s.write(&next_msg[sent..]));",
        breaks: "A message that the kernel refuses is lost.",
        ..MAIN
    },
    Mutant {
        name: "select-sends-again-from-start",
        from: WRITE,
        to: "let sent = match s.send(&next_msg) {\n\
             Ok(sent) if sent == next_msg.len() => Ok(()),\n\
             _ => s.write(&next_msg),\n\
             };",
        breaks: "After a partial send, the message is sent again from its start.",
        ..MAIN
    },
    Mutant {
        name: "select-rest-goes-last",
        from: WRITE,
        to: "let sent = match s.send(&next_msg) {\n\
             Ok(sent) if sent < next_msg.len() => Ok(message_queues\n\
             .entry(s.clone()).or_default().push_back(next_msg[sent..].to_vec())),\n\
             Err(error) if error.kind() == io::ErrorKind::WouldBlock => s.write(&next_msg),\n\
             sent => sent.map(drop),\n\
             };",
        breaks: "What a partial send did not take goes behind the messages that came later.",
        ..MAIN
    },
    Mutant {
        name: "select-rest-waits-for-another-message",
        from: "None if s.is_owed() =>",
        to: "None if false =>",
        breaks: "What the kernel did not take of the last message waits for another message, or \
            is lost at the end.",
        ..MAIN
    },
    Mutant {
        name: "select-reset-ends-server",
        from: "serve().or_else(|error| s.close_on(error))?;",
        to: "serve().or_else(|error| match error.kind() {\n\
             io::ErrorKind::ConnectionReset => Err(error),\n\
             _ => s.close_on(error),\n\
             })?;",
        breaks: "A client that resets ends the server.",
        ..MAIN
    },
    Mutant {
        name: "select-owed-replies-forgotten",
        from: "if !outputs.contains(s) {\n                            // 198",
        to: "if true {\n// 198",
        breaks: "Replies that are still queued are dropped when the client closes its sending \
            side.",
        ..MAIN
    },
    Mutant {
        name: "select-owed-client-never-closed",
        from: "if !inputs.contains(s) {",
        to: "if false {",
        breaks: "A client that closed its sending side while it was owed replies is not closed \
            after them.",
        ..MAIN
    },
    Mutant {
        name: "select-ended-client-stays-in-inputs",
        from: "inputs.retain(|other| other != s); // 201",
        to: "",
        breaks: "A client that closed its sending side and is owed replies stays in `inputs`: its \
            end is read for ever, and the server spins.",
        ..MAIN
    },
    Mutant {
        name: "select-idle-client-stays-in-outputs",
        from: "outputs.retain(|other| other != s); // 211",
        to: "",
        breaks: "A client with an empty queue stays in `outputs`: it is writable for ever, and the \
            server spins.",
        ..MAIN
    },
    Mutant {
        name: "select-lost-client-stays-in-outputs",
        from: "s.drain().or_else(|error| s.close_on(error))?,",
        to: "drop(s.drain()),",
        breaks: "A client whose connection breaks while the rest of its last reply is sent stays \
            in `outputs`: never closed, and the server spins.",
        ..MAIN
    },
    Mutant {
        name: "select-closed-client-stays-in-outputs",
        from: "outputs.retain(Socket::is_open);",
        to: "",
        breaks: "A client that is lost while it is owed replies stays in `outputs`: the next \
            select ends the server.",
        ..MAIN
    },
    Mutant {
        name: "select-closed-client-stays-in-inputs",
        from: "inputs.retain(Socket::is_open);",
        to: "",
        breaks: "A client that resets stays in `inputs`: the next select ends the server.",
        ..MAIN
    },
    Mutant {
        name: "select-queue-kept",
        from: "message_queues.retain(|s, _| s.is_open());",
        to: "",
        breaks: "The queues of clients that have left stay, and the memory grows.",
        ..MAIN
    },
    Mutant {
        name: "select-send-error-ends-server",
        from: "sent.or_else(|error| s.close_on(error))?;",
        to: "sent?;",
        breaks: "A client whose connection breaks while replies are sent ends the server.",
        ..MAIN
    },
    Mutant {
        name: "select-exceptions-ignored",
        from: "select(&watched, &outputs, &inputs, None)?;",
        to: "select(&watched, &outputs, &[], None)?;",
        breaks: "Nothing is watched for exceptional conditions: out-of-band data is not dealt with \
            as in the listing.",
        ..MAIN
    },
    Mutant {
        name: "select-exceptions-not-dealt-with",
        from: "for s in &exeptional {",
        to: "for s in &exeptional[..0] {",
        breaks: "A client that sent out-of-band data stays: the condition is reported for ever, \
            and the server spins.",
        ..MAIN
    },
    Mutant {
        name: "select-exceptional-client-stays-in-inputs",
        from: "inputs.retain(|other| other != s); // 219",
        to: "",
        breaks: "A client that sent out-of-band data is not taken out of `inputs` at once.",
        verdict: Verdict::Equivalent("It is closed, and leaves all lists at the end of the round."),
        ..MAIN
    },
    Mutant {
        name: "select-exceptional-client-stays-in-outputs",
        from: "outputs.retain(|other| other != s); // 221",
        to: "",
        breaks: "A client that is owed a reply and sent out-of-band data is not taken out of \
            `outputs` at once.",
        verdict: Verdict::Equivalent("It is closed, and leaves all lists at the end of the round."),
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
        from: "next_msg.to_ascii_uppercase()",
        to: "next_msg.clone()",
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
        name: "select-panics-without-output",
        from: "say!(\"waiting for next event...\");",
        to: "println!(\"waiting for next event...\");",
        breaks: "A line is printed by `println!`: it panics when nobody reads its output, and \
            ignores --quiet.",
        ..MAIN
    },
    Mutant {
        name: "select-messages-not-printed",
        from: "say!(\"received from [{}]: {}\", s.getpeername().ip(), Bytes(&data)); // 190",
        to: "// 190",
        breaks: "What clients send is not printed when it comes.",
        ..MAIN
    },
    Mutant {
        name: "select-many-times-in-outputs",
        from: "if !outputs.contains(s) {\n                            // 192",
        to: "if true {\n// 192",
        breaks: "A client stands in `outputs` once for each message, and for one that reads slowly \
            the list grows without end.",
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
        server: "level-triggered",
        from: "&mut except, left)?;",
        to: "&mut except, left.and(None))?;",
        breaks: "A wait with a time-out has no end: while nobody comes, `>>>>>` is not printed.",
        ..SELECT
    },
    Mutant {
        name: "select-not-called-again",
        from: "uninterrupted_within(timeout, |left| {",
        to: "(|call: &dyn Fn(Option<Duration>) -> io::Result<Ready<T>>| call(timeout))(&|left| {",
        breaks: "A select that a signal interrupts is not called again: the server ends.",
        ..SELECT
    },
];
