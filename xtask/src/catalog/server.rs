//! What is known of a server that can be launched.

use std::net::SocketAddr;
use std::time::Duration;

use crate::catalog::Talk;

/// A server that mirrors a listing, or is a model that a note describes in words.
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
    /// The listing that it mirrors, or the prose that it follows: the note, and its lines.
    pub listing: &'static str,
    /// Whether its lines of the note are prose: it is a model that the note has no listing for.
    pub in_words: bool,
    /// Where it listens unless told otherwise.
    pub addr: &'static str,
    /// How many clients may wait to be accepted, by its listing's `listen`.
    pub backlog: usize,
    /// How many sockets listen on its port (SO_REUSEPORT); each has such a backlog.
    pub listeners: usize,
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
    /// What it writes about a client that comes, says a message and leaves: pieces of lines. In
    /// them, `*` stands for anything, `{client}` for the client's address and `{port}` for the end
    /// of that, `{text}` for the message as text, and `{bytes}` for it as Python's `bytes`.
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
    /// Whether it takes a read that got less than it asked for to have emptied the socket, as
    /// epoll(7) allows: the tester's kernel must not cut one then.
    pub trusts_short_reads: bool,
    /// Whether it asks its sockets again and again without a pause: the price is its lesson.
    pub polls: bool,
    /// Whether it accepts clients that come together in a row, and leaves its listener alone while
    /// descriptors are short.
    pub accepts_in_a_row: bool,
    /// How it learns that a socket is ready.
    pub readiness: Readiness,
    /// Whether it takes `--level` and `--no-drain`.
    pub has_triggers: bool,
    /// Whether it takes `--threads`, the most that it starts.
    pub bounds_threads: bool,
    /// Whether it takes `--panic-on`, a word that makes what serves a client panic.
    pub can_panic: bool,
    /// Whether it has a handler with a `finish`.
    pub has_finish: bool,
    /// Whether it takes `--idle`, and sends what it owes before a signal ends it.
    pub has_manners: bool,
    /// How many clients it serves at once.
    pub concurrency: Concurrency,
    /// How many processes it consists of while it has no client.
    pub processes: usize,
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

/// How a server learns that a socket is ready.
#[derive(Clone, Copy, PartialEq)]
pub enum Readiness {
    /// A call that waits for one socket returns.
    Waits,
    /// It asks its sockets again and again, with or without a pause, and never waits for them.
    AsksAgain,
    /// select(2) or poll(2) tells.
    Lists,
    /// epoll(7) tells, which has the clients' descriptors.
    Epoll,
    /// A signal tells.
    Signals,
    /// io_uring(7) does the work: nothing is between it and the kernel, which goes on for a
    /// moment after its end.
    Ring,
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

    /// Whether it asks its sockets again and again, with or without a pause, and never waits for them.
    pub fn asks_again(&self) -> bool {
        self.readiness == Readiness::AsksAgain
    }

    /// Whether it asks io_uring(7) instead of calling libc.
    pub fn asks_io_uring(&self) -> bool {
        self.readiness == Readiness::Ring
    }

    /// Whether it hands its clients' descriptors to epoll(7).
    pub fn registers_clients(&self) -> bool {
        self.readiness == Readiness::Epoll && !matches!(self.talk, Talk::Accepts)
    }

    /// Whether it is a program of somebody else: a check asks only what each client sees.
    pub fn is_foreign(&self) -> bool {
        matches!(self.target, Target::Program(_))
    }

    /// The command that a reader types to run it.
    pub fn command(&self) -> String {
        match self.target {
            Target::Bin => format!("cargo run -p {}", self.package),
            Target::Example => format!("cargo run -p {} --example {}", self.package, self.name),
            Target::Program(words) => words.join(" "),
        }
    }

    /// Its file, from the workspace's root; none for a program that is not built here.
    pub fn file(&self) -> Option<String> {
        match self.target {
            Target::Bin => Some(format!("{}/src/main.rs", self.package)),
            Target::Example => Some(format!("{}/examples/{}.rs", self.package, self.name)),
            Target::Program(_) => None,
        }
    }
}
