//! Defects of the selectors and of the mechanisms below them.

use super::{Mutant, Verdict};

const SELECTOR: Mutant = Mutant {
    name: "",
    server: "selectors-server",
    file: "selectors-server/src/selector.rs",
    from: "",
    to: "",
    breaks: "",
    verdict: Verdict::Found,
};

const MIO: Mutant = Mutant { file: "selectors-server/src/mio_selector.rs", ..SELECTOR };

const EPOLL: Mutant = Mutant { file: "selectors-server/src/epoll_selector.rs", ..SELECTOR };

const POLL: Mutant = Mutant { file: "selectors-server/src/poll_selector.rs", ..SELECTOR };

const LIST: Mutant = Mutant { file: "select-server/src/poll.rs", ..SELECTOR };

const SELECT: Mutant = Mutant { file: "selectors-server/src/select_selector.rs", ..SELECTOR };

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "selectors-choice-ignored",
        from: "common::chosen(\"selector\");",
        to: "None;",
        breaks: "--selector is ignored.",
        ..SELECTOR
    },
    Mutant {
        name: "selectors-mechanism-not-modified",
        from: "if key.events != events\n",
        to: "if false\n",
        breaks: "`modify` does not reach the mechanism: EVENT_WRITE is never waited for.",
        ..SELECTOR
    },
    Mutant {
        name: "selectors-mechanism-not-unregistered",
        from: "ok_or_else(|| unknown(fd))?;\n        self.mechanism.unregister(fd);",
        to: "ok_or_else(|| unknown(fd))?;",
        breaks: "`unregister` does not reach the mechanism: poll and select are given descriptors \
            that are closed.",
        ..SELECTOR
    },
    Mutant {
        name: "selectors-mechanism-does-not-forget",
        from: "if self.fd_to_key.remove(&fd).is_some() {",
        to: "if self.fd_to_key.remove(&fd).is_none() {",
        breaks: "After a reset the mechanism keeps the descriptor: poll and select are given one \
            that is closed.",
        ..SELECTOR
    },
    Mutant {
        name: "selectors-mio-reports-once",
        from: "self.arm_again();",
        to: "",
        breaks: "mio stays edge-triggered: what a callback leaves unread is not reported again.",
        ..MIO
    },
    Mutant {
        name: "selectors-mio-modify-not-kept",
        from: ".reregister(&mut SourceFd(&fd), token(fd), interest)?;",
        to: ".reregister(&mut SourceFd(&fd), token(fd), interest)?;\nreturn Ok(());",
        breaks: "Under mio a socket is armed again for what it was registered for first: after a \
            refused send EVENT_WRITE is not waited for.",
        ..MIO
    },
    Mutant {
        name: "selectors-epoll-reports-once",
        from: "    read | write\n",
        to: "    read | write | epoll::EPOLLET\n",
        breaks: "With --selector epoll, sockets are edge-triggered: what a callback leaves unread \
            is not reported again.",
        ..EPOLL
    },
    Mutant {
        name: "selectors-epoll-never-writes",
        from: "{ EPOLLOUT } else",
        to: "{ EPOLLIN } else",
        breaks: "With --selector epoll, EVENT_WRITE waits for EPOLLIN: after a refused send the \
            rest waits until the client sends more.",
        ..EPOLL
    },
    Mutant {
        name: "selectors-poll-not-modified",
        from: "fn modify(&mut self, fd: RawFd, events: Mask) -> io::Result<()> {",
        to: "fn modify(&mut self, fd: RawFd, events: Mask) -> io::Result<()> {\nreturn Ok(());",
        breaks: "With --selector poll, a change of events is ignored: after a refused send \
            EVENT_WRITE is not waited for.",
        ..POLL
    },
    Mutant {
        name: "selectors-poll-keeps-closed",
        from: "self.poll.unregister(fd);",
        to: "let _ = fd;",
        breaks: "With --selector poll, a closed descriptor stays in the list: poll reports it at \
            once, and the server spins.",
        ..POLL
    },
    Mutant {
        name: "selectors-poll-wakes-on-urgent-data",
        from: "{ POLLIN } else",
        to: "{ POLLIN | select::POLLPRI } else",
        breaks: "With --selector poll, out-of-band data counts as readable.",
        verdict: Verdict::Equivalent(
            "The read that follows finds nothing and takes the urgent byte away, so that it wakes \
             the server once.",
        ),
        ..POLL
    },
    Mutant {
        name: "selectors-poll-time-out-ignored",
        from: "to_millis(left)",
        to: "to_millis(left.and(None))",
        breaks: "With --selector poll, a wait with a time-out has no end.",
        verdict: Verdict::Equivalent("No server gives its selector a time-out."),
        ..LIST
    },
    Mutant {
        name: "selectors-select-never-writes",
        from: "select(&readers, &writers, &[], timeout)?;",
        to: "select(&readers, &writers[..0], &[], timeout)?;",
        breaks: "With --selector select, nothing is watched for writing: after a refused send the \
            rest is never sent.",
        ..SELECT
    },
    Mutant {
        name: "selectors-select-keeps-closed",
        from: "self.watched.remove(&fd);",
        to: "let _ = fd;",
        breaks: "With --selector select, a closed descriptor stays in the list: the first client \
            that leaves ends the server (EBADF).",
        ..SELECT
    },
    Mutant {
        name: "selectors-select-off-by-one",
        from: "fd < FD_SETSIZE)",
        to: "fd <= FD_SETSIZE)",
        breaks: "With --selector select, descriptor 1,024 is not refused: the next select ends the \
            server.",
        ..SELECT
    },
];
