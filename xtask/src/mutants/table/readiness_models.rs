//! Defects of poll and of busy polling, which are told again and again.

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
];
