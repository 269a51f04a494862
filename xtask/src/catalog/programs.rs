//! The table of programs that are no servers.

/// A client of a listing's server, or a program that runs by itself; an example of its crate.
pub struct Program {
    /// The name of its example.
    pub name: &'static str,
    /// The crate that it belongs to.
    pub package: &'static str,
    /// What it shows, in a few words.
    pub shows: &'static str,
    /// The listing that it mirrors, or the prose that it follows: the note, and its lines.
    pub listing: &'static str,
}

impl Program {
    /// The command that a reader types to run it.
    pub fn command(&self) -> String {
        format!("cargo run -p {} --example {}", self.package, self.name)
    }
}

/// All of them, in the order of their crates.
pub const PROGRAMS: &[Program] = &[
    client("blocking-client", "blocking-server", "001:22-28"),
    client("nonblocking-client", "nonblocking-server", "004:108-114"),
    client("interval-client", "nonblocking-server", "000:46-55"),
    client("greet-once-client", "nonblocking-server", "001:47-55"),
    client("operator-client", "select-server", "000:100-107"),
    client("level-triggered-client", "select-server", "001:83-90"),
    client("chat-client", "select-server", "001:114-122"),
    client("hello-client", "select-server", "004:159-164"),
    Program {
        name: "event-loop",
        package: "selectors-server",
        shows: "three tasks in three models, drawn",
        listing: "002:3-33",
    },
    Program {
        name: "local",
        package: "threadpool-server",
        shows: "thread-local data alone",
        listing: "004:7-25",
    },
    Program {
        name: "connection-pool",
        package: "threadpool-server",
        shows: "connection pool",
        listing: "004:63-68",
    },
];

const fn client(name: &'static str, package: &'static str, listing: &'static str) -> Program {
    Program { name, package, shows: "client", listing }
}
