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

const LOGGING: Mutant = Mutant { file: "epoll-server/src/logging.rs", ..MAIN };

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "epoll-goes-on-without-its-port",
        from: "exit(1) // 266 differs: the program ends",
        to: "",
        breaks: "With its port in use it goes on, and listens on another port of every interface.",
        ..MAIN
    },
    Mutant {
        name: "epoll-failure-exits-0",
        from: "exit(1) // 266 differs: the program ends",
        to: "exit(0)",
        breaks: "A set-up that fails exits with 0.",
        ..MAIN
    },
    Mutant {
        name: "epoll-failure-not-said",
        from: "error!(target: LOGGER, \"bind failed: {msg:#}\"); // 266",
        to: "",
        breaks: "With its port in use it ends without a word.",
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
        name: "epoll-broken-listener-survived",
        from: "Err(error) if error.kind() == WouldBlock => continue,",
        to: "Err(_) => continue,",
        breaks: "A listener that will never accept again does not end the server, which spins.",
        ..MAIN
    },
    Mutant {
        name: "epoll-accept-error-ends-server",
        from: "Err(error) if error.kind() == WouldBlock => continue,",
        to: "",
        breaks: "A shortage of descriptors ends the server.",
        ..MAIN
    },
    Mutant {
        name: "epoll-listener-blocks",
        from: "listen_fd.setblocking(false)?;",
        to: "",
        breaks: "The listener blocks: while there is no descriptor for another client, nobody is \
            served.",
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
        from: "connections[&fd].recv(10).and_then(unless_ended), // 308",
        to: "connections[&fd].recv(10),",
        breaks: "The end of the stream is read again and again: a client that sends and closes \
            stops the server.",
        ..MAIN
    },
    Mutant {
        name: "epoll-end-is-an-error",
        from: "if let WouldBlock | UnexpectedEof = msg.kind() {",
        to: "if let WouldBlock = msg.kind() {",
        breaks: "What came together with the end of the stream is not answered.",
        ..MAIN
    },
    Mutant {
        name: "epoll-no-data-limit",
        from: "DATA_LIMIT.. => Err(WouldBlock.into()),",
        to: "",
        breaks: "Everything that a fast client sends is gathered before it is answered: others \
            wait, and the memory grows.",
        ..MAIN
    },
    Mutant {
        name: "epoll-ended-client-not-closed",
        from: "connections[&fd].close(); // 314",
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
        from: "connections[&fd].close(); // 333",
        to: "",
        breaks: "The connection of a client that resets stays open on this side.",
        ..MAIN
    },
    Mutant {
        name: "epoll-reset-ends-server",
        from: "error!(target: LOGGER, \"{msg}\"); // 334",
        to: "return Err(msg.into());",
        breaks: "A client that resets ends the server.",
        ..MAIN
    },
    Mutant {
        name: "epoll-hang-up-ignored",
        from: "} else if EPOLLHUP & events != 0 {",
        to: "} else if false {",
        breaks: "A hang-up is ignored: a client whose replies are owed and who resets is never \
            closed.",
        ..MAIN
    },
    Mutant {
        name: "epoll-hang-up-not-closed",
        from: "connections[&fd].close(); // 339",
        to: "",
        breaks: "After a hang-up the client is watched no more, and not closed either.",
        ..MAIN
    },
    Mutant {
        name: "epoll-full-buffer-ends-client",
        from: "*datas = datas.split_off(send_len);",
        to: "if send_len < datas.len() {\n\
             epoll_fd.unregister(fd)?;\n\
             connections[&fd].close();\n\
             continue;\n\
             }\n\
             datas.clear();",
        breaks: "A full socket buffer closes the client.",
        ..MAIN
    },
    Mutant {
        name: "epoll-register-error-ends-server",
        from: "error!(target: LOGGER, \"{addr} refused: {msg}\");",
        to: "return Err(msg.into());",
        breaks: "A client that epoll cannot take ends the server.",
        ..MAIN
    },
    Mutant {
        name: "epoll-send-error-ends-server",
        from: "while let Ok(sent) = connections[&fd].send(&datalist[&fd][send_len..]) {",
        to: "while let Some(sent) = match connections[&fd].send(&datalist[&fd][send_len..]) {\n\
             Err(msg) if msg.kind() != WouldBlock => return Err(msg.into()),\n\
             sent => sent.ok(),\n\
             } {",
        breaks: "A client that resets between epoll_wait and send ends the server.",
        ..MAIN
    },
    Mutant {
        name: "epoll-full-buffer-ends-server",
        from: "while let Ok(sent) = connections[&fd].send(&datalist[&fd][send_len..]) {",
        to: "loop {\nlet sent = connections[&fd].send(&datalist[&fd][send_len..])?;",
        breaks: "A full socket buffer ends the server, as in the listing.",
        ..MAIN
    },
    Mutant {
        name: "epoll-broken-client-not-closed",
        from: "while let Ok(sent) = connections[&fd].send(&datalist[&fd][send_len..]) {",
        to: "while let Some(sent) = match connections[&fd].send(&datalist[&fd][send_len..]) {\n\
             Err(msg) if msg.kind() != WouldBlock => epoll_fd.unregister(fd).ok().and(None),\n\
             sent => sent.ok(),\n\
             } {",
        breaks: "A client that resets between epoll_wait and send is watched no more, and not \
            closed either.",
        ..MAIN
    },
    Mutant {
        name: "epoll-sends-again-from-start",
        from: "*datas = datas.split_off(send_len);",
        to: "if send_len == datas.len() {\ndatas.clear();\n}",
        breaks: "After EAGAIN, a reply is sent again from its start.",
        ..MAIN
    },
    Mutant {
        name: "epoll-refused-send-lost",
        from: "*datas = datas.split_off(send_len);",
        to: "datas.clear();",
        breaks: "What the kernel refuses to take of a reply is lost.",
        ..MAIN
    },
    Mutant {
        name: "epoll-rest-of-send-lost",
        from: "send_len += sent; // 347",
        to: "send_len = sent.max(datalist[&fd].len()); // 347",
        breaks: "A reply counts as sent once a part of it was taken.",
        ..MAIN
    },
    Mutant {
        name: "epoll-reads-while-owed",
        from: "if datas.is_empty() {\n                    epoll_fd.modify",
        to: "if true {\nepoll_fd.modify",
        breaks: "After a full socket buffer EPOLLIN is asked for: the rest of a reply is lost when \
            the next message comes.",
        ..MAIN
    },
    Mutant {
        name: "epoll-never-reads-again",
        from: "epoll_fd.modify(fd, EPOLLIN | EPOLLET)?; // 352",
        to: "",
        breaks: "After a reply EPOLLIN is not asked for again: the second message is not answered.",
        ..MAIN
    },
    Mutant {
        name: "epoll-debug-on-stderr",
        from: "ch.level(LevelFilter::Error); // 237",
        to: "ch.level(LevelFilter::Debug); // 237",
        breaks: "Every event is logged on standard error, not errors only.",
        ..MAIN
    },
    Mutant {
        name: "epoll-messages-not-logged",
        from: "debug!(target: LOGGER, \"{fd} receive {}\", Bytes(&datas)); // 324",
        to: "// 324",
        breaks: "What clients send is not logged.",
        ..MAIN
    },
    Mutant {
        name: "epoll-small-backlog",
        from: ".listen(10) // 270",
        to: ".listen(1) // 270",
        breaks: "Two clients can wait to be accepted instead of eleven; further ones wait for a \
            second or more.",
        ..MAIN
    },
    Mutant {
        name: "epoll-panics-without-stderr",
        from: "let _ = (&stream).write_all(format!(\"{}\\n\", shown(&line)).as_bytes());",
        to: "(&stream).write_all(format!(\"{}\\n\", shown(&line)).as_bytes()).unwrap();",
        breaks: "It panics when nobody reads its standard error.",
        ..LOGGING
    },
    Mutant {
        name: "epoll-quiet-logs-all",
        from: "Some(true) => LevelFilter::Error,",
        to: "Some(true) => level,",
        breaks: "With --quiet every event is logged all the same.",
        ..LOGGING
    },
    Mutant {
        name: "epoll-log-elsewhere",
        from: "let Some(path) = chosen::<PathBuf>(\"log\") else {",
        to: "let Some(path) = None::<PathBuf> else {",
        breaks: "--log is ignored: the log stands in the working directory.",
        ..LOGGING
    },
    Mutant {
        name: "epoll-time-out-ignored",
        server: "edge-triggered",
        from: "to_millis(left)",
        to: "to_millis(left.and(None))",
        breaks: "A wait with a time-out has no end: a listener that was short of descriptors is \
            never watched again.",
        ..EPOLL
    },
    Mutant {
        name: "epoll-first-event-only",
        from: "events[..count].iter()",
        to: "events[..count].iter().take(1)",
        breaks: "Of the events that one epoll_wait returns, all but the first are dropped, \
            edge-triggered ones for ever.",
        ..EPOLL
    },
    Mutant {
        name: "epoll-no-reuseaddr",
        from: ".set_reuseaddr(true) // 258",
        to: ".set_reuseaddr(false) // 258",
        breaks: "SO_REUSEADDR is not set at the line where the listing sets it.",
        verdict: Verdict::Equivalent("`bind` sets it, too."),
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
        from: "epoll_fd.register(conn.fileno(), EPOLLIN | EPOLLET) {",
        to: "epoll_fd.register(conn.fileno(), EPOLLIN) {",
        breaks: "A new client is level-triggered until its first reply.",
        verdict: Verdict::Equivalent(
            "What is reported is read to its end or up to the limit, and the next epoll_ctl arms \
             the socket anew either way.",
        ),
        ..MAIN
    },
];
