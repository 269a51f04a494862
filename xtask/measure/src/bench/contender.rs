//! What is measured: servers of the catalog, and their peers.

use xtask::catalog::{Concurrency, SERVERS, Server, Talk, Target};
use xtask::harness::build::Binaries;
use xtask::harness::command_line::CommandLine;
use xtask::harness::trial::{ANY_PORT, set_option};

/// The examples that show a model at its best. Those that the catalog does not have are left out.
const MODELS: &[&str] = &[
    "thread-per-connection",
    "process-per-connection",
    "pre-forked",
    "busy-polling",
    "poll",
    "signal-driven",
    "edge-triggered",
    "epoll-per-core",
    "io-uring",
    "socketserver",
    "async-await",
];

/// Models with an option that is measured, too.
const VARIANTS: &[(&str, &str)] = &[("edge-triggered", "--level")];

/// The options of a model that let it serve as many clients as a scenario has.
const ROOM: &[(&str, &str)] = &[("thread-per-connection", "--threads")];

/// Clients that select(2) has room for, beside the descriptors that a server has anyway.
const FD_SET: usize = 1000;

/// Processes that a server may have one of for each client: more would be memory, and no lesson.
pub const PROCESSES: usize = 1000;

/// Whose work a server is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A mirror of a listing, which keeps what that says.
    Mirror,
    /// An example that shows a model at its best.
    Model,
    /// What is known elsewhere.
    Peer,
    /// The Python of a note, without its prints.
    Original,
    /// A mirror, or the Python of a note, that prints as its listing says.
    Printing,
}

/// A server in one of its ways.
#[derive(Clone)]
pub struct Contender {
    /// How the tables call it.
    pub name: String,
    pub kind: Kind,
    /// What launches it on a port that the kernel chooses.
    pub line: CommandLine,
    pub args: Vec<String>,
    pub talk: Talk,
    /// Clients that may wait to be accepted.
    pub backlog: usize,
    /// How many clients it can have.
    pub concurrency: Concurrency,
    pub processors: usize,
}

impl Contender {
    /// The same once more, to see what noise alone does.
    pub fn again(&self) -> Contender {
        Contender { name: format!("{} again", self.name), ..self.clone() }
    }

    /// How many clients it can serve at the same time, at most.
    pub fn most_clients(&self) -> usize {
        match self.concurrency {
            Concurrency::One => 1,
            Concurrency::Pool(workers) => workers,
            Concurrency::FdSet => FD_SET,
            Concurrency::Processes => PROCESSES,
            Concurrency::Threads | Concurrency::Many => usize::MAX,
        }
    }

    /// Whether each request is one answer, however many reads it takes: a greeting is one for each
    /// read.
    pub fn takes(&self, bytes: usize) -> bool {
        const READ: usize = 1024;
        bytes <= READ || !matches!(self.talk, Talk::Greeting(_))
    }

    /// The same with room for so many clients, where it has an option for that.
    pub fn with_room_for(&self, clients: usize) -> Contender {
        const USUAL: usize = 1000;
        let option = ROOM.iter().find(|(name, _)| *name == self.name);
        match option.filter(|_| clients > USUAL) {
            Some((_, option)) => self.with_option(option, &clients.to_string()),
            None => self.clone(),
        }
    }

    /// The same with an option set to `value`, whatever it was.
    pub fn with_option(&self, option: &str, value: &str) -> Contender {
        let mut contender = self.clone();
        set_option(&mut contender.args, option, value);
        contender
    }

    pub fn command_line(&self) -> CommandLine {
        self.line.clone().with(&self.args)
    }
}

/// What can be measured here, and what cannot.
#[derive(Clone, Default)]
pub struct Field {
    /// In the order of the tables.
    pub contenders: Vec<Contender>,
    /// What is not measured, and why.
    pub skipped: Vec<(String, String)>,
}

impl Field {
    pub fn get(&self, name: &str) -> Option<&Contender> {
        self.contenders.iter().find(|contender| contender.name == name)
    }

    /// Adds a contender, or why it is not there.
    pub fn add(&mut self, name: &str, contender: Result<Contender, String>) {
        match contender {
            Ok(contender) => self.contenders.push(contender),
            Err(reason) => self.skipped.push((name.to_owned(), reason)),
        }
    }
}

fn owned(args: &[&str]) -> Vec<String> {
    args.iter().map(|arg| (*arg).to_owned()).collect()
}

/// How the tables call one that prints as its listing says.
pub fn printing(name: &str) -> String {
    format!("{name}, printing")
}

pub fn is_measured(server: &Server) -> bool {
    server.target == Target::Bin || MODELS.contains(&server.name)
}

/// The servers of the catalog, each in all its ways.
pub fn of_catalog(binaries: &Binaries) -> Field {
    let mut field = Field::default();
    for server in SERVERS.iter().filter(|server| is_measured(server)) {
        match ways(server, binaries) {
            Ok(ways) => field.contenders.extend(ways),
            Err(reason) => field.add(server.name, Err(reason)),
        }
    }
    field
}

/// A server as it is by default, with each of its mechanisms, and with each of its options.
fn ways(server: &Server, binaries: &Binaries) -> Result<Vec<Contender>, String> {
    if let Some(reason) = (server.requires)() {
        return Err(reason.to_owned());
    }
    let line = binaries.line_of(server).ok_or("cargo did not build it")?;
    let usual = Contender {
        name: server.name.to_owned(),
        kind: if server.target == Target::Bin { Kind::Mirror } else { Kind::Model },
        line: line.with([ANY_PORT]),
        args: owned(server.load_args),
        talk: server.talk,
        backlog: server.backlog,
        concurrency: server.concurrency,
        processors: 1,
    };
    let with = |word: &str, arguments: &[&str], concurrency| Contender {
        name: format!("{} {word}", server.name),
        args: owned(&[server.load_args, arguments].concat()),
        concurrency,
        ..usual.clone()
    };
    let selectors = server.selectors.iter().map(|selector| {
        let is_select = *selector == "select";
        let concurrency = if is_select { Concurrency::FdSet } else { server.concurrency };
        with(selector, &["--selector", selector], concurrency)
    });
    let printing = (server.target == Target::Bin).then(|| {
        let args = server.load_args.iter().filter(|arg| **arg != "--quiet").copied();
        let args = owned(&args.collect::<Vec<_>>());
        Contender { name: printing(server.name), kind: Kind::Printing, args, ..usual.clone() }
    });
    let variants = VARIANTS.iter().filter(|(of, _)| *of == server.name);
    let variants = variants.map(|(_, option)| with(option, &[option], server.concurrency));
    Ok([usual.clone()].into_iter().chain(selectors).chain(variants).chain(printing).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_server_of_a_crate_is_measured_and_can_be_loaded() {
        for server in SERVERS.iter().filter(|server| is_measured(server)) {
            assert!(server.talk.converses(), "{}", server.name);
            assert!(server.load_args.contains(&"--quiet"), "{}", server.name);
        }
        assert!(SERVERS.iter().filter(|server| is_measured(server)).count() >= 6);
    }

    #[test]
    fn a_server_that_is_not_built_is_skipped() {
        let field = of_catalog(&Binaries::default());
        assert!(field.contenders.is_empty());
        assert!(field.skipped.iter().all(|(_, reason)| reason == "cargo did not build it"));
    }
}
