//! Defects of what all servers share, each tried on one of them.

use super::{Mutant, Verdict};

const ACCEPT_FAILURES: Mutant = Mutant {
    name: "",
    server: "selectors-server",
    file: "common/src/accept_failures.rs",
    from: "",
    to: "",
    breaks: "",
    verdict: Verdict::Found,
};

const SOCKET: Mutant =
    Mutant { server: "select-server", file: "common/src/socket.rs", ..ACCEPT_FAILURES };

const CONSOLE: Mutant =
    Mutant { server: "nonblocking-server", file: "common/src/console.rs", ..ACCEPT_FAILURES };

const ARGUMENTS: Mutant =
    Mutant { server: "threadpool-server", file: "common/src/arguments.rs", ..ACCEPT_FAILURES };

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "shortage-ends-server",
        from: "Some(libc::EMFILE | libc::ENFILE",
        to: "Some(libc::ENFILE",
        breaks: "A server without a free descriptor ends.",
        ..ACCEPT_FAILURES
    },
    Mutant {
        name: "shortage-without-pause",
        from: "self.until = Some(Instant::now() + PAUSE);",
        to: "",
        breaks: "A server without a free descriptor does not leave its listener alone, and spins.",
        ..ACCEPT_FAILURES
    },
    Mutant {
        name: "shortage-without-end",
        from: "(!left.is_zero()).then_some(left)",
        to: "Some(left + PAUSE)",
        breaks: "After a shortage of descriptors the listener is left alone for ever.",
        ..ACCEPT_FAILURES
    },
    Mutant {
        name: "shortage-said-again-and-again",
        from: "self.said = true;",
        to: "",
        breaks: "A shortage of descriptors is said ten times a second instead of once.",
        ..ACCEPT_FAILURES
    },
    Mutant {
        name: "shortage-said-once-only",
        from: "self.said = false;",
        to: "",
        breaks: "Only the first shortage of descriptors is said, later ones are not.",
        ..ACCEPT_FAILURES
    },
    Mutant {
        name: "broken-listener-survived",
        from: "_ => Err(error),",
        to: "_ => Ok(()),",
        breaks: "A listener that will never accept again does not end the server, which spins.",
        ..ACCEPT_FAILURES
    },
    Mutant {
        name: "aborted-connection-ends-server",
        from: "                | libc::ECONNABORTED\n",
        to: "",
        breaks: "ECONNABORTED from accept ends the server.",
        verdict: Verdict::Equivalent(
            "Linux never reports it for TCP: accept hands out a connection that was reset in the \
             backlog.",
        ),
        ..ACCEPT_FAILURES
    },
    Mutant {
        name: "interrupted-call-not-made-again",
        server: "epoll-server",
        file: "common/src/interrupted.rs",
        from: "Err(error) if error.kind() == ErrorKind::Interrupted => {}",
        to: "Err(_) if false => {}",
        breaks: "A call that a signal interrupts is not made again: SIGSTOP and SIGCONT end the \
            server.",
        ..SOCKET
    },
    Mutant {
        name: "recv-not-made-again",
        from: "uninterrupted(|| (&self.inner).read(&mut data))?",
        to: "(&self.inner).read(&mut data)?",
        breaks: "A recv that a signal interrupts is not made again, and counts as a lost client.",
        ..SOCKET
    },
    Mutant {
        name: "send-not-made-again",
        from: "uninterrupted(|| (&self.inner).write(data))",
        to: "(&self.inner).write(data)",
        breaks: "A send that a signal interrupts is not made again, and counts as a lost client.",
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
        name: "backlog-ignored",
        from: "sys::listen(self.as_fd(), backlog)",
        to: "sys::listen(self.as_fd(), backlog.min(0))",
        breaks: "One client can wait to be accepted, whatever the backlog; further ones wait for a \
            second or more.",
        ..SOCKET
    },
    Mutant {
        name: "quiet-ignored",
        from: "if !is_quiet() {",
        to: "if true {",
        breaks: "--quiet leaves nothing out.",
        ..CONSOLE
    },
    Mutant {
        name: "panics-without-output",
        from: "let _ = io::stdout().write_all(format!(\"{line}\\n\").as_bytes());",
        to: "println!(\"{line}\");",
        breaks: "A server panics when nobody reads its output.",
        ..CONSOLE
    },
    Mutant {
        name: "trouble-on-standard-output",
        from: "let _ = io::stderr().write_all(",
        to: "let _ = io::stdout().write_all(",
        breaks: "Lines about trouble go to standard output.",
        ..CONSOLE
    },
    Mutant {
        name: "listening-left-out",
        from: "console::print_line(format_args!(\"listening on {addr}\"));",
        to: "say!(\"listening on {addr}\");",
        breaks: "With --quiet a server does not say where it listens.",
        ..ARGUMENTS
    },
    Mutant {
        name: "bad-command-line-exits-0",
        from: "process::exit(2);",
        to: "process::exit(0);",
        breaks: "A bad command line exits with 0.",
        ..ARGUMENTS
    },
    Mutant {
        name: "bad-command-line-on-many-lines",
        from: "warn!(\"{}\", one_line(&error.to_string()));",
        to: "warn!(\"{error}\");",
        breaks: "A bad command line is explained on many lines.",
        ..ARGUMENTS
    },
    Mutant {
        name: "failure-without-its-cause",
        server: "blocking-server",
        file: "common/src/failure.rs",
        from: "write!(f, \"{:#}\", self.0)",
        to: "write!(f, \"{}\", self.0)",
        breaks: "A failure is reported without its cause.",
        ..SOCKET
    },
];
