//! Defects of the models that are told once: edges, a loop on each core, signals; and of what they
//! share, each tried on one of them.

use super::{Mutant, Verdict};

const EDGE: Mutant = Mutant {
    name: "",
    server: "edge-triggered",
    file: "epoll-server/examples/edge-triggered.rs",
    from: "",
    to: "",
    breaks: "",
    verdict: Verdict::Found,
};

const CORES: Mutant =
    Mutant { server: "epoll-per-core", file: "epoll-server/examples/epoll-per-core.rs", ..EDGE };

const SIGNALS: Mutant = Mutant {
    server: "signal-driven",
    file: "nonblocking-server/examples/signal-driven.rs",
    ..EDGE
};

const ENDS: Mutant =
    Mutant { server: "epoll-per-core", file: "epoll-server/src/signals.rs", ..EDGE };

const CLIENT: Mutant = Mutant { file: "common/src/client.rs", ..EDGE };

const LISTENER: Mutant = Mutant { file: "common/src/listener.rs", ..EDGE };

const STREAM: Mutant = Mutant { file: "common/src/stream.rs", ..EDGE };

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "edge-end-unasked",
        from: "EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLOUT | EPOLLET",
        to: "EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLET",
        breaks: "The end of a stream that comes with its last bytes stays unread.",
        ..EDGE
    },
    Mutant {
        name: "edge-always-drains",
        from: "is_set(\"no-drain\")",
        to: "false",
        breaks: "--no-drain is ignored.",
        ..EDGE
    },
    Mutant {
        name: "edge-never-level",
        from: "is_set(\"level\")",
        to: "false",
        breaks: "--level is ignored.",
        ..EDGE
    },
    Mutant {
        name: "edge-spins-in-a-shortage",
        from: "epoll.modify(fd, 0)?;",
        to: "",
        breaks: "Without a free descriptor it watches its listener, which is reported again and \
            again.",
        ..EDGE
    },
    Mutant {
        name: "edge-sleeps-in-a-shortage",
        from: "epoll.modify(fd, 0)?;\n                    accept_again = Some(Instant::now() + SHORTAGE);",
        to: "thread::sleep(Duration::from_millis(5));",
        breaks: "Without a free descriptor each round of its loop sleeps, and its clients wait.",
        ..EDGE
    },
    Mutant {
        name: "edge-shortage-for-ever",
        from: "accept_again = Some(Instant::now() + SHORTAGE);",
        to: "",
        breaks: "After a shortage of descriptors it accepts nobody any more.",
        ..EDGE
    },
    Mutant {
        name: "edge-idle-ignored",
        from: "if look.is_some_and(|time| time <= Instant::now()) {",
        to: "if false {",
        breaks: "--idle closes nobody.",
        ..EDGE
    },
    Mutant {
        name: "edge-idle-closes-all",
        from: "&& !client.take_progress()",
        to: "",
        breaks: "--idle closes those who talk, too.",
        ..EDGE
    },
    Mutant {
        name: "edge-idle-at-once",
        from: "            look = idle.map(|idle| Instant::now() + idle);",
        to: "",
        breaks: "After the first look at idle clients each round looks, and closes who said \
            nothing since the last one.",
        ..EDGE
    },
    Mutant {
        name: "edge-ends-at-once",
        from: "finish(clients.into_iter().flatten().collect());",
        to: "",
        breaks: "SIGTERM ends it at once, whatever it owes.",
        ..EDGE
    },
    Mutant {
        name: "edge-listens-to-the-end",
        from: "drop(listener);",
        to: "",
        breaks: "Between SIGTERM and its end clients can still connect.",
        ..EDGE
    },
    Mutant {
        name: "edge-urgent-byte-ends-the-read",
        from: "(libc::POLLPRI | libc::POLLRDHUP) as u32",
        to: "libc::POLLRDHUP as u32",
        breaks: "What follows an urgent byte stays unread: a short read is taken for the last.",
        ..CLIENT
    },
    Mutant {
        name: "client-second-report-forgotten",
        server: "signal-driven",
        from: "events & STOPS != 0 || self.readable;",
        to: "events & STOPS != 0;",
        breaks: "Of two signals before a read the second one may be that of the end, which stays \
            unread.",
        ..CLIENT
    },
    Mutant {
        name: "edge-forgotten-while-owed",
        from: "self.queued = self.readable && self.has_credit();",
        to: "self.readable &= self.owed() == 0;\nself.queued = self.readable;",
        breaks: "That there is more to read is not remembered while something is owed.",
        verdict: Verdict::Equivalent(
            "What is owed ends with a report of room, and each report tells all that holds then: \
             what can be read, too.",
        ),
        ..CLIENT
    },
    Mutant {
        name: "edge-budget-ends-the-turn",
        from: "self.queued = self.readable && self.has_credit();",
        to: "self.queued = false;",
        breaks: "Who used up its budget is not served again: a long message is answered in part.",
        ..CLIENT
    },
    Mutant {
        name: "client-never-held-back",
        from: "self.owed() <= OWED_LIMIT",
        to: "self.owed() < usize::MAX",
        breaks: "Who does not read is read from without end, and the memory grows.",
        ..CLIENT
    },
    Mutant {
        name: "listener-accepts-one",
        from: "ACCEPTED_IN_A_ROW: usize = 64;",
        to: "ACCEPTED_IN_A_ROW: usize = 1;",
        breaks: "One client is accepted in each round: a burst waits for as many rounds.",
        ..LISTENER
    },
    Mutant {
        name: "listener-delays-answers",
        from: "stream.set_nodelay(true)?;",
        to: "",
        breaks: "TCP_NODELAY is not set: a short answer may wait until the one before it is \
            confirmed.",
        ..LISTENER
    },
    Mutant {
        name: "listener-keeps-the-dead",
        from: "sys::set_keepalive(stream.as_fd(), true)?;",
        to: "",
        breaks: "SO_KEEPALIVE is not set: a peer that has lost its power stays for ever.",
        ..LISTENER
    },
    Mutant {
        name: "listener-clients-block",
        from: "libc::SOCK_NONBLOCK",
        to: "0",
        breaks: "Accepted sockets block: one client holds up the others.",
        ..LISTENER
    },
    Mutant {
        name: "listener-tries-again-at-once",
        from: "Duration::from_millis(100)",
        to: "Duration::from_micros(100)",
        breaks: "While there is no descriptor for another client, accept is tried again thousands \
            of times a second.",
        ..LISTENER
    },
    Mutant {
        name: "stream-forgets-refused-bytes",
        from: "self.unsent.extend_from_slice(&data[sent..]);",
        to: "let _ = sent;",
        breaks: "What the kernel does not take is lost.",
        ..STREAM
    },
    Mutant {
        name: "stream-sees-no-progress",
        from: "self.progress = true;",
        to: "",
        breaks: "--idle closes those who talk, too.",
        ..STREAM
    },
    Mutant {
        name: "stream-unconfirmed",
        from: "sys::unconfirmed(self.conn.as_fd())? == 0",
        to: "sys::unconfirmed(self.conn.as_fd())? >= 0",
        breaks: "At its end it closes what its client has not received: with data unread the \
            kernel throws that away.",
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
        name: "cores-panic-unnoticed",
        from: "End::Loop(catch_unwind(AssertUnwindSafe(serve)))",
        to: "End::Loop(Ok(serve()))",
        breaks: "A loop that panics leaves a program behind that serves some clients only.",
        ..CORES
    },
    Mutant {
        name: "cores-room-for-all",
        from: "clients.insert(client.fileno(), client);",
        to: "clients.reserve(client.fileno() as usize);\nclients.insert(client.fileno(), client);",
        breaks: "Each loop's table has room for all descriptors of the process.",
        ..CORES
    },
    Mutant {
        name: "cores-shortage-for-ever",
        from: "accept_again = Some(Instant::now() + SHORTAGE);",
        to: "",
        breaks: "After a shortage of descriptors a loop accepts nobody any more.",
        ..CORES
    },
    Mutant {
        name: "ends-not-by-the-signal",
        from: "unblocked.and_then(|()| raise(signal));",
        to: "unblocked;",
        breaks: "SIGTERM ends it by an exit, and not by the signal.",
        ..ENDS
    },
    Mutant {
        name: "cores-outlive-signals",
        from: "thread::sleep(grace);\n        end_by(signal)",
        to: "loop {\nthread::sleep(grace);\n}",
        breaks: "While its output is full and unread, SIGTERM does not end it.",
        ..ENDS
    },
    Mutant {
        name: "ends-without-grace",
        server: "edge-triggered",
        from: "thread::sleep(grace);",
        to: "",
        breaks: "SIGTERM leaves it no time to send what it owes.",
        ..ENDS
    },
    Mutant {
        name: "ends-though-ignored",
        from: "signals.retain(|signal| !is_ignored(*signal));",
        to: "",
        breaks: "SIGINT ends it though it was started to ignore that, as by nohup(1).",
        ..ENDS
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
        from: "it looks at every socket\");\n                    accept_at.get_or_insert_with(Instant::now);",
        to: "it looks at every socket\");",
        breaks: "When signals are lost, whoever waits to be accepted is not looked for.",
        ..SIGNALS
    },
    Mutant {
        name: "signals-shortage-forgotten",
        from: "return Ok(Some(Instant::now() + SHORTAGE)),",
        to: "return Ok(None),",
        breaks: "Who waits while descriptors are short waits for ever: no second signal comes.",
        ..SIGNALS
    },
    Mutant {
        name: "signals-rest-of-a-burst-forgotten",
        from: "    Ok(Some(Instant::now()))\n",
        to: "    Ok(None)\n",
        breaks: "Of clients that come together, 64 are accepted, and no second signal tells of the \
            others.",
        ..SIGNALS
    },
    Mutant {
        name: "signals-none-for-what-came-before",
        from: "client.note(POLLIN | POLLPRI);",
        to: "",
        breaks: "What a client sent before its socket was watched stays unread.",
        ..SIGNALS
    },
    Mutant {
        name: "signals-time-out-skipped",
        from: "if timeout.is_some_and(|timeout| !timeout.is_zero()) {",
        to: "if false {",
        breaks: "A wait with a time-out does not wait: in a shortage of descriptors it spins.",
        file: "nonblocking-server/src/signals.rs",
        ..SIGNALS
    },
];
