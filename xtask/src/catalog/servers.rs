//! The table of what can be launched.

use std::net::SocketAddr;
use std::time::Duration;

use crate::catalog::{Talk, journals};

/// A server that mirrors a listing.
pub struct Server {
    /// The name of its binary or example.
    pub name: &'static str,
    /// The crate that it belongs to.
    pub package: &'static str,
    /// A binary of the crate, an example, or a program that cargo does not build.
    pub target: Target,
    /// The words of the program that starts it, where one does, for example `strace -f`.
    pub wrapper: &'static [&'static str],
    /// What it needs of the system: the reason why it cannot run where that is missing.
    pub requires: fn() -> Option<&'static str>,
    /// The I/O model that it shows.
    pub model: &'static str,
    /// The listing that it mirrors: the note, and its lines.
    pub listing: &'static str,
    /// Where it listens unless told otherwise.
    pub addr: &'static str,
    /// How many clients may wait to be accepted, by its listing's `listen`.
    pub backlog: usize,
    /// Where it writes about its events.
    pub journal: Journal,
    /// Arguments for the checks, as a shorter pause.
    pub args: &'static [&'static str],
    /// Arguments for checks under load, without output for each event and with the shortest pauses.
    pub load_args: &'static [&'static str],
    /// The line that its operator types again and again, where it has one.
    pub operator: Option<&'static str>,
    /// What it asks the operator about a client, where it has one.
    pub prompt: Option<fn(SocketAddr) -> String>,
    /// What it writes about a client, as [`journals`] says.
    pub shows: &'static [&'static str],
    /// What it writes about a client that resets, in the same words; `None` where it does not read.
    pub shows_reset: Option<&'static str>,
    /// The line that it writes when nobody came for a while, and how long that is.
    pub shows_idle: Option<(&'static str, Duration)>,
    /// Whether a client that it only accepts stays connected until the next one comes.
    pub keeps_last: bool,
    /// What it says.
    pub talk: Talk,
    /// The values of its `--selector` besides the default, where it has that option.
    pub selectors: &'static [&'static str],
    /// The client that the note has for it.
    pub note_client: Option<NoteClient>,
    /// Whether it watches for urgent data and ends a client that sends some (note 002:217-224).
    pub urgent_data_ends_it: bool,
    /// How many clients it serves at once.
    pub concurrency: Concurrency,
}

/// A client that mirrors a listing.
#[derive(Clone, Copy)]
pub struct NoteClient {
    /// The name of its example.
    pub name: &'static str,
    /// What it prints of the server's answer.
    pub prints: &'static str,
    /// What it says.
    pub says: &'static str,
}

/// What a server is to cargo.
#[derive(Clone, Copy, PartialEq)]
pub enum Target {
    /// `src/main.rs` of its crate.
    Bin,
    /// A file of `examples`.
    Example,
    /// A program with its first arguments, which cargo does not build.
    Program(&'static [&'static str]),
}

/// Where a server writes about its events; standard error gets nothing else, except trouble.
#[derive(Clone, Copy, PartialEq)]
pub enum Journal {
    /// Standard output, by Python's `print`.
    Stdout,
    /// Standard error, by Python's `logging`.
    Stderr,
    /// The file that `--log` names.
    File,
}

/// How many clients a server serves at once.
#[derive(Clone, Copy, PartialEq)]
pub enum Concurrency {
    /// One; the next one waits until it leaves.
    One,
    /// As many as there are workers; the next one waits until one of them leaves.
    Pool(usize),
    /// A thread for each, as many as the system has.
    Threads,
    /// A process for each, as many as the system has.
    Processes,
    /// As many as an `fd_set` has room for (select(2)).
    FdSet,
    /// As many as the system has descriptors for.
    Many,
}

impl Concurrency {
    /// How many clients can be idle without keeping others from being served; `None` where there is
    /// no end.
    pub fn limit(self) -> Option<usize> {
        match self {
            Concurrency::One => Some(1),
            Concurrency::Pool(workers) => Some(workers),
            Concurrency::Threads
            | Concurrency::Processes
            | Concurrency::FdSet
            | Concurrency::Many => None,
        }
    }
}

impl Server {
    /// What tells it from the others: examples of two crates may have one name.
    pub fn key(&self) -> (&'static str, &'static str) {
        (self.package, self.name)
    }

    /// Whether it asks its sockets again and again without a pause: the price is its lesson.
    pub fn polls(&self) -> bool {
        self.name == "nonblocking-server"
    }

    /// Whether it hands its clients' descriptors to epoll(7).
    pub fn registers_clients(&self) -> bool {
        let has_epoll = self.model == "epoll" || self.selectors.contains(&"epoll");
        has_epoll && !matches!(self.talk, Talk::Accepts)
    }

    /// The command that a reader types to run it.
    pub fn command(&self) -> String {
        match self.target {
            Target::Bin => format!("cargo run -p {}", self.package),
            Target::Example => format!("cargo run -p {} --example {}", self.package, self.name),
            Target::Program(words) => words.join(" "),
        }
    }
}

/// What most servers have in common.
const USUAL: Server = Server {
    name: "",
    package: "",
    target: Target::Bin,
    wrapper: &[],
    requires: || None,
    model: "",
    listing: "",
    addr: "",
    backlog: 128,
    journal: Journal::Stdout,
    args: &[],
    load_args: &["--quiet"],
    operator: None,
    prompt: None,
    shows: &[],
    shows_reset: Some("raddr={client}>: Connection reset by peer"),
    shows_idle: None,
    keeps_last: false,
    talk: Talk::Accepts,
    selectors: &[],
    note_client: None,
    urgent_data_ends_it: false,
    concurrency: Concurrency::Many,
};

/// What the operators type: long enough to fill a socket's buffers after some hundred messages.
const ANSWER: &str = "an answer that takes its time, because the operator is a person who likes to \
                      explain everything from the beginning, and to whom nobody has ever said that \
                      a short one would do as well";

/// All servers: first those that are a crate's own binary, then the examples.
pub const SERVERS: &[Server] = &[
    Server {
        name: "blocking-server",
        package: "blocking-server",
        model: "blocking",
        listing: "001:9-19",
        addr: "127.0.0.1:6969",
        shows: journals::BLOCKING,
        talk: Talk::Greeting(connected),
        note_client: Some(NoteClient {
            name: "blocking-client",
            prints: "have connected to server",
            says: "hellow",
        }),
        concurrency: Concurrency::One,
        ..USUAL
    },
    Server {
        name: "nonblocking-server",
        package: "nonblocking-server",
        model: "non-blocking",
        listing: "004:80-104",
        addr: "127.0.0.1:8080",
        shows: journals::NONBLOCKING,
        talk: Talk::Greeting(hello),
        note_client: Some(NoteClient {
            name: "nonblocking-client",
            prints: "b'hello'",
            says: "b'heiheihei'",
        }),
        ..USUAL
    },
    Server {
        name: "select-server",
        package: "select-server",
        model: "select",
        listing: "002:146-224",
        addr: "127.0.0.1:10000",
        backlog: 5,
        shows: journals::SELECT,
        talk: Talk::Stream(<[u8]>::to_ascii_uppercase),
        urgent_data_ends_it: true,
        concurrency: Concurrency::FdSet,
        ..USUAL
    },
    Server {
        name: "epoll-server",
        package: "epoll-server",
        model: "epoll",
        listing: "002:226-355",
        addr: "127.0.0.1:2003",
        backlog: 10,
        journal: Journal::File,
        args: &["--log", "/dev/null"],
        load_args: &["--log", "/dev/null", "--quiet"],
        shows: journals::EPOLL,
        shows_reset: Some(" - network-server - ERROR - Connection reset by peer"),
        talk: Talk::Stream(<[u8]>::to_vec),
        ..USUAL
    },
    Server {
        name: "selectors-server",
        package: "selectors-server",
        model: "selectors",
        listing: "002:367-528",
        addr: "127.0.0.1:9999",
        backlog: 1000,
        shows: journals::SELECTORS,
        talk: Talk::Stream(<[u8]>::to_vec),
        selectors: &["epoll", "poll", "select"],
        ..USUAL
    },
    Server {
        name: "threadpool-server",
        package: "threadpool-server",
        model: "thread pool",
        listing: "004:7-25",
        addr: "127.0.0.1:7000",
        args: &["--workers", "4", "--pause", "5"],
        load_args: &["--workers", "4", "--pause", "0", "--quiet"],
        shows: journals::THREAD_POOL,
        shows_reset: Some("worker-*: {client}: Connection reset by peer"),
        talk: Talk::Lines,
        concurrency: Concurrency::Pool(4),
        ..USUAL
    },
    Server {
        name: "interval",
        package: "nonblocking-server",
        target: Target::Example,
        model: "non-blocking",
        listing: "000:27-44",
        addr: "127.0.0.1:6667",
        backlog: 5,
        args: &["--interval", "0.01"],
        load_args: &["--interval", "0.0002"],
        shows: journals::INTERVAL,
        shows_reset: Some("Connection reset by peer"),
        talk: Talk::Once(""),
        note_client: Some(NoteClient {
            name: "interval-client",
            prints: "the server closed the connection",
            says: "hello",
        }),
        ..USUAL
    },
    Server {
        name: "greet-once",
        package: "nonblocking-server",
        target: Target::Example,
        model: "non-blocking",
        listing: "001:30-45",
        addr: "127.0.0.1:6969",
        args: &["--interval", "0.01"],
        load_args: &["--interval", "0.0002"],
        shows: journals::GREET_ONCE,
        shows_reset: Some("Connection reset by peer"),
        talk: Talk::Once("you have connected to server"),
        note_client: Some(NoteClient {
            name: "greet-once-client",
            prints: "you have connected to server",
            says: "hellow",
        }),
        ..USUAL
    },
    Server {
        name: "operator",
        package: "select-server",
        target: Target::Example,
        model: "select",
        listing: "000:71-98",
        addr: "127.0.0.1:8801",
        backlog: 5,
        operator: Some(ANSWER),
        prompt: Some(|_| ">>> :".to_owned()),
        shows: journals::OPERATOR,
        talk: Talk::Reads(ANSWER),
        note_client: Some(NoteClient {
            name: "operator-client",
            prints: "answer",
            says: "question",
        }),
        concurrency: Concurrency::FdSet,
        ..USUAL
    },
    Server {
        name: "level-triggered",
        package: "select-server",
        target: Target::Example,
        model: "select",
        listing: "001:65-82",
        addr: "127.0.0.1:6969",
        load_args: &[],
        shows: journals::LEVEL_TRIGGERED,
        shows_reset: None,
        shows_idle: Some((">>>>>", Duration::from_secs(5))),
        keeps_last: true,
        talk: Talk::Accepts,
        note_client: Some(NoteClient {
            name: "level-triggered-client",
            prints: "the server closed the connection",
            says: "hellow",
        }),
        concurrency: Concurrency::FdSet,
        ..USUAL
    },
    Server {
        name: "chat",
        package: "select-server",
        target: Target::Example,
        model: "select",
        listing: "001:93-112",
        addr: "127.0.0.1:6969",
        backlog: 5,
        operator: Some(ANSWER),
        prompt: Some(answer_to),
        shows: journals::CHAT,
        talk: Talk::Reads(ANSWER),
        note_client: Some(NoteClient { name: "chat-client", prints: "answer", says: "question" }),
        concurrency: Concurrency::FdSet,
        ..USUAL
    },
    Server {
        name: "upper",
        package: "select-server",
        target: Target::Example,
        model: "select",
        listing: "002:91-144",
        addr: "127.0.0.1:9000",
        backlog: 100,
        shows: journals::UPPER,
        talk: Talk::Stream(upper),
        urgent_data_ends_it: true,
        concurrency: Concurrency::FdSet,
        ..USUAL
    },
    Server {
        name: "hello",
        package: "select-server",
        target: Target::Example,
        model: "select",
        listing: "004:131-154",
        addr: "127.0.0.1:8888",
        shows: journals::HELLO,
        talk: Talk::Reads("hello"),
        note_client: Some(NoteClient {
            name: "hello-client",
            prints: "b'hello'",
            says: "b'world'",
        }),
        concurrency: Concurrency::FdSet,
        ..USUAL
    },
    Server {
        name: "operator-callbacks",
        package: "selectors-server",
        target: Target::Example,
        model: "selectors",
        listing: "000:109-139",
        addr: "127.0.0.1:8801",
        backlog: 5,
        operator: Some(ANSWER),
        prompt: Some(|_| ">>".to_owned()),
        shows: journals::OPERATOR_CALLBACKS,
        talk: Talk::Reads(ANSWER),
        selectors: &["epoll", "poll", "select"],
        ..USUAL
    },
    Server {
        name: "echo-callbacks",
        package: "selectors-server",
        target: Target::Example,
        model: "selectors",
        listing: "001:125-153",
        addr: "127.0.0.1:6969",
        shows: journals::ECHO_CALLBACKS,
        shows_reset: Some("close:<socket fd=*, raddr={client}>"),
        talk: Talk::Stream(<[u8]>::to_vec),
        selectors: &["epoll", "poll", "select"],
        ..USUAL
    },
    Server {
        name: "accept-only",
        package: "selectors-server",
        target: Target::Example,
        model: "selectors",
        listing: "003:200-242",
        addr: "127.0.0.1:9999",
        journal: Journal::Stderr,
        load_args: &[],
        shows: journals::ACCEPT_ONLY,
        shows_reset: None,
        talk: Talk::Accepts,
        selectors: &["epoll", "poll", "select"],
        ..USUAL
    },
    Server {
        name: "your-msg",
        package: "selectors-server",
        target: Target::Example,
        model: "selectors",
        listing: "003:248-300",
        addr: "127.0.0.1:9999",
        journal: Journal::Stderr,
        shows: journals::YOUR_MSG,
        talk: Talk::Wrapped("Your msg = ", " ~~~"),
        selectors: &["epoll", "poll", "select"],
        ..USUAL
    },
];

/// Text in upper case; bytes that are not UTF-8 stay as they are.
fn upper(bytes: &[u8]) -> Vec<u8> {
    let chunks = bytes.utf8_chunks();
    chunks
        .flat_map(|chunk| [chunk.valid().to_uppercase().as_bytes(), chunk.invalid()].concat())
        .collect()
}

fn connected(addr: SocketAddr) -> String {
    format!("{addr} have connected to server")
}

fn answer_to(addr: SocketAddr) -> String {
    format!("answer {addr}:")
}

fn hello(_addr: SocketAddr) -> String {
    "hello".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_server_is_open_to_the_network() {
        for server in SERVERS {
            let addr: SocketAddr = server.addr.parse().unwrap();
            assert!(addr.ip().is_loopback(), "{}", server.name);
        }
    }
}
