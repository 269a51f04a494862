//! Defects of the models of readiness: poll, signals, edges, a loop on each core.

use super::{Mutant, Verdict};

const POLL: Mutant = Mutant {
    name: "",
    server: "poll",
    file: "select-server/examples/poll.rs",
    from: "",
    to: "",
    breaks: "",
    verdict: Verdict::Found,
};

const LIST: Mutant = Mutant { file: "select-server/src/poll.rs", ..POLL };

const BUSY: Mutant =
    Mutant { server: "busy-polling", file: "nonblocking-server/examples/busy-polling.rs", ..POLL };

const SIGNALS: Mutant = Mutant {
    server: "signal-driven",
    file: "nonblocking-server/examples/signal-driven.rs",
    ..POLL
};

const EDGE: Mutant =
    Mutant { server: "edge-triggered", file: "epoll-server/examples/edge-triggered.rs", ..POLL };

const STREAM: Mutant = Mutant { file: "common/src/stream.rs", ..EDGE };

const CORES: Mutant =
    Mutant { server: "epoll-per-core", file: "epoll-server/examples/epoll-per-core.rs", ..POLL };

const LAST_WORDS: Mutant = Mutant { file: "epoll-server/src/last_words.rs", ..CORES };

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "poll-room-unasked",
        from: "if client.owed() > 0 { POLLOUT } else { 0 }",
        to: "0",
        breaks: "What a full socket did not take is never sent.",
        ..POLL
    },
    Mutant {
        name: "poll-always-asks-for-input",
        from: "if client.is_read_from() { POLLIN } else { 0 }",
        to: "POLLIN",
        breaks: "A client that does not read is reported again and again, and not read from.",
        ..POLL
    },
    Mutant {
        name: "poll-shortage-forgotten",
        from: "poll.modify(listener.fileno(), POLLIN)?;",
        to: "",
        breaks: "After a shortage of descriptors nobody is accepted any more.",
        ..POLL
    },
    Mutant {
        name: "poll-closed-stays-in-the-list",
        from: "poll.unregister(fd);",
        to: "",
        breaks: "A descriptor that is closed is reported for ever (POLLNVAL).",
        ..POLL
    },
    Mutant {
        name: "poll-looks-now-and-then",
        from: "{ left } else",
        to: "{ left.or(Some(Duration::from_millis(100))) } else",
        breaks: "It wakes up ten times a second for nothing.",
        ..POLL
    },
    Mutant {
        name: "poll-last-unseen",
        from: "reported.take(count)",
        to: "reported.take(count - 1)",
        breaks: "The last descriptor of the list that is ready is not seen.",
        ..LIST
    },
    Mutant {
        name: "busy-room-unnoticed",
        from: "POLLIN | POLLOUT",
        to: "POLLIN",
        breaks: "What a full socket did not take is never sent.",
        ..BUSY
    },
    Mutant {
        name: "busy-closed-is-kept",
        from: "!= Next::Close",
        to: "!= Next::Again",
        breaks: "A client that has left is asked for ever, and keeps its descriptor.",
        ..BUSY
    },
    Mutant {
        name: "busy-sleeps",
        from: "        clients.retain_mut",
        to: "        std::thread::sleep(std::time::Duration::from_millis(1));\n        clients.retain_mut",
        breaks: "It waits between its rounds, and polls no more.",
        ..BUSY
    },
    Mutant {
        name: "signals-lost-for-clients",
        from: "for client in clients.iter_mut().flatten() {",
        to: "for client in clients.iter_mut().flatten().take(0) {",
        breaks: "When signals are lost, no client is looked at.",
        ..SIGNALS
    },
    Mutant {
        name: "signals-lost-for-the-listener",
        from: "it looks at every socket\");\n                    knocks = true;",
        to: "it looks at every socket\");",
        breaks: "When signals are lost, whoever waits to be accepted is not looked for.",
        ..SIGNALS
    },
    Mutant {
        name: "signals-shortage-forgotten",
        from: "return Ok(server.is_short()),",
        to: "return Ok(false),",
        breaks: "Who waits while descriptors are short waits for ever: no second signal comes.",
        ..SIGNALS
    },
    Mutant {
        name: "signals-none-for-what-came-before",
        from: "client.note(POLLIN | POLLPRI, turns);",
        to: "",
        breaks: "What a client sent before its socket was watched stays unread.",
        ..SIGNALS
    },
    Mutant {
        name: "edge-urgent-byte-ends-the-read",
        from: "let stops = EPOLLPRI | EPOLLRDHUP",
        to: "let stops = EPOLLRDHUP",
        breaks: "What follows an urgent byte stays unread: a short read is taken for the last.",
        ..EDGE
    },
    Mutant {
        name: "edge-end-unasked",
        from: "EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLOUT | EPOLLET",
        to: "EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLET",
        breaks: "The end of a stream that comes with its last bytes stays unread.",
        ..EDGE
    },
    Mutant {
        name: "edge-forgotten-while-owed",
        from: "self.readable &= mode.drain;",
        to: "self.readable &= mode.drain && self.conn.owed() == 0;",
        breaks: "That there is more to read is not remembered while something is owed.",
        verdict: Verdict::Equivalent(
            "What is owed ends with a report of room, and each report tells all that holds then: \
             what can be read, too.",
        ),
        ..EDGE
    },
    Mutant {
        name: "edge-budget-ends-the-turn",
        from: "client.has_turn = client.may_read();",
        to: "client.has_turn = false;",
        breaks: "Who used up its budget has no other turn: a long message is answered in part.",
        ..EDGE
    },
    Mutant {
        name: "edge-always-drains",
        from: "drain: !is_set(\"no-drain\")",
        to: "drain: true",
        breaks: "--no-drain is ignored.",
        ..EDGE
    },
    Mutant {
        name: "edge-never-level",
        from: "level: is_set(\"level\")",
        to: "level: false",
        breaks: "--level is ignored.",
        ..EDGE
    },
    Mutant {
        name: "stream-forgets-refused-bytes",
        from: "self.unsent.extend_from_slice(&data[sent..]);",
        to: "let _ = sent;",
        breaks: "What the kernel does not take is lost.",
        ..STREAM
    },
    Mutant {
        name: "cores-count-nobody",
        from: "served.fetch_add(1, Ordering::Relaxed);",
        to: "served.fetch_add(0, Ordering::Relaxed);",
        breaks: "The loops say that they served nobody.",
        ..CORES
    },
    Mutant {
        name: "cores-one-listener",
        from: "server.set_reuseport(true)?;",
        to: "",
        breaks: "The second loop cannot bind the port: the server does not start.",
        ..CORES
    },
    Mutant {
        name: "cores-panic-without-a-thread",
        from: "started(\"the thread that waits for signals\", Builder::new().spawn(listen))?;",
        to: "std::thread::spawn(listen);",
        breaks: "A thread that the system refuses at its start is a panic.",
        ..LAST_WORDS
    },
    Mutant {
        name: "cores-outlive-signals",
        from: "raise(signal)?;",
        to: "",
        breaks: "SIGTERM makes it say its last words, and nothing more.",
        ..LAST_WORDS
    },
];
