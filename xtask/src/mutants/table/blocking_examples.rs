//! Defects of the models with a thread or a process for each client, and of what starts those.

use super::{Mutant, Verdict};

const THREADS: Mutant = Mutant {
    name: "",
    server: "thread-per-connection",
    file: "blocking-server/examples/thread-per-connection.rs",
    from: "",
    to: "",
    breaks: "",
    verdict: Verdict::Found,
};

const PROCESSES: Mutant = Mutant {
    server: "process-per-connection",
    file: "blocking-server/examples/process-per-connection.rs",
    ..THREADS
};

const PRE_FORKED: Mutant =
    Mutant { server: "pre-forked", file: "blocking-server/examples/pre-forked.rs", ..THREADS };

const FORK: Mutant = Mutant { file: "blocking-server/src/fork.rs", ..PROCESSES };
const SYS: Mutant = Mutant { file: "blocking-server/src/sys.rs", ..PROCESSES };
const ECHO: Mutant = Mutant { file: "blocking-server/src/lib.rs", ..THREADS };
const PATIENCE: Mutant = Mutant { file: "common/src/patience.rs", ..THREADS };

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "pre-forked-without-children-to-wait-for",
        from: "leave_children_to_wait()?;",
        to: "",
        breaks: "Where its parent ignored SIGCHLD, no worker is replaced.",
        ..PRE_FORKED
    },
    Mutant {
        name: "threads-without-bound",
        from: "free: Mutex::new(threads)",
        to: "free: Mutex::new(threads.max(u16::MAX))",
        breaks: "There may be more threads than `--threads` says.",
        ..THREADS
    },
    Mutant {
        name: "threads-accept-before-place",
        from: "let place = places.take();\n        let (conn, addr) = server.accept()?;",
        to: "let (conn, addr) = server.accept()?;\n        let place = places.take();",
        breaks: "A client that finds no place is accepted all the same, and takes a descriptor.",
        ..THREADS
    },
    Mutant {
        name: "threads-panic-keeps-place",
        from: "*self.0.lock() += 1;",
        to: "*self.0.lock() += u16::from(!thread::panicking());",
        breaks: "A thread that panics gives its place back to nobody.",
        ..THREADS
    },
    Mutant {
        name: "threads-in-turn",
        from: "thread.spawn(move || client.serve())\n",
        to: "thread.spawn(move || client.serve()).map(|thread| thread.join().is_ok())\n",
        breaks: "The next client is accepted when the thread of the one before has ended.",
        ..THREADS
    },
    Mutant {
        name: "threads-panic-ends-server",
        from: "thread.spawn(move || client.serve())\n",
        to: "thread.spawn(move || {\n\
             let serve = std::panic::AssertUnwindSafe(|| client.serve());\n\
             std::panic::catch_unwind(serve).unwrap_or_else(|_| std::process::exit(1))\n\
             })\n",
        breaks: "A thread that panics ends the server.",
        ..THREADS
    },
    Mutant {
        name: "start-gives-up",
        from: "Some(libc::EAGAIN | libc::ENOMEM)",
        to: "Some(libc::ENOMEM)",
        breaks: "A server that the system refuses a thread ends.",
        ..PATIENCE
    },
    Mutant {
        name: "start-spins",
        from: "thread::sleep(PAUSE);",
        to: "thread::sleep(PAUSE / 1000);",
        breaks: "A server that the system refuses a thread asks again after microseconds.",
        ..PATIENCE
    },
    Mutant {
        name: "start-repeats",
        from: "said = true;",
        to: "said = false;",
        breaks: "Each refusal of a thread is said.",
        ..PATIENCE
    },
    Mutant {
        name: "echo-interrupted-ends",
        from: "Err(error) if error.kind() == ErrorKind::Interrupted => continue,",
        to: "Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),",
        breaks: "A signal ends the client whose process it interrupts.",
        ..ECHO
    },
    Mutant {
        name: "echo-ignores-short-sends",
        from: "conn.write_all(message)?;",
        to: "let _ = conn.write(message)?;",
        breaks: "What the kernel does not take at once is lost.",
        ..ECHO
    },
    Mutant {
        name: "processes-parent-keeps-connection",
        from: "Fork::Parent(_child) => conn.close(),",
        to: "Fork::Parent(_child) => std::mem::forget(conn),",
        breaks: "The server keeps its copy of each connection, so the client never sees the end.",
        ..PROCESSES
    },
    Mutant {
        name: "processes-nobody-waits",
        from: "    wait_on_sigchld()?;\n",
        to: "",
        breaks: "Each child that has ended stays as a zombie.",
        ..PROCESSES
    },
    Mutant {
        name: "processes-one-wait-for-each-signal",
        from: "while unsafe { libc::waitpid(-1, null_mut(), libc::WNOHANG) } > 0 {}",
        to: "unsafe { libc::waitpid(-1, null_mut(), libc::WNOHANG) };",
        breaks: "Of children that end together only one is waited for.",
        ..SYS
    },
    Mutant {
        name: "processes-outlive-server",
        from: "            sys::end_with_parent()?;\n",
        to: "",
        breaks: "The children go on when the server has ended.",
        ..FORK
    },
    Mutant {
        name: "processes-in-turn",
        from: "Fork::Parent(_child) => conn.close(),",
        to: "Fork::Parent(_child) => {\nconn.close();\nblocking::wait().ok();\n}",
        breaks: "The next client is accepted when the process of the one before has ended.",
        ..PROCESSES
    },
    Mutant {
        name: "workers-not-replaced",
        from: "replaced = Some(Instant::now());\n        start_worker(&server)?;",
        to: "replaced = Some(Instant::now());",
        breaks: "A worker that has died is not replaced.",
        ..PRE_FORKED
    },
    Mutant {
        name: "workers-replaced-at-once",
        from: "thread::sleep(BETWEEN_REPLACEMENTS.saturating_sub(replaced.elapsed()));",
        to: "thread::sleep(BETWEEN_REPLACEMENTS.saturating_sub(replaced.elapsed()) / 2);",
        breaks: "A worker that has died is replaced sooner than a second after the one before.",
        ..PRE_FORKED
    },
    Mutant {
        name: "workers-outlive-listener",
        from: "status.code() == Some(CANNOT_ACCEPT)",
        to: "status.code() == Some(CANNOT_ACCEPT + 1)",
        breaks: "With a broken listener the workers are replaced again and again.",
        ..PRE_FORKED
    },
];
