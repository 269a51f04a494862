//! Defects of the io_uring server and of its ring.

use super::{Mutant, Verdict};

const IO_URING: Mutant = Mutant {
    name: "",
    server: "io-uring",
    file: "epoll-server/examples/io-uring.rs",
    from: "",
    to: "",
    breaks: "",
    verdict: Verdict::Found,
};

const SYS: Mutant = Mutant { file: "epoll-server/src/uring/sys.rs", ..IO_URING };

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "io-uring-accept-not-asked-again",
        from: "if !more {\n                        server.ring.accept(listener.as_raw_fd())?;",
        to: "if !more {",
        breaks: "After the accept that ends with a shortage nobody is accepted any more.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-shortage-ends-server",
        from: "Err(error) => shortage.survive(error)?,",
        to: "Err(error) => return Err(error.into()),",
        breaks: "Without a free descriptor the server ends.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-hungry-forgotten",
        from: "self.hungry.push(fd);",
        to: "",
        breaks: "A client that there was no buffer for is never received from again.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-hungry-is-lost",
        from: "Some(libc::ENOBUFS) => {",
        to: "Some(libc::ENOTSUP) => {",
        breaks: "A client that there is no buffer for is closed.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-rest-lost",
        from: "sent => drop(client.owed.splice(..0, data[sent.unwrap_or(0)..].iter().copied())),",
        to: "_ => {}",
        breaks: "What there was no room for is not sent later.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-no-limit",
        from: "if client.ended || owed > OWED_LIMIT => {",
        to: "if client.ended => {",
        breaks: "It receives on, whatever is owed to the client.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-never-receives-again",
        from: "Receive::Stopped if !client.ended && owed == 0 => {",
        to: "Receive::Stopped if false => {",
        breaks: "A client that was held back once is never received from again.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-not-closed",
        from: "self.clients[fd as usize] = None;",
        to: "",
        breaks: "The connection of a client that has left stays open.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-closed-while-owed",
        from: "Receive::Stopped | Receive::Hungry if client.ended && owed == 0 => {",
        to: "Receive::Stopped | Receive::Hungry if client.ended => {",
        breaks: "At the end of the stream it closes at once, whatever is still owed.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-never-hurries",
        from: "let count = if mem::take(&mut server.hurries) { 0 } else { 1 };",
        to: "let count = 1;",
        breaks: "What was gathered behind a send waits until another client speaks.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-spins",
        from: "let count = if mem::take(&mut server.hurries) { 0 } else { 1 };",
        to: "let count = 0;",
        breaks: "It never waits.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-buffers-kept",
        from: "        self.ring.give_back(data);\n        self.go_on(fd)",
        to: "        drop(data);\n        self.go_on(fd)",
        breaks: "A buffer that was sent is not given back: after 256 messages there is none.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-writes-itself",
        from: "self.ring.try_send(fd, data)?;",
        to: "client.sending = 0;\n\
             let mut file = std::fs::File::from(client.socket.try_clone()?);\n\
             std::io::Write::write_all(&mut file, &data)?;\n\
             self.ring.give_back(Data::Buffer(data));",
        breaks: "It sends by write(2), and the ring only receives.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-short-send-unnoticed",
        from: ".flags(libc::MSG_WAITALL | libc::MSG_DONTWAIT)",
        to: ".flags(libc::MSG_DONTWAIT)",
        breaks: "A send that took a part counts as one that took all.",
        ..SYS
    },
];
