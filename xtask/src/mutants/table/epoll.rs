//! Defects of the epoll server and of its library.

use super::{Mutant, Verdict};

const MAIN: Mutant = Mutant {
    name: "",
    server: "epoll-server",
    file: "epoll-server/src/main.rs",
    from: "",
    to: "",
    breaks: "",
    verdict: Verdict::Found,
};

const EPOLL: Mutant = Mutant { file: "epoll-server/src/epoll.rs", ..MAIN };

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "epoll-no-reuseaddr",
        from: "set_reuseaddr(true)",
        to: "set_reuseaddr(false)",
        breaks: "SO_REUSEADDR is not set: a restart cannot bind while old connections are in \
            TIME_WAIT.",
        ..MAIN
    },
    Mutant {
        name: "epoll-goes-on-without-its-port",
        from: "if let Err(msg) = bound {",
        to: "let port = SocketAddrV4::new(*args.addr.ip(), 0);\n\
             if let Err(msg) = bound.or_else(|_| listen_fd.bind(port)) {",
        breaks: "With its port in use it goes on, and listens on another port.",
        ..MAIN
    },
    Mutant {
        name: "epoll-failure-exits-0",
        from: "// 266 differs: the program ends",
        to: "return Ok(ExitCode::SUCCESS);",
        breaks: "A set-up that fails exits with 0.",
        ..MAIN
    },
    Mutant {
        name: "epoll-open-to-the-network",
        from: "\"127.0.0.1:2003\"",
        to: "\"0.0.0.0:2003\"",
        breaks: "Without an address on its command line it listens on every interface.",
        ..MAIN
    },
    Mutant {
        name: "epoll-spins-without-descriptors",
        from: "let wanted = if pause.is_none() { EPOLLIN } else { 0 };",
        to: "let wanted = EPOLLIN;",
        breaks: "The listener is watched while there is no descriptor for another client: \
            epoll_wait returns at once, again and again.",
        ..MAIN
    },
    Mutant {
        name: "epoll-listener-never-back",
        from: "if wanted != interest {",
        to: "if wanted < interest {",
        breaks: "After a shortage of descriptors the listener is not watched again.",
        ..MAIN
    },
    Mutant {
        name: "epoll-accept-error-ends-server",
        from: "failures.survive(error)?;",
        to: "return Err(error.into());",
        breaks: "Every error of accept ends the server, a shortage of descriptors too.",
        ..MAIN
    },
    Mutant {
        name: "epoll-register-error-ends-server",
        from: "error!(target: LOGGER, \"{addr}: {msg}\");",
        to: "return Err(msg.into());",
        breaks: "A client that epoll cannot take (ENOMEM, ENOSPC) ends the server.",
        ..MAIN
    },
    Mutant {
        name: "epoll-listener-edge-triggered",
        from: "epoll_fd.register(listen_fd.fileno(), EPOLLIN)?;",
        to: "epoll_fd.register(listen_fd.fileno(), EPOLLIN | EPOLLET)?;",
        breaks: "The listener is edge-triggered, and one client is accepted for each event: of two \
            that come together, the second one waits for a third.",
        ..MAIN
    },
    Mutant {
        name: "epoll-clients-block",
        from: "conn.setblocking(false)?; // 296",
        to: "",
        breaks: "Accepted sockets block: the server waits for the next message of one client.",
        ..MAIN
    },
    Mutant {
        name: "epoll-gathers-text",
        from: "datas.extend(data); // 319",
        to: "datas.extend(String::from_utf8_lossy(&data).as_bytes());",
        breaks: "What came is gathered as text: bytes that are not UTF-8 come back as U+FFFD.",
        ..MAIN
    },
    Mutant {
        name: "epoll-reads-the-end-for-ever",
        from: "if ended || datas.len() >= DATA_LIMIT {",
        to: "if datas.len() >= DATA_LIMIT {",
        breaks: "The end of the stream is read again and again: a client that sends and closes \
            stops the server.",
        ..MAIN
    },
    Mutant {
        name: "epoll-no-data-limit",
        from: "if ended || datas.len() >= DATA_LIMIT {",
        to: "if ended {",
        breaks: "Everything that a fast client sends is gathered before it is answered: others \
            wait, and the memory grows.",
        ..MAIN
    },
    Mutant {
        name: "epoll-ended-client-not-closed",
        from: "connections.remove(&fd); // 314",
        to: "",
        breaks: "The connection of a client that has left stays open.",
        ..MAIN
    },
    Mutant {
        name: "epoll-never-writes",
        from: "epoll_fd.modify(fd, EPOLLET | EPOLLOUT)?; // 328",
        to: "",
        breaks: "EPOLLOUT is not asked for: nothing is answered.",
        ..MAIN
    },
    Mutant {
        name: "epoll-reset-not-closed",
        from: "connections.remove(&fd); // 333",
        to: "",
        breaks: "The connection of a client that resets stays open on this side.",
        ..MAIN
    },
    Mutant {
        name: "epoll-hang-up-ignored",
        from: "// 336 differs: an error is an end, too",
        to: "continue;",
        breaks: "A hang-up or an error is ignored: a client whose replies are owed and who resets \
            is never closed.",
        ..MAIN
    },
    Mutant {
        name: "epoll-hang-up-not-closed",
        from: "connections.remove(&fd); // 339",
        to: "",
        breaks: "After a hang-up the client is watched no more, and not closed either.",
        ..MAIN
    },
    Mutant {
        name: "epoll-full-buffer-ends-client",
        from: "Err(msg) if msg.kind() == ErrorKind::WouldBlock => {",
        to: "Err(msg) if msg.kind() == ErrorKind::AlreadyExists => {",
        breaks: "A full socket buffer closes the client.",
        ..MAIN
    },
    Mutant {
        name: "epoll-send-error-ends-server",
        from: "Err(msg) => break Err(msg),",
        to: "Err(msg) if msg.kind() != ErrorKind::WouldBlock => return Err(msg.into()),\n\
             Err(msg) => break Err(msg),",
        breaks: "A client that resets between epoll_wait and send ends the server.",
        ..MAIN
    },
    Mutant {
        name: "epoll-broken-client-not-closed",
        from: "match sent {",
        to: "match sent {\n\
             Err(msg) if msg.kind() != ErrorKind::WouldBlock => epoll_fd.unregister(fd)?,",
        breaks: "A client that resets between epoll_wait and send is watched no more, and not \
            closed either.",
        ..MAIN
    },
    Mutant {
        name: "epoll-sends-again-from-start",
        from: "datalist.entry(fd).or_default().drain(..send_len);",
        to: "",
        breaks: "After EAGAIN, a reply is sent again from its start.",
        ..MAIN
    },
    Mutant {
        name: "epoll-refused-send-lost",
        from: "datalist.entry(fd).or_default().drain(..send_len);",
        to: "epoll_fd.modify(fd, EPOLLIN | EPOLLET)?;",
        breaks: "What the kernel refuses to take of a reply is lost.",
        ..MAIN
    },
    Mutant {
        name: "epoll-rest-of-send-lost",
        from: "if send_len == datalist[&fd].len() {",
        to: "if send_len > 0 {",
        breaks: "A reply counts as sent once a part of it was taken.",
        ..MAIN
    },
    Mutant {
        name: "epoll-never-reads-again",
        from: "Ok(()) => epoll_fd.modify(fd, EPOLLIN | EPOLLET)?, // 352",
        to: "Ok(()) => {}",
        breaks: "After a reply EPOLLIN is not asked for again: the second message is not answered.",
        ..MAIN
    },
    Mutant {
        name: "epoll-debug-on-stderr",
        from: ".level(LevelFilter::Error); // 237",
        to: ".level(LevelFilter::Debug); // 237",
        breaks: "Every event is logged on standard error, not errors only.",
        ..MAIN
    },
    Mutant {
        name: "epoll-panics-without-stderr",
        from: "let _ = (&stream).write_all(format!(\"{}\\n\", record.args()).as_bytes());",
        to: "(&stream).write_all(format!(\"{}\\n\", record.args()).as_bytes()).unwrap();",
        breaks: "It panics when nobody reads its standard error.",
        ..MAIN
    },
    Mutant {
        name: "epoll-quiet-logs-all",
        from: "let level = if args.quiet {",
        to: "let level = if false {",
        breaks: "With --quiet every event is logged all the same.",
        ..MAIN
    },
    Mutant {
        name: "epoll-small-backlog",
        from: "listen_fd.listen(10)",
        to: "listen_fd.listen(1)",
        breaks: "Two clients can wait to be accepted instead of eleven; further ones wait for a \
            second or more.",
        ..MAIN
    },
    Mutant {
        name: "epoll-time-out-ignored",
        from: "to_millis(left)",
        to: "to_millis(left.and(None))",
        breaks: "A wait with a time-out has no end: after a shortage of descriptors the listener \
            is watched again only when another client does something.",
        ..EPOLL
    },
    Mutant {
        name: "epoll-first-event-only",
        from: "self.events[..count].iter();",
        to: "self.events[..count].iter().take(1);",
        breaks: "Of the events that one epoll_wait returns, all but the first are dropped, \
            edge-triggered ones for ever.",
        ..EPOLL
    },
    Mutant {
        name: "epoll-error-without-hang-up",
        from: "(EPOLLHUP | EPOLLERR) & events",
        to: "EPOLLHUP & events",
        breaks: "An error without a hang-up does not close the client.",
        verdict: Verdict::Equivalent(
            "On TCP every error that is reported also ends both directions, so EPOLLERR never \
             comes without EPOLLHUP.",
        ),
        ..MAIN
    },
    Mutant {
        name: "epoll-listener-blocks",
        from: "listen_fd.setblocking(false)?;",
        to: "",
        breaks: "The listener blocks.",
        verdict: Verdict::Equivalent(
            "Linux hands out every connection that made the listener readable, a reset one too, \
             and no other process accepts from it.",
        ),
        ..MAIN
    },
    Mutant {
        name: "epoll-not-unregistered",
        from: "epoll_fd.unregister(fd)?; // 312",
        to: "",
        breaks: "A client that has left is not taken out of the epoll set before it is closed.",
        verdict: Verdict::Equivalent(
            "Closing the only descriptor of a socket takes it out of every epoll set (epoll(7)).",
        ),
        ..MAIN
    },
    Mutant {
        name: "epoll-level-triggered",
        from: "EPOLLIN | EPOLLET) {",
        to: "EPOLLIN) {",
        breaks: "A new client is level-triggered until its first reply.",
        verdict: Verdict::Equivalent(
            "What is reported is read to its end or up to the limit, and the next epoll_ctl arms \
             the socket anew either way.",
        ),
        ..MAIN
    },
];
