//! Defects of the server with `async` and `await`, and of what stands behind it.

use super::{Mutant, Verdict};

const EXECUTOR: Mutant = Mutant {
    name: "",
    server: "async-await",
    file: "selectors-server/src/executor.rs",
    from: "",
    to: "",
    breaks: "",
    verdict: Verdict::Found,
};

const READINESS: Mutant = Mutant { file: "selectors-server/src/readiness.rs", ..EXECUTOR };

const STREAM: Mutant = Mutant { file: "selectors-server/src/stream.rs", ..EXECUTOR };

const SERVER: Mutant = Mutant { file: "selectors-server/examples/async-await.rs", ..EXECUTOR };

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "executor-spins",
        from: "if self.ready.falls_asleep() { next } else { Some(Duration::ZERO) }",
        to: "if self.ready.falls_asleep() { next.or(Some(Duration::ZERO)) } else { Some(Duration::ZERO) }",
        breaks: "It never waits.",
        ..EXECUTOR
    },
    Mutant {
        name: "executor-wakes-once",
        from: "task.is_woken.store(false, Ordering::Release);",
        to: "",
        breaks: "A task that was woken once is never woken again.",
        ..EXECUTOR
    },
    Mutant {
        name: "executor-forgets-waiting-tasks",
        from: "Ok(Poll::Pending) => self.works.borrow_mut()[number] = Some(work),",
        to: "Ok(Poll::Pending) => {}",
        breaks: "A task ends when it first waits.",
        ..EXECUTOR
    },
    Mutant {
        name: "executor-dies-of-a-panic",
        from: "match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut context))) {",
        to: "match std::io::Result::Ok(work.as_mut().poll(&mut context)) {",
        breaks: "A task that panics takes all the others along.",
        ..EXECUTOR
    },
    Mutant {
        name: "readiness-trusts-reads-at-the-end",
        from: "if failed || closed || event.is_priority() {",
        to: "if false {",
        breaks: "The end of the stream that came together with the last data is not seen.",
        ..READINESS
    },
    Mutant {
        name: "readiness-misses-urgent-data",
        from: "if failed || closed || event.is_priority() {",
        to: "if failed || closed {",
        breaks: "What follows urgent data is not read until more comes.",
        ..READINESS
    },
    Mutant {
        name: "readiness-nobody-waits",
        from: "self.waiting.set(Some(context.waker().clone()));",
        to: "",
        breaks: "A task that waits for a socket is never woken.",
        ..READINESS
    },
    Mutant {
        name: "readiness-turn-never-ends",
        from: "self.0.taken.set(false);",
        to: "",
        breaks: "Who received once counts as one that waits for ever.",
        ..READINESS
    },
    Mutant {
        name: "readiness-full-buffer-is-an-error",
        from: "Err(error) if error.kind() == ErrorKind::WouldBlock => self.is_used_up(),",
        to: "",
        breaks: "A full socket buffer ends the client.",
        ..READINESS
    },
    Mutant {
        name: "readiness-closed-is-not-writable",
        from: "if failed || event.is_writable() || event.is_write_closed() {",
        to: "if event.is_writable() && !event.is_write_closed() {",
        breaks: "A client that resets while replies are owed to it is never closed.",
        ..READINESS
    },
    Mutant {
        name: "stream-listener-not-watched-again",
        from: "self.watched.watch_again()?;",
        to: "",
        breaks: "Who waits during a shortage of descriptors is accepted only when another one comes.",
        ..STREAM
    },
    Mutant {
        name: "stream-sends-once",
        from: "while !data.is_empty() {",
        to: "if !data.is_empty() {",
        breaks: "A reply counts as sent once a part of it was taken.",
        ..STREAM
    },
    Mutant {
        name: "async-blocks",
        from: "stream.set_nonblocking(true)?;",
        to: "",
        breaks: "A client that does not read stops all tasks.",
        ..STREAM
    },
    Mutant {
        name: "async-refused-ends-server",
        from: "Err(error) => warn!(\"{addr} refused: {error}\"),",
        to: "Err(error) => return Err(error),",
        breaks: "A client that epoll cannot take ends the server.",
        ..SERVER
    },
    Mutant {
        name: "async-serves-in-turn",
        from: "Ok(conn) => spawn(async move {",
        to: "Ok(conn) => drop(async move {",
        breaks: "The task of a client is never started.",
        ..SERVER
    },
];
