//! `cargo xtask test-all --program`: any program that cargo does not build, asked what a client can
//! ask.

use std::process::ExitCode;
use std::slice::from_ref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use indicatif::ProgressBar;

use crate::catalog::{Journal, SERVER, SERVERS, Server, Target, select};
use crate::harness::build::Binaries;
use crate::harness::interrupt::Interrupt;
use crate::harness::tcp::tcp;
use crate::terminal::{print, progress};
use crate::test_all::checks::Check;
use crate::test_all::learner::{self, Wish};
use crate::test_all::matrix::{self, Cell, Plan};
use crate::{FAILED, USAGE, usage};

/// What a command may have for the address that it is to listen on.
const PLACES: [&str; 2] = ["{addr}", "{port}"];

/// Asks a program all that applies to it, and reports to who wrote it; after Ctrl-C what there is.
///
/// # Errors
/// When Ctrl-C cannot be watched for.
pub fn run(wish: Wish, plan: Plan, explain: bool) -> Result<ExitCode> {
    let server = match server(&wish) {
        Ok(server) => server,
        Err(error) => return Ok(usage(&error)),
    };
    let plan = Plan { servers: vec![server], ..plan };
    let count = plan.checks.iter().filter(|check| check.own.is_none()).count();
    let run = Arc::new(Run {
        progress: progress(count),
        wish,
        plan,
        // Where nothing is asked, why is all there is to say.
        explain: explain || count == 0,
        start: Instant::now(),
        cells: Mutex::default(),
    });
    let reported = run.clone();
    let interrupt = Interrupt::report(move || {
        reported.report();
        eprintln!("interrupted");
    })?;
    run.ask_all();
    interrupt.unless_it_came(());
    run.report();
    let cells = run.cells();
    Ok(match cells.iter().any(|cell| cell.outcome.is_err()) {
        true => ExitCode::from(FAILED),
        false if cells.is_empty() => ExitCode::from(USAGE),
        false => ExitCode::SUCCESS,
    })
}

/// A row of the table of servers for the program: the conversation of another one, and nothing of
/// that one's own manners.
fn server(wish: &Wish) -> Result<&'static Server> {
    let words = shlex::split(&wish.program).context("--program: a quote has no end")?;
    ensure!(!words.is_empty(), "--program: no command");
    let has_place = words.iter().any(|word| PLACES.iter().any(|place| word.contains(place)));
    let port = wish.port.map_or(0, u16::from);
    if port == 0 && !has_place {
        bail!("--program: where does it listen? Put {{port}} or {{addr}} into it, or say --port N");
    }
    if port != 0 && tcp(port).is_ok_and(|sockets| sockets.iter().any(|socket| socket.listens)) {
        bail!("--port {port}: another program listens there already");
    }
    let like = select(&SERVER, from_ref(&wish.like), SERVERS, |server| server.name)?[0];
    let words: Vec<&'static str> = words.into_iter().map(|word| &*word.leak()).collect();
    let addr = format!("127.0.0.1:{port}");
    Ok(Box::leak(Box::new(Server {
        addr: addr.leak(),
        ..foreign("the program", words.leak(), like)
    })))
}

/// A row for a program that cargo does not build and that has the conversation of `like`.
pub fn foreign(name: &'static str, words: &'static [&'static str], like: &Server) -> Server {
    Server {
        name,
        target: Target::Program(words),
        wrapper: &[],
        requires: || None,
        addr: "127.0.0.1:0",
        journal: Journal::Stdout,
        args: &[],
        load_args: &[],
        selectors: &[],
        note_client: None,
        accepts_in_a_row: false,
        processes: 1,
        ..*like
    }
}

/// A run, and what came of it so far: who reports it when it is interrupted shares it.
struct Run {
    wish: Wish,
    plan: Plan,
    explain: bool,
    start: Instant,
    progress: ProgressBar,
    cells: Mutex<Vec<Cell>>,
}

impl Run {
    /// Asks first what others need, and at the same time what needs nothing that is not answered
    /// yet; one after the other where the first failure is the last, or there is one port.
    fn ask_all(&self) {
        let checks = self.plan.checks.iter().copied();
        let mut left: Vec<&Check> = checks.filter(|check| check.own.is_none()).collect();
        let in_turn = self.wish.first || self.wish.port.is_some();
        while !left.is_empty() {
            let names: Vec<&str> = left.iter().map(|check| check.name).collect();
            let waits =
                |check: &&Check| learner::needs(check).any(|needs| names.contains(&needs.name));
            let (later, now): (Vec<&Check>, Vec<&Check>) = left.into_iter().partition(waits);
            let possible = |check: &&Check| learner::missing(check, &self.cells()).is_none();
            let (now, not_tried): (Vec<&Check>, Vec<&Check>) = now.into_iter().partition(possible);
            self.progress.inc(not_tried.len() as u64);
            if in_turn {
                for check in now {
                    self.ask(&[check]);
                    if self.wish.first && self.cells().iter().any(|cell| cell.outcome.is_err()) {
                        return;
                    }
                }
            } else {
                self.ask(&now);
            }
            left = later;
        }
    }

    /// Asks the program these checks, at the same time.
    fn ask(&self, checks: &[&'static Check]) {
        let (server, settings) = (self.plan.servers[0], self.plan.settings);
        if let [check] = checks {
            self.progress.set_message(check.name);
            self.keep(matrix::run(server, check, &Binaries::default(), settings.seed));
            return;
        }
        let plan = Plan { servers: vec![server], checks: checks.to_vec(), settings };
        let started = |_: &Server, check: &Check| self.progress.set_message(check.name);
        plan.run(&Binaries::default(), started, |cell| self.keep(cell));
    }

    fn keep(&self, cell: Cell) {
        self.cells().push(cell);
        self.progress.inc(1);
    }

    fn report(&self) {
        self.progress.finish_and_clear();
        let mut cells = self.cells();
        self.plan.sort(&mut cells);
        print(&learner::report(&self.wish, &self.plan, &cells, self.explain, self.start.elapsed()));
    }

    fn cells(&self) -> MutexGuard<'_, Vec<Cell>> {
        self.cells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Talk;

    fn row(program: &str, like: &str, port: u16) -> Result<&'static Server> {
        let (program, like) = (program.to_owned(), like.to_owned());
        server(&Wish { program, like, port: port.try_into().ok(), first: false, words: vec![] })
    }

    #[test]
    fn a_program_has_the_conversation_of_another_server_and_its_own_words() {
        let server = row("python3 'my server.py' {port}", "threadpool-server", 0).unwrap();
        assert!(matches!(server.talk, Talk::Lines) && server.is_foreign());
        assert!(matches!(server.target, Target::Program(["python3", "my server.py", "{port}"])));
        assert!(server.args.is_empty() && server.load_args.is_empty());
        assert_eq!(row("./server", "select-server", 1).unwrap().addr, "127.0.0.1:1");
    }

    #[test]
    fn a_command_that_cannot_be_tested_says_what_it_lacks() {
        let error = |program, like| row(program, like, 0).map(drop).unwrap_err().to_string();
        assert!(error("./server", "select-server").contains("{port}"));
        assert!(error("./server 'x {port}", "select-server").contains("quote"));
        assert!(error("", "select-server").contains("no command"));
        assert!(error("./server {port}", "selekt-server").contains("did you mean select-server"));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let error = row("./server", "select-server", port).map(drop).unwrap_err().to_string();
        assert!(error.contains("another program listens"), "{error}");
    }
}
