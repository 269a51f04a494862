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

const RING: Mutant = Mutant { file: "epoll-server/src/uring/mod.rs", ..IO_URING };
const REQUESTS: Mutant = Mutant { file: "epoll-server/src/uring/requests.rs", ..IO_URING };
const SETUP: Mutant = Mutant { file: "epoll-server/src/uring/setup.rs", ..IO_URING };
const SYS: Mutant = Mutant { file: "epoll-server/src/uring/sys.rs", ..IO_URING };

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "io-uring-accept-not-asked-again",
        from: "Completion::TimeIsOver => ring.accept(&listener),",
        to: "Completion::TimeIsOver => {}",
        breaks: "After the accept that ends with a shortage nobody is accepted any more.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-shortage-ends-server",
        from: "Err(error) => shortage.judge(error)? == Refusal::Short,",
        to: "Err(error) => return Err(error.into()),",
        breaks: "Without a free descriptor the server ends.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-shortage-without-pause",
        from: "ring.start_timer();",
        to: "ring.accept(&listener);",
        breaks: "While there is no descriptor for another client it asks for one without a pause.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-shortage-stops-clients",
        from: "ring.start_timer();",
        to: "std::thread::sleep(std::time::Duration::from_secs(1));\n\
             ring.accept(&listener);",
        breaks: "While there is no descriptor for another client, those that have one wait.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-small-backlog",
        from: "const BACKLOG: i32 = 1024;",
        to: "const BACKLOG: i32 = 128;",
        breaks: "Of a burst of clients most are refused.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-rest-lost",
        from: "data.advance(sent);",
        to: "let _ = sent;\n\
             let all = data.len();\n\
             data.advance(all);",
        breaks: "A send that took a part counts as one that took all.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-rest-sent-from-start",
        from: "data.advance(sent);",
        to: "if sent == data.len() { data.advance(sent) }",
        breaks: "After a send that took a part, all is sent again.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-answers-once",
        from: "ring.receive(client);\n                    } else {",
        to: "std::mem::forget(client);\n                    } else {",
        breaks: "After its first answer a client is not received from again.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-end-unnoticed",
        from: "drop(client); // closes it",
        to: "ring.receive(client);",
        breaks: "It receives on after the end of the stream, which comes again and again.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-not-closed",
        from: "drop(client); // closes it",
        to: "std::mem::forget(client);",
        breaks: "The connection of a client that has left stays open.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-lost-not-closed",
        from: "drop(client);\n",
        to: "std::mem::forget(client);\n",
        breaks: "The connection of a client that was lost stays open.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-error-ends-server",
        from: "say!(\"client {}: {error}\", client.as_raw_fd());\n                    drop(client);",
        to: "drop(client);\n                    return Err(error.into());",
        breaks: "A client's error ends the server.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-writes-itself",
        from: "Bytes(&data));\n                    ring.send(client, data);",
        to: "Bytes(&data));\n\
             let mut file = std::fs::File::from(client);\n\
             std::io::Write::write_all(&mut file, &data)?;\n\
             ring.give_back(data);\n\
             ring.receive(file.into());",
        breaks: "It sends by write(2), and the ring only receives.",
        ..IO_URING
    },
    Mutant {
        name: "io-uring-hungry-forgotten",
        from: "self.again.push_back(Request::Receive { client, is_ready: true });",
        to: "std::mem::forget(client);",
        breaks: "A client that there was no buffer for is never received from again.",
        ..RING
    },
    Mutant {
        name: "io-uring-hungry-is-lost",
        from: "is(&error, libc::ENOBUFS)",
        to: "is(&error, libc::ENOTSUP)",
        breaks: "A client that there is no buffer for is closed.",
        ..RING
    },
    Mutant {
        name: "io-uring-busy-ends-server",
        from: "Some(libc::EAGAIN | libc::EBUSY | libc::ENOMEM) => Ok(false),",
        to: "",
        breaks: "It ends when the kernel wants completions to be taken before it goes on.",
        ..RING
    },
    Mutant {
        name: "io-uring-interrupted-ends-server",
        from: "Some(libc::EINTR) => Ok(true),",
        to: "",
        breaks: "A signal ends it.",
        ..RING
    },
    Mutant {
        name: "io-uring-send-without-completion",
        from: ".flags(libc::MSG_NOSIGNAL)\n                    .build()",
        to: ".flags(libc::MSG_NOSIGNAL)\n\
             .build()\n\
             .flags(squeue::Flags::SKIP_SUCCESS)",
        breaks: "A send that succeeds has no completion, so nothing follows it.",
        ..REQUESTS
    },
    Mutant {
        name: "io-uring-number-of-another",
        from: "let index = self.free.pop()",
        to: "let index = self.free.first().copied()",
        breaks: "A request gets the place, and the number, of one that has not completed.",
        ..REQUESTS
    },
    Mutant {
        name: "io-uring-timer-too-short",
        from: "nsec(10_000_000)",
        to: "nsec(10_000)",
        breaks: "In a shortage of descriptors it asks for one thousands of times a second.",
        ..REQUESTS
    },
    Mutant {
        name: "io-uring-one-way-to-set-up",
        from: "error.raw_os_error() == Some(libc::EINVAL)",
        to: "error.raw_os_error().is_none()",
        breaks: "A kernel that does not know the best way to set up a ring gets no plainer one.",
        ..SETUP
    },
    Mutant {
        name: "io-uring-refusal-unexplained",
        from: "Some(libc::EINVAL | libc::ENOSYS)",
        to: "Some(libc::ENOSYS)",
        breaks: "On a kernel that is too old it says `Invalid argument`.",
        ..SETUP
    },
    Mutant {
        name: "io-uring-never-waits",
        from: "let count = u32::from(may_wait && !is_behind);",
        to: "let _ = is_behind && may_wait;\n    let count = 0;",
        breaks: "It never waits.",
        ..SYS
    },
    Mutant {
        name: "io-uring-waits-while-behind",
        from: "let is_behind = !requests.is_empty() || queue.cq_overflow();",
        to: "let is_behind = queue.cq_overflow();",
        breaks: "It waits for a completion while requests wait for room.",
        ..SYS
    },
    Mutant {
        name: "io-uring-events-not-asked-for",
        from: "EnterFlags::GETEVENTS.bits()",
        to: "EnterFlags::empty().bits()",
        breaks: "The kernel neither waits nor completes what it has deferred.",
        ..SYS
    },
    Mutant {
        name: "io-uring-buffer-not-replaced",
        from: "self.offer(id);\n        let filled",
        to: "let filled",
        breaks: "The kernel gets no buffer for one that it filled: after 256 it has none.",
        ..SYS
    },
    Mutant {
        name: "io-uring-buffers-freed",
        from: "self.spare.push(buffer.memory);",
        to: "drop(buffer.memory);",
        breaks: "A buffer is freed after each answer, and another one is allocated.",
        verdict: Verdict::Equivalent("The same bytes go out; it costs some time."),
        ..SYS
    },
    Mutant {
        name: "io-uring-overflow-not-looked-at",
        from: "let is_behind = !requests.is_empty() || queue.cq_overflow();",
        to: "let is_behind = !requests.is_empty();",
        breaks: "It asks to wait though completions wait for room in their queue.",
        verdict: Verdict::Equivalent(
            "The kernel moves them into the queue first, and then need not wait.",
        ),
        ..SYS
    },
];
