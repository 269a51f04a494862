//! Defects of what all servers share, each tried on one of them; those of its socket stand in
//! `socket`.

use super::{Mutant, Verdict};

const ACCEPT: Mutant = Mutant {
    name: "",
    server: "selectors-server",
    file: "common/src/accept.rs",
    from: "",
    to: "",
    breaks: "",
    verdict: Verdict::Found,
};

const CONSOLE: Mutant = Mutant { server: "operator", file: "common/src/console.rs", ..ACCEPT };

const SHOWN: Mutant = Mutant { server: "interval", file: "common/src/shown.rs", ..ACCEPT };

const SIGNALS: Mutant = Mutant { server: "greet-once", file: "common/src/signals.rs", ..ACCEPT };

const ARGUMENTS: Mutant =
    Mutant { server: "threadpool-server", file: "common/src/arguments.rs", ..ACCEPT };

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "controls-not-escaped",
        from: "if !text.contains(is_control) {",
        to: "if true {",
        breaks: "Control characters that a client sends reach the operator's terminal.",
        ..SHOWN
    },
    Mutant {
        name: "controls-of-direction-not-escaped",
        server: "upper",
        from: "turns_text || character.is_control()",
        to: "turns_text && character.is_control() || character.is_control()",
        breaks: "Controls of the direction of text reach the operator's terminal.",
        ..SHOWN
    },
    Mutant {
        name: "controls-beyond-ascii-not-escaped",
        server: "threadpool-server",
        from: "character.is_control() &&",
        to: "character.is_ascii_control() &&",
        breaks: "Control characters beyond ASCII (C1) reach the operator's terminal.",
        ..SHOWN
    },
    Mutant {
        name: "signals-stay-blocked",
        from: "sys::unblock_signals()?;",
        to: "",
        breaks: "A signal that a parent blocked does not end the program.",
        ..SIGNALS
    },
    Mutant {
        name: "process-1-without-handlers",
        server: "hello",
        from: "if process::id() == 1 {",
        to: "if process::id() == 0 {",
        breaks: "As process 1 of a container it does not end by Ctrl-C.",
        ..SIGNALS
    },
    Mutant {
        name: "process-1-ends-well",
        server: "chat",
        file: "common/src/sys.rs",
        from: "128 + signal",
        to: "signal - signal",
        breaks: "As process 1 of a container it exits with 0 after Ctrl-C.",
        ..SIGNALS
    },
    Mutant {
        name: "shortage-ends-server",
        from: "Some(libc::EMFILE | libc::ENFILE",
        to: "Some(libc::ENFILE",
        breaks: "A server without a free descriptor ends.",
        ..ACCEPT
    },
    Mutant {
        name: "shortage-without-pause",
        server: "select-server",
        from: "thread::sleep(PAUSE);",
        to: "",
        breaks: "A server without a free descriptor does not rest, and spins.",
        ..ACCEPT
    },
    Mutant {
        name: "shortage-yields-only",
        server: "blocking-server",
        from: "thread::sleep(PAUSE);",
        to: "thread::yield_now();",
        breaks: "While there is no descriptor for another client, accept is tried again without a \
            pause.",
        ..ACCEPT
    },
    Mutant {
        name: "shortage-pause-in-microseconds",
        server: "threadpool-server",
        from: "Duration::from_millis(5)",
        to: "Duration::from_micros(5)",
        breaks: "While there is no descriptor for another client, accept is tried again thousands \
            of times a second.",
        ..ACCEPT
    },
    Mutant {
        name: "shortage-holds-others-up",
        server: "epoll-server",
        from: "Duration::from_millis(5)",
        to: "Duration::from_secs(10)",
        breaks: "While there is no descriptor for another client, those that have one are served \
            once in ten seconds.",
        ..ACCEPT
    },
    Mutant {
        name: "shortage-said-again-and-again",
        server: "epoll-server",
        from: "if !self.said.swap(true, Ordering::Relaxed) {",
        to: "if true {",
        breaks: "A shortage of descriptors is said a hundred times a second instead of once.",
        ..ACCEPT
    },
    Mutant {
        name: "shortage-said-once-only",
        from: "self.said.store(false, Ordering::Relaxed);",
        to: "",
        breaks: "Only the first shortage of descriptors is said, later ones are not.",
        ..ACCEPT
    },
    Mutant {
        name: "shortage-not-said",
        server: "nonblocking-server",
        from: "warn!(\"accept: {error}; new clients wait until others leave\");",
        to: "",
        breaks: "A shortage of descriptors is not said.",
        ..ACCEPT
    },
    Mutant {
        name: "broken-listener-survived",
        from: "_ => Err(io::Error::new(error.kind(), format!(\"accept: {error}\"))),",
        to: "_ => Ok(Refusal::Lost),",
        breaks: "A listener that will never accept again does not end the server, which spins.",
        ..ACCEPT
    },
    Mutant {
        name: "broken-listener-without-its-call",
        server: "blocking-server",
        from: "format!(\"accept: {error}\")",
        to: "error",
        breaks: "A server that a broken listener ends does not say that accept failed.",
        ..ACCEPT
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
        ..ACCEPT
    },
    Mutant {
        name: "interrupted-call-not-made-again",
        server: "epoll-server",
        file: "common/src/interrupted.rs",
        from: "Err(error) if error.kind() == ErrorKind::Interrupted => {}",
        to: "Err(_) if false => {}",
        breaks: "A call that a signal interrupts is not made again: SIGSTOP and SIGCONT end the \
            server.",
        ..ACCEPT
    },
    Mutant {
        name: "quiet-ignored",
        server: "nonblocking-server",
        from: "if !is_quiet() {\n        print_line(line);",
        to: "if true {\nprint_line(line);",
        breaks: "--quiet leaves nothing out.",
        ..CONSOLE
    },
    Mutant {
        name: "panics-without-output",
        server: "nonblocking-server",
        from: "let _ = io::stdout().write_all(shown_line(line).as_bytes());",
        to: "print!(\"{}\", shown_line(line));",
        breaks: "A server panics when nobody reads its output.",
        ..CONSOLE
    },
    Mutant {
        name: "trouble-on-standard-output",
        server: "nonblocking-server",
        from: "let _ = io::stderr().write_all(",
        to: "let _ = io::stdout().write_all(",
        breaks: "Lines about trouble go to standard output.",
        ..CONSOLE
    },
    Mutant {
        name: "prompt-with-quiet",
        from: "if !is_quiet() {\n        let _ = io::stdout().write_all(shown(prompt)",
        to: "if true {\nlet _ = io::stdout().write_all(shown(prompt)",
        breaks: "With --quiet the operator's prompt is shown all the same.",
        ..CONSOLE
    },
    Mutant {
        name: "prompt-not-shown",
        from: "let _ = io::stdout().write_all(shown(prompt).as_bytes());",
        to: "",
        breaks: "The operator is asked without a prompt.",
        ..CONSOLE
    },
    Mutant {
        name: "prompt-late",
        from: "let _ = io::stdout().flush();",
        to: "",
        breaks: "The operator's prompt appears only after the answer was typed.",
        ..CONSOLE
    },
    Mutant {
        name: "input-keeps-its-end",
        from: "let line = line.strip_suffix(b\"\\n\").unwrap_or(&line);",
        to: "let line = &line[..];",
        breaks: "The end of the line that the operator types is part of the answer.",
        ..CONSOLE
    },
    Mutant {
        name: "input-end-is-a-line",
        server: "operator-callbacks",
        from: "return Ok(None);",
        to: "return Ok(Some(String::new()));",
        breaks: "The end of the operator's input is an empty answer: the client is neither \
            answered nor closed.",
        ..CONSOLE
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
        name: "help-is-an-error",
        from: "if let ErrorKind::DisplayHelp | ErrorKind::DisplayVersion = error.kind() {",
        to: "if let ErrorKind::DisplayVersion = error.kind() {",
        breaks: "--help counts as a bad command line.",
        ..ARGUMENTS
    },
    Mutant {
        name: "options-not-kept",
        from: "CHOSEN.get_or_init(|| matches.clone());",
        to: "",
        breaks: "Options of a server's own are read and not found again: a pool has no number of \
            workers.",
        ..ARGUMENTS
    },
    Mutant {
        name: "failure-without-its-cause",
        server: "blocking-server",
        file: "common/src/failure.rs",
        from: "write!(f, \"{:#}\", self.0)",
        to: "write!(f, \"{}\", self.0)",
        breaks: "A failure is reported without its cause.",
        ..ACCEPT
    },
    Mutant {
        name: "bytes-printed-raw",
        server: "select-server",
        file: "common/src/bytes.rs",
        from: "byte.escape_ascii())?",
        to: "char::from(*byte))?",
        breaks: "Messages are printed without escapes: a client can control the operator's \
            terminal.",
        ..ACCEPT
    },
];
