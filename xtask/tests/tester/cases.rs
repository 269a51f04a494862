//! What each check must find.

use xtask::catalog::Concurrency::{self, FdSet, Many, One, Pool, Processes, Threads};

/// In the words of a check that measures the processor's time.
const PROCESSOR: &str = "% of a core";

/// A defect, how many clients the server claims to serve, and words of the failure: the defect must
/// fail the check, and nothing else. There are no words where it is a matter of time how the defect
/// shows.
pub type Case = (&'static str, Concurrency, &'static str);

/// What each check must find.
pub const CASES: &[(&str, &[Case])] = &[
    (
        "conversation",
        &[
            ("silent", Many, "silence for 10 s"),
            ("answers-twice", Many, "This is the mes"),
            ("never-closes", Many, "the end of the stream"),
            ("never-listens", Many, "listening on"),
            ("never-says-where", Many, "silence for 10 s"),
            ("stops-itself", Many, "silence for 10 s"),
            ("closes-at-once", Many, "nothing for 300 ms"),
        ],
    ),
    ("note-client", &[("silent", Many, "b'world'"), ("answers-twice", Many, "b'worldworld'")]),
    (
        "sizes",
        &[("drops-bytes", Many, "bytes as expected"), ("stops-early", Many, "after 1024 of")],
    ),
    ("one-byte-at-a-time", &[("silent", Many, "silence for 10 s")]),
    ("pipelined", &[("stops-early", Many, "bytes as expected: silence for 10 s")]),
    (
        "half-close",
        &[
            ("forgets-at-the-end", Many, "expected: the end of the stream"),
            ("closes-too-soon", Many, "bytes as expected: the end of the stream"),
            ("never-closes", Many, "the end of the stream"),
        ],
    ),
    (
        "short-writes",
        &[
            ("ignores-short-sends", Many, "bytes as expected"),
            ("ends-when-interrupted", Many, ""),
            ("silent", Many, "the end of the stream"),
        ],
    ),
    (
        "refused-writes",
        &[
            ("forgets-refused-sends", Many, "bytes answer them"),
            ("sends-the-rest-later", Many, "bytes answer them"),
            ("silent", Many, "4096 are read, and 0"),
            ("one-at-a-time", Many, "silence for 10 s"),
        ],
    ),
    ("many-clients", &[("mixes-clients", Many, "#")]),
    (
        "second-client",
        &[
            ("one-at-a-time", Many, "silence for 10 s"),
            ("healthy", One, "nothing for 300 ms"),
            ("healthy", Pool(2), "nothing for 300 ms"),
            ("silent", One, "silence for 10 s"),
        ],
    ),
    ("reset", &[("dies-on-reset", Many, ""), ("leaks-lost-clients", Many, "descriptors open")]),
    (
        "reset-in-backlog",
        &[
            ("dies-on-reset", Many, ""),
            ("leaks-lost-clients", Many, "descriptors open"),
            ("spins", Many, PROCESSOR),
        ],
    ),
    (
        "send-and-close",
        &[
            ("leaks-descriptors", Many, "descriptors open"),
            ("spins", Many, PROCESSOR),
            ("leaks-in-a-child", Many, "descriptors open"),
        ],
    ),
    (
        "unread-replies",
        &[
            ("hoards", Many, "KiB more memory"),
            ("drops-bytes", Many, "bytes as expected"),
            ("sends-in-turn", Many, "silence for 10 s"),
        ],
    ),
    (
        "unread-crowd",
        &[
            ("hoards", Many, "KiB more memory"),
            ("hoards", One, "KiB more memory"),
            ("hoards", Pool(2), "KiB more memory"),
            ("drops-bytes", Many, "bytes as expected"),
            ("sends-in-turn", Many, "silence for 10 s"),
            ("busy", Many, PROCESSOR),
        ],
    ),
    (
        "owed-and-gone",
        &[
            ("leaks-lost-clients", Many, "when a client resets"),
            ("dies-on-reset", Many, ""),
            ("spins", Many, PROCESSOR),
            ("asks-for-room", Many, PROCESSOR),
        ],
    ),
    (
        "urgent-data",
        &[("reads-urgent-data-inline", Many, "!"), ("spins-on-urgent-data", Many, PROCESSOR)],
    ),
    ("slow-loris", &[("one-at-a-time", Many, "silence for 2 s")]),
    (
        "fairness",
        &[
            ("serves-the-loudest", Many, "95 % of the answers to the others"),
            ("drops-bytes", Many, "bytes of the message"),
        ],
    ),
    (
        "long-lines",
        &[
            ("pool-keeps-lines", Pool(4), "KiB more memory"),
            ("pool-cuts-lines", Pool(4), "(1024 bytes)"),
        ],
    ),
    (
        "waiting-room",
        &[
            ("pool-turns-away", Pool(4), "until one of 4 workers is free"),
            ("pool-serves-last-first", Pool(4), "silence for 10 s"),
            ("pool-takes-all", Pool(4), "clients are accepted"),
            ("pool-outlives-sigterm", Pool(4), "it runs on after 10 s"),
        ],
    ),
    (
        "pause",
        &[
            ("pool-never-pauses", Pool(4), "on average"),
            ("pool-pauses-in-turn", Pool(4), "on average"),
        ],
    ),
    (
        "operator",
        &[
            ("healthy", Many, "the prompt `answer 127.0.0.1:"),
            ("prompts-late", Many, "the prompt `answer 127.0.0.1:"),
            ("closes-without-reason", Many, "standard input has ended"),
        ],
    ),
    ("refused-registration", &[("healthy", Many, "silence for 10 s")]),
    (
        "backlog",
        &[
            ("small-backlog", Many, "128 clients wait to be accepted"),
            ("large-backlog", Many, "no more than 128 clients wait"),
        ],
    ),
    (
        "prints",
        &[
            ("always-quiet", Many, "a line with `b'Message 0 of many.'`"),
            ("warns", Many, "a line with `b'Message 0 of many.'`"),
            ("prints-raw", Many, "x1b[2J"),
        ],
    ),
    ("reset-is-said", &[("hides-resets", Many, "Connection reset by peer")]),
    (
        "idle-line",
        &[("idles-once", Many, "a line with `nobody came`"), ("healthy", Many, "nobody came")],
    ),
    (
        "quiet",
        &[("never-quiet", Many, "only `listening on ADDR`"), ("warns", Many, "a client speaks")],
    ),
    ("completions", &[("healthy", Many, "no recv(2) and no send(2)")]),
    ("defaults", &[("healthy", Many, "[default: ")]),
    (
        "one-each",
        &[
            ("processes", Threads, "1 in all of its processes"),
            ("processes", Processes, "has the connection open"),
            ("one-at-a-time", Threads, "silence for 10 s"),
        ],
    ),
    ("refused-start", &[("healthy", Threads, "")]),
    ("panic", &[("dies-of-a-panic", Threads, "panicked at")]),
    ("finish", &[("healthy", Threads, ": finish")]),
    (
        "children",
        &[
            ("processes-leave-zombies", Processes, "zombies"),
            ("processes-outlive-sigterm", Processes, "no process left"),
        ],
    ),
    ("killed-child", &[("healthy", Processes, "a process that serves the client")]),
    (
        "churn",
        &[
            ("leaks-descriptors", Many, "descriptors open"),
            ("leaks-lost-clients", Many, "descriptors open"),
            ("leaks-memory", Many, "KiB more memory"),
            ("leaks-memory-in-a-child", Many, "KiB more memory"),
        ],
    ),
    (
        "descriptors-exhausted",
        &[
            ("dies-without-descriptors", Many, ""),
            ("silent-without-descriptors", Many, "Too many open files"),
            ("spins-without-descriptors", Many, PROCESSOR),
            ("naps-without-descriptors", Many, "wake-ups a second"),
            ("dies-without-descriptors", One, ""),
            ("silent-without-descriptors", One, "Too many open files"),
            ("spins-without-descriptors", One, PROCESSOR),
            ("naps-without-descriptors", One, "wake-ups a second"),
            ("repeats-without-descriptors", One, "once"),
            ("gives-up-without-descriptors", One, "silence for 10 s"),
            ("dies-without-descriptors", Pool(2), ""),
            ("spins-without-descriptors", Pool(2), PROCESSOR),
            ("naps-without-descriptors", Pool(2), "wake-ups a second"),
        ],
    ),
    (
        "beyond-1024",
        &[
            ("refuses-crowds", Many, "Message 1000 of many."),
            ("refuses-crowds", FdSet, "a line with `1024`"),
            ("silent", FdSet, "silence for 10 s; before that 0 of 2000"),
            ("healthy", FdSet, "1000 to 1023 of 2000 clients"),
        ],
    ),
    ("connect-storm", &[("tires", Many, "")]),
    (
        "idle-cpu",
        &[
            ("busy", Many, PROCESSOR),
            ("spins-in-a-child", Many, PROCESSOR),
            ("spins-in-a-daemon", Many, PROCESSOR),
        ],
    ),
    (
        "idle-calls",
        &[("busy", Many, "a server that sleeps"), ("ticks", Many, "no thread on a processor")],
    ),
    ("drain", &[("healthy", Many, "listening on")]),
    ("signal-overflow", &[("healthy", Many, "signals were lost")]),
    ("every-loop", &[("healthy", Many, "listening on")]),
    ("interrupted", &[("forgets-when-continued", Many, "silence for 10 s")]),
    (
        "closed-output",
        &[
            ("prints-with-println", Many, "the end of the stream"),
            ("never-says-where", Many, "silence for 10 s"),
        ],
    ),
    (
        "stuck-output",
        &[
            ("never-quiet", Many, "silence for 10 s"),
            ("always-quiet", Many, "it serves 2000 clients"),
            ("never-says-where", Many, "silence for 10 s"),
        ],
    ),
    (
        "termination",
        &[
            ("outlives-sigterm", Many, "it runs on after 10 s"),
            ("ends-cleanly", Many, "the end by signal 15"),
            ("binds-once", Many, "listening on"),
            ("processes-outlive-sigterm", Processes, "no process left"),
        ],
    ),
    ("garbage", &[("mangles-garbage", Many, "(seed 1)")]),
    ("restart", &[("binds-once", Many, "listening on"), ("never-listens", Many, "listening on")]),
    ("address-in-use", &[("two-lines", Many, "giving up")]),
    (
        "broken-listener",
        &[
            ("outlives-its-listener", Many, "it runs on after 10 s"),
            ("silent-without-listener", Many, "one line `Error: accept: …`"),
        ],
    ),
    ("bad-address", &[("healthy", Many, "HOST:PORT")]),
    ("unknown-option", &[("healthy", Many, "--no-such-option")]),
];
