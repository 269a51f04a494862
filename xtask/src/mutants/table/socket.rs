//! Defects of the socket that all servers share, each tried on one of them.

use super::{Mutant, Verdict};

const SOCKET: Mutant = Mutant {
    name: "",
    server: "select-server",
    file: "common/src/socket.rs",
    from: "",
    to: "",
    breaks: "",
    verdict: Verdict::Found,
};

/// The lines that begin to listen and say so.
const LISTEN: &str = "self.listen_unsaid(backlog)?;
        let addr = self.getsockname();
        print_line(format_args!(\"listening on {addr}\"));";

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "bind-without-reuseaddr",
        server: "blocking-server",
        from: "self.set_reuseaddr(true)?;",
        to: "",
        breaks: "SO_REUSEADDR is not set: a restart cannot bind while old connections are in \
            TIME_WAIT.",
        ..SOCKET
    },
    Mutant {
        name: "listening-too-early",
        from: LISTEN,
        to: "let addr = self.getsockname();\n\
             print_line(format_args!(\"listening on {addr}\"));\n\
             std::thread::sleep(std::time::Duration::from_millis(20));\n\
             self.listen_unsaid(backlog)?;",
        breaks: "`listening on` is printed before the kernel takes connections: one that comes at \
            once is refused.",
        ..SOCKET
    },
    Mutant {
        name: "listening-left-out",
        server: "threadpool-server",
        from: "print_line(format_args!(\"listening on {addr}\"));",
        to: "say!(\"listening on {addr}\");",
        breaks: "With --quiet a server does not say where it listens.",
        ..SOCKET
    },
    Mutant {
        name: "hint-with-quiet",
        server: "nonblocking-server",
        from: "say!(\"in another terminal: nc {} {}\", addr.ip(), addr.port());",
        to: "print_line(format_args!(\"in another terminal: nc {} {}\", addr.ip(), addr.port()));",
        breaks: "With --quiet a server says all the same what to type in another terminal.",
        ..SOCKET
    },
    Mutant {
        name: "backlog-ignored",
        from: "sys::listen(self.stream()?.as_fd(), backlog)",
        to: "sys::listen(self.stream()?.as_fd(), backlog.min(0))",
        breaks: "One client can wait to be accepted, whatever the backlog; further ones wait for a \
            second or more.",
        ..SOCKET
    },
    Mutant {
        name: "accept-not-made-again",
        server: "nonblocking-server",
        from: "uninterrupted(|| sys::accept(stream.as_fd(), 0))",
        to: "sys::accept(stream.as_fd(), 0)",
        breaks: "An accept that a signal interrupts is not made again: the server ends.",
        ..SOCKET
    },
    Mutant {
        name: "accept-of-nonblocking-waits",
        server: "hello",
        from: "if !self.blocks() {",
        to: "if false {",
        breaks: "A listener that does not block waits for a free descriptor all the same, and \
            nobody is served meanwhile.",
        ..SOCKET
    },
    Mutant {
        name: "accept-of-blocking-does-not-wait",
        server: "threadpool-server",
        from: "if !self.blocks() {",
        to: "if true {",
        breaks: "A listener that blocks gives up when no descriptor is free: the server ends.",
        ..SOCKET
    },
    Mutant {
        name: "peer-forgotten",
        server: "chat",
        from: "conn.set_peer(peer);",
        to: "",
        breaks: "A client's address is not kept: every client is shown as 0.0.0.0:0.",
        ..SOCKET
    },
    Mutant {
        name: "setblocking-not-noted",
        server: "selectors-server",
        from: "self.0.blocks.store(flag, Ordering::Relaxed);",
        to: "",
        breaks: "`send` and `accept` take every socket for one that blocks.",
        ..SOCKET
    },
    Mutant {
        name: "recv-not-made-again",
        from: "uninterrupted(|| (&*stream).read(&mut data))?",
        to: "(&*stream).read(&mut data)?",
        breaks: "A recv that a signal interrupts is not made again, and counts as a lost client.",
        ..SOCKET
    },
    Mutant {
        name: "recv-not-cut",
        from: "data.truncate(length);",
        to: "let _ = length;",
        breaks: "A message is as long as the buffer, with zeros behind what came.",
        ..SOCKET
    },
    Mutant {
        name: "send-not-made-again",
        from: "uninterrupted(|| (&*stream).write(data))",
        to: "(&*stream).write(data)",
        breaks: "A send that a signal interrupts is not made again, and counts as a lost client.",
        ..SOCKET
    },
    Mutant {
        name: "blocking-rest-of-greeting-lost",
        server: "blocking-server",
        from: "if self.blocks() {",
        to: "if false {",
        breaks: "A greeting is sent by one send(2): what that does not take is lost.",
        ..SOCKET
    },
    Mutant {
        name: "pool-rest-of-answer-lost",
        server: "threadpool-server",
        from: "(&*self.stream()?).write_all(data)",
        to: "uninterrupted(|| (&*self.stream()?).write(data)).map(drop)",
        breaks: "An answer is sent by one send(2): what that does not take is lost.",
        ..SOCKET
    },
    Mutant {
        name: "write-goes-first",
        from: "self.unsent().extend_from_slice(data);",
        to: "self.unsent().splice(0..0, data.iter().copied());",
        breaks: "A reply is sent before what the kernel did not take of the one before it.",
        ..SOCKET
    },
    Mutant {
        name: "write-takes-the-place-of-unsent",
        from: "self.unsent().extend_from_slice(data);",
        to: "*self.unsent() = data.to_vec();",
        breaks: "What the kernel did not take of a reply is lost when the next one is sent.",
        ..SOCKET
    },
    Mutant {
        name: "drain-loses-the-rest",
        server: "echo-callbacks",
        from: "Ok(sent) => drop(unsent.drain(..sent)),",
        to: "Ok(_) => unsent.clear(),",
        breaks: "What a partial send did not take is lost.",
        ..SOCKET
    },
    Mutant {
        name: "drain-from-the-start",
        server: "hello",
        from: "Ok(sent) => drop(unsent.drain(..sent)),",
        to: "Ok(sent) if sent == unsent.len() => unsent.clear(),\nOk(_) => break,",
        breaks: "After a partial send, a reply is sent again from its start.",
        ..SOCKET
    },
    Mutant {
        name: "drain-loses-what-is-refused",
        server: "chat",
        from: "Err(error) if error.kind() == ErrorKind::WouldBlock => break,",
        to: "Err(error) if error.kind() == ErrorKind::WouldBlock => unsent.clear(),",
        breaks: "A reply that the kernel refuses is lost.",
        ..SOCKET
    },
    Mutant {
        name: "drain-of-a-lost-client-succeeds",
        server: "your-msg",
        from: "Err(error) => return Err(error),\n            }\n        }",
        to: "Err(_) => break,\n            }\n        }",
        breaks: "A client whose connection breaks while replies are sent is not closed, and the \
            server spins.",
        ..SOCKET
    },
    Mutant {
        name: "nothing-is-owed",
        server: "hello",
        from: "!self.unsent().is_empty()",
        to: "false",
        breaks: "What the kernel did not take waits for another message.",
        ..SOCKET
    },
    Mutant {
        name: "close-does-nothing",
        server: "upper",
        from: "self.locked_stream().take();",
        to: "",
        breaks: "A client that has left stays in the server's lists: it is readable for ever.",
        ..SOCKET
    },
    Mutant {
        name: "waiting-closes-client",
        server: "selectors-server",
        from: "if error.kind() == ErrorKind::WouldBlock {\n            return Ok(());",
        to: "if false {\nreturn Ok(());",
        breaks: "A socket that would have to wait is closed, and a listener ends the server.",
        ..SOCKET
    },
    Mutant {
        name: "listener-closed-as-a-client",
        server: "hello",
        from: "if self.0.listens.load(Ordering::Relaxed) {",
        to: "if false {",
        breaks: "A listener that will never accept again is closed as a client is, and the server \
            goes on without it.",
        ..SOCKET
    },
    Mutant {
        name: "lost-client-not-closed",
        server: "operator",
        from: "say!(\"{self}: {error}\");\n        self.close();",
        to: "say!(\"{self}: {error}\");",
        breaks: "A client that resets is not closed, and its descriptor stays open.",
        ..SOCKET
    },
    Mutant {
        name: "lost-client-not-said",
        server: "hello",
        from: "say!(\"{self}: {error}\");\n        self.close();",
        to: "self.close();",
        breaks: "The operator is not told that a client was lost.",
        ..SOCKET
    },
    Mutant {
        name: "end-is-a-message",
        server: "your-msg",
        from: "if data.is_empty() {\n        return Err(",
        to: "if false {\nreturn Err(",
        breaks: "The end of a client counts as a message, again and again.",
        ..SOCKET
    },
];
