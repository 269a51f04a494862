//! Defects of the pool of threads.

use super::{Mutant, Verdict};

const MAIN: Mutant = Mutant {
    name: "",
    server: "threadpool-server",
    file: "threadpool-server/src/main.rs",
    from: "",
    to: "",
    breaks: "",
    verdict: Verdict::Found,
};

/// A static that is used as a thread-local is, and shared by all threads.
const SHARED: &str = "struct Shared(std::sync::Mutex<Local>);
impl Shared {
    fn with_borrow<T>(&self, f: impl FnOnce(&Local) -> T) -> T { f(&self.0.lock().unwrap()) }
    fn with_borrow_mut(&self, f: impl FnOnce(&mut Local)) { f(&mut self.0.lock().unwrap()) }
}
static LOC: Shared = Shared(std::sync::Mutex::new(Local { name: String::new(), age: 0 }));";

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "pool-no-reuseaddr",
        from: "set_reuseaddr(true)",
        to: "set_reuseaddr(false)",
        breaks: "SO_REUSEADDR is not set: a restart cannot bind while old connections are in \
            TIME_WAIT.",
        ..MAIN
    },
    Mutant {
        name: "pool-accept-error-ends-server",
        from: "failures.survive(error)?;",
        to: "return Err(error.into());",
        breaks: "Every error of accept ends the server, a shortage of descriptors too.",
        ..MAIN
    },
    Mutant {
        name: "pool-spins-without-descriptors",
        from: "thread::sleep(failures.pause().unwrap_or_default());",
        to: "",
        breaks: "While there is no descriptor for another client, accept is tried again without a \
            pause.",
        ..MAIN
    },
    Mutant {
        name: "pool-queue-unbounded",
        from: "bounded(workers.into());",
        to: "crossbeam_channel::unbounded();",
        breaks: "The queue has no end: every client that comes is accepted and costs a descriptor, \
            however many wait.",
        ..MAIN
    },
    Mutant {
        name: "pool-drops-when-full",
        from: "queue.send(conn)?;",
        to: "let _ = queue.try_send(conn);",
        breaks: "A client that finds the queue full is dropped instead of waiting.",
        ..MAIN
    },
    Mutant {
        name: "pool-shared-data",
        from: "thread_local! {\n    static LOC: RefCell<Local> = RefCell::default(); // 11\n}",
        to: SHARED,
        breaks: "The threads share their data: a client gets what another one said.",
        ..MAIN
    },
    Mutant {
        name: "pool-age-not-kept",
        from: "loc.age = age; // 20",
        to: "let _ = age;",
        breaks: "The age is not stored.",
        ..MAIN
    },
    Mutant {
        name: "pool-no-pause",
        from: "thread::sleep(Duration::from_secs_f64(uniform(0.0, pause))); // 21",
        to: "let _ = (uniform(0.0, pause), Duration::ZERO);",
        breaks: "There is no pause before an answer, whatever --pause says.",
        ..MAIN
    },
    Mutant {
        name: "pool-pause-in-seconds",
        from: "f64::from(args.get::<u32>(\"pause\")) / 1000.0",
        to: "f64::from(args.get::<u32>(\"pause\")) * 1000.0",
        breaks: "--pause is taken for thousands of seconds, not for milliseconds.",
        ..MAIN
    },
    Mutant {
        name: "pool-one-answer-at-a-time",
        from: "Some((name, age)) => func2(name, age, pause),",
        to: "Some((name, age)) => {\n\
             static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());\n\
             let _one = ONE.lock();\n\
             func2(name, age, pause)\n\
             }",
        breaks: "A lock is held during the pause: the workers answer one after the other.",
        ..MAIN
    },
    Mutant {
        name: "pool-workers-ignored",
        from: "let workers: u16 = args.get(\"workers\");",
        to: "let workers: u16 = 8;",
        breaks: "--workers is ignored: there are eight.",
        ..MAIN
    },
    Mutant {
        name: "pool-worker-missing",
        from: "for _ in 0..workers {",
        to: "for _ in 1..workers {",
        breaks: "There is one worker fewer than --workers says.",
        ..MAIN
    },
    Mutant {
        name: "pool-worker-ends-on-error",
        from: "Err(error) => say!(\"{addr}: {error}\"),",
        to: "Err(_) => return,",
        breaks: "A worker ends when its client resets: after as many resets as workers nobody is \
            served.",
        ..MAIN
    },
    Mutant {
        name: "pool-never-closes",
        from: "for conn in waiting {",
        to: "for conn in waiting {\nlet conn = Box::leak(Box::new(conn));",
        breaks: "A client that has left keeps its descriptor.",
        ..MAIN
    },
    Mutant {
        name: "pool-dies-of-other-bytes",
        from: "std::str::from_utf8(line).ok()?",
        to: "std::str::from_utf8(line).unwrap()",
        breaks: "A worker panics when a line is not UTF-8.",
        ..MAIN
    },
    Mutant {
        name: "pool-no-line-limit",
        from: "reader.by_ref().take(limit).read_until(b'\\n', &mut line)?",
        to: "reader.by_ref().take(limit << 40).read_until(b'\\n', &mut line)?",
        breaks: "A line of any length is gathered: one without an end fills the memory.",
        ..MAIN
    },
    Mutant {
        name: "pool-line-limit-off-by-one",
        from: "const LINE_LIMIT: usize = 1024;",
        to: "const LINE_LIMIT: usize = 1023;",
        breaks: "A line of 1,024 bytes counts as too long.",
        ..MAIN
    },
    Mutant {
        name: "pool-full-line-too-long",
        from: "line.len() == LINE_LIMIT && !line.ends_with(b\"\\n\")",
        to: "line.len() == LINE_LIMIT",
        breaks: "After a line of exactly 1,024 bytes the next line is skipped.",
        ..MAIN
    },
    Mutant {
        name: "pool-rest-of-line-not-skipped",
        from: "reader.skip_until(b'\\n')?;",
        to: "",
        breaks: "The rest of a line that is too long counts as further lines.",
        ..MAIN
    },
    Mutant {
        name: "pool-skips-beyond-bounds",
        from: "reader.skip_until(b'\\n')?;",
        to: "reader.read_until(b'\\n', &mut line)?;",
        breaks: "The rest of a line that is too long is gathered in memory before it is thrown \
            away.",
        ..MAIN
    },
    Mutant {
        name: "pool-line-not-cleared",
        from: "line.clear();\n        let limit",
        to: "let limit",
        breaks: "A line is read behind the one before it.",
        ..MAIN
    },
    Mutant {
        name: "pool-takes-a-sign",
        from: ".filter(|_| digits)?;",
        to: "?;",
        breaks: "`+1` counts as a whole number.",
        ..MAIN
    },
    Mutant {
        name: "pool-takes-a-third-word",
        from: "words.next().is_none().then_some((name, age))",
        to: "Some((name, age))",
        breaks: "A line with more than two words counts as well formed.",
        ..MAIN
    },
    Mutant {
        name: "pool-rest-of-answer-lost",
        from: "conn.sendall(answer.as_bytes())?;",
        to: "conn.send(answer.as_bytes())?;",
        breaks: "An answer is sent by one `send`: what that does not take is lost.",
        ..MAIN
    },
    Mutant {
        name: "pool-answer-not-printed",
        from: "say!(\"{answer}\"); // 15",
        to: "// 15",
        breaks: "What a worker reads back from its thread-local data is not printed.",
        ..MAIN
    },
];
