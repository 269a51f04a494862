//! Defects of the selectors server and of its library.

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

const SELECTOR: Mutant = Mutant { file: "selectors-server/src/selector.rs", ..MAIN };

const MIO: Mutant = Mutant { file: "selectors-server/src/mio_selector.rs", ..MAIN };

const EPOLL: Mutant = Mutant { file: "selectors-server/src/epoll_selector.rs", ..MAIN };

const POLL: Mutant = Mutant { file: "selectors-server/src/poll_selector.rs", ..MAIN };

const SELECT: Mutant = Mutant { file: "selectors-server/src/select_selector.rs", ..MAIN };

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "selectors-open-to-the-network",
        from: "\"127.0.0.1:9999\"",
        to: "\"0.0.0.0:9999\"",
        breaks: "Without an address on its command line it listens on every interface.",
        ..MAIN
    },
    Mutant {
        name: "selectors-no-reuseaddr",
        from: "set_reuseaddr(true)",
        to: "set_reuseaddr(false)",
        breaks: "SO_REUSEADDR is not set: a restart cannot bind while old connections are in \
            TIME_WAIT.",
        ..MAIN
    },
    Mutant {
        name: "selectors-accept-error-ends-server",
        from: "globals.failures.survive(error)?;",
        to: "return Err(error);",
        breaks: "Every error of accept ends the server, a shortage of descriptors too.",
        ..MAIN
    },
    Mutant {
        name: "selectors-register-error-ends-server",
        from: "warn!(\"{addr} refused: {error}\");",
        to: "return Err(error);",
        breaks: "A client that the selector cannot take ends the server.",
        ..MAIN
    },
    Mutant {
        name: "selectors-refusal-not-said",
        from: "warn!(\"{addr} refused: {error}\");",
        to: "say!(\"{addr} refused: {error}\");",
        breaks: "With --quiet, a client that is refused is not reported.",
        ..MAIN
    },
    Mutant {
        name: "selectors-reset-ends-server",
        from: "Err(_) => Vec::new(),",
        to: "Err(error) => return Err(error),",
        breaks: "A client that resets ends the server.",
        ..MAIN
    },
    Mutant {
        name: "selectors-send-error-ends-server",
        from: "Err(_) => return close(globals, conn),",
        to: "Err(error) => return Err(error),",
        breaks: "A client whose connection breaks before a reply is sent ends the server.",
        ..MAIN
    },
    Mutant {
        name: "selectors-rest-of-send-lost",
        from: "Ok(sent) => drop(data.drain(..sent)),",
        to: "Ok(_) => data.clear(),",
        breaks: "What a partial send did not take is lost.",
        ..MAIN
    },
    Mutant {
        name: "selectors-refused-send-lost",
        from: "ErrorKind::WouldBlock => {}",
        to: "ErrorKind::WouldBlock => data.clear(),",
        breaks: "A reply that the kernel refuses is lost.",
        ..MAIN
    },
    Mutant {
        name: "selectors-sends-again-from-start",
        from: "Ok(sent) => drop(data.drain(..sent)),",
        to: "Ok(sent) if sent == data.len() => data.clear(),\nOk(_) => {}",
        breaks: "After a partial send, the reply is sent again from its start.",
        ..MAIN
    },
    Mutant {
        name: "selectors-reads-while-owed",
        from: "globals.sel.modify(conn, EVENT_WRITE, write)?;",
        to: "globals.sel.modify(conn, EVENT_READ, read)?;",
        breaks: "A client that is owed the rest of a reply is read from, and the next reply takes \
            the place of the rest.",
        ..MAIN
    },
    Mutant {
        name: "selectors-spins-while-owed",
        from: "globals.sel.modify(conn, EVENT_WRITE, write)?;",
        to: "globals.sel.modify(conn, EVENT_READ | EVENT_WRITE, write)?;",
        breaks: "A client that is owed a reply is also watched for reading: while it sends and \
            does not read, the server spins.",
        ..MAIN
    },
    Mutant {
        name: "selectors-always-watches-for-writing",
        from: "globals.sel.modify(conn, EVENT_READ, read)?;",
        to: "globals.sel.modify(conn, EVENT_READ | EVENT_WRITE, read)?;",
        breaks: "A client that is owed nothing is watched for writing: the server spins.",
        ..MAIN
    },
    Mutant {
        name: "selectors-spins-without-descriptors",
        from: "globals.sel.unregister(sock)?;",
        to: "",
        breaks: "The listener stays registered while there is no descriptor for another client: \
            select returns at once, again and again.",
        ..MAIN
    },
    Mutant {
        name: "selectors-listener-never-back",
        from: "if pause.is_none() && globals.sel.get_key(&sock).is_err() {",
        to: "if false {",
        breaks: "After a shortage of descriptors the listener is not registered again.",
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
        name: "selectors-ended-client-stays-registered",
        from: "globals.sel.unregister(conn)?; // 428-429",
        to: "",
        breaks: "A client that has left stays registered: it is readable for ever, and its \
            descriptor stays open.",
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
        from: "say!(\"closing {conn}\");",
        to: "println!(\"closing {conn}\");",
        breaks: "A line is printed by `println!`: it panics when nobody reads its output, and \
            ignores --quiet.",
        ..MAIN
    },
    Mutant {
        name: "selectors-messages-not-printed",
        from: "say!(\"echoing {} to {conn}\", Bytes(&data)); // 412",
        to: "let _ = Bytes(&data);",
        breaks: "What clients send is not printed.",
        ..MAIN
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
        from: "self.mechanism.unregister(fd);",
        to: "",
        breaks: "`unregister` does not reach the mechanism: a listener that is left out for a \
            while is reported all the same, and the server spins.",
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
        to: "    read | write | epoll_server::EPOLLET\n",
        breaks: "With --selector epoll, sockets are edge-triggered: what a callback leaves unread \
            is not reported again.",
        ..EPOLL
    },
    Mutant {
        name: "selectors-epoll-never-writes",
        from: "        EPOLLOUT\n",
        to: "EPOLLIN\n",
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
        from: "self.watched.remove(&fd);",
        to: "let _ = fd;",
        breaks: "With --selector poll, a closed descriptor stays in the list: poll reports it at \
            once, and the server spins.",
        ..POLL
    },
    Mutant {
        name: "selectors-poll-spins-on-urgent-data",
        from: "        libc::POLLIN\n",
        to: "libc::POLLIN | libc::POLLPRI\n",
        breaks: "With --selector poll, out-of-band data counts as readable, which nothing reads: \
            the server spins.",
        ..POLL
    },
    Mutant {
        name: "selectors-poll-time-out-ignored",
        from: "to_millis(left)",
        to: "to_millis(left.and(None))",
        breaks: "With --selector poll, a wait with a time-out has no end: after a shortage of \
            descriptors the listener is watched again only when another client does something.",
        ..POLL
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
    Mutant {
        name: "selectors-unsent-kept",
        from: "say!(\"closing {conn}\"); // 427",
        to: "say!(\"closing {conn}\");\nreturn globals.sel.unregister(conn).map(drop);",
        breaks: "What a client that has left was owed stays in `unsent`.",
        verdict: Verdict::Equivalent(
            "The first message of the next client with that descriptor takes its place before \
             anything is sent.",
        ),
        ..MAIN
    },
];
