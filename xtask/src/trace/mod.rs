//! `cargo xtask trace`: what a server asks of the kernel, in the words of the notes.
//!
//! - [`call`]: a line of strace
//! - [`names`], [`meaning`]: who a descriptor is, and what a call means
//! - [`fold`]: calls that repeat, as one row
//! - [`script`]: what the clients do meanwhile
//! - [`record`]: a server under strace
//! - [`text`], [`picture`]: the report on the terminal, and as SVG

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};

pub mod call;
pub mod fold;
pub mod meaning;
pub mod names;
pub mod picture;
pub mod record;
pub mod script;
pub mod text;

use crate::catalog::{SERVER, SERVERS, Server, select};
use crate::harness::build::{self, Binaries};
use crate::harness::trial::ANY_PORT;
use crate::terminal::{print, progress};
use crate::usage;
use call::Parser;
use fold::{Folder, Row};
use meaning::Teller;
use record::{Recording, need_strace};
use script::{Event, What};

/// The servers of the picture of all models, in the notes' order, and how a note calls each.
pub const MODELS: &[(&str, &str)] = &[
    ("blocking-server", "blocking"),
    ("nonblocking-server", "non-blocking"),
    ("select-server", "multiplexing: select"),
    ("epoll-server", "multiplexing: epoll"),
    ("signal-driven", "signal-driven"),
    ("io-uring", "asynchronous: io_uring"),
];

/// The command line of `cargo xtask trace`.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  cargo xtask trace blocking-server\n  cargo xtask trace \
                        epoll-server --live\n  cargo xtask trace --all --svg models.svg")]
pub struct Args {
    /// Server to watch; `cargo xtask list` names them
    #[arg(value_name = "SERVER", required_unless_present = "all")]
    server: Option<String>,
    /// How many clients speak with it
    #[arg(long, value_name = "N", default_value = "2", value_parser = clap::value_parser!(u8).range(1..=2))]
    clients: u8,
    /// Draw a picture into this file, too
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Show each call as it happens, and leave the talking to your own nc; Ctrl-C ends it
    #[arg(long, conflicts_with_all = ["svg", "all"])]
    live: bool,
    /// All models of the notes in one picture
    #[arg(long, requires = "svg", conflicts_with = "server")]
    all: bool,
}

/// What was seen of one server.
pub struct Trace {
    /// Its name, or the name of its model.
    pub title: String,
    /// What it asked of the kernel since it listened, folded.
    pub rows: Vec<Row>,
    /// What the clients did.
    pub events: Vec<Event>,
}

/// Watches a server, or all models, and reports.
///
/// # Errors
/// When strace is missing, the server does not start, or a file cannot be written.
pub fn run(args: &Args) -> Result<ExitCode> {
    let name = args.server.iter().cloned().collect::<Vec<_>>();
    let servers = match select(&SERVER, &name, SERVERS, |server| server.name) {
        Ok(servers) => servers,
        Err(error) => return Ok(usage(&error)),
    };
    need_strace()?;
    let binaries = build::build(build::SERVERS, false)?;
    if args.all {
        return all(args, &binaries);
    }
    let server = servers[0];
    if let Some(reason) = (server.requires)() {
        bail!("{}: {reason}", server.name);
    }
    if args.live {
        return live(server, &binaries);
    }
    let trace = watch(server, server.name, &binaries, usize::from(args.clients))?;
    print(&text::report(&trace));
    draw(args, &[trace])
}

/// Draws every model that this system has.
fn all(args: &Args, binaries: &Binaries) -> Result<ExitCode> {
    let progress = progress(MODELS.len());
    let mut traces = Vec::new();
    for (name, title) in MODELS {
        progress.set_message(*title);
        let server = select(&SERVER, &[(*name).to_owned()], SERVERS, |server| server.name)?[0];
        match (server.requires)() {
            Some(reason) => progress.suspend(|| eprintln!("skip {name}: {reason}")),
            None => traces.push(watch(server, title, binaries, usize::from(args.clients))?),
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    draw(args, &traces)
}

fn draw(args: &Args, traces: &[Trace]) -> Result<ExitCode> {
    if let Some(path) = &args.svg {
        let picture = picture::svg(traces);
        std::fs::write(path, picture).with_context(|| format!("write {}", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Plays the script with a server, and tells what it asked of the kernel meanwhile.
///
/// # Errors
/// When the server does not start, or a client cannot speak with it.
pub fn watch(server: &Server, title: &str, binaries: &Binaries, clients: usize) -> Result<Trace> {
    let recording = Recording::start(server, binaries, ANY_PORT, server.load_args, &folder())?;
    let events = script::play(recording.running.addr, server.talk, clients)?;
    let lines = recording.finish()?;
    Ok(Trace { title: title.to_owned(), rows: rows(&lines, &events), events })
}

/// What the calls in strace's `lines` mean, from the first that can have to do with a client.
pub fn rows(lines: &[String], events: &[Event]) -> Vec<Row> {
    let begin = events.first().map_or(Duration::ZERO, |event| event.at);
    let last = events.last().map_or(Duration::MAX, |event| event.at);
    let end = last.saturating_add(AFTERWARDS);
    let (mut parser, mut teller, mut folder) =
        (Parser::default(), Teller::default(), Folder::default());
    for event in events {
        if let What::Connects(addr) = event.what {
            teller.names.client(&addr.to_string());
        }
    }
    let mut rows = Vec::new();
    for line in lines {
        let Some(call) = parser.call(line) else { continue };
        // Told although it is not shown: epoll's first client is known by it.
        let Some(meaning) = teller.tell(&call) else { continue };
        // The signal that ends the server interrupts its last call.
        let is_last = call.end() > last && call.error() == Some("EINTR");
        if call.end() > begin && call.start <= end && !is_last {
            rows.extend(folder.take(&call, meaning));
        }
    }
    rows.extend(folder.finish());
    rows
}

/// How long after the last client's end calls are shown.
const AFTERWARDS: Duration = Duration::from_millis(20);

/// Shows calls as they happen, until Ctrl-C.
fn live(server: &Server, binaries: &Binaries) -> Result<ExitCode> {
    let mut recording =
        Recording::start(server, binaries, server.addr, server.load_args, &folder())?;
    let addr = recording.running.addr;
    print(&format!(
        "{} listens on {addr}; in another terminal: nc {} {}; Ctrl-C ends it\n{}",
        server.name,
        addr.ip(),
        addr.port(),
        text::HEADER,
    ));
    let (mut parser, mut teller, mut folder) =
        (Parser::default(), Teller::default(), Folder::default());
    let mut start = None;
    recording.follow(|line| {
        let Some(call) = parser.call(line) else { return };
        let is_listening = call.name == "listen";
        let begin = *start.get_or_insert(call.start);
        let Some(meaning) = teller.tell(&call) else { return };
        if is_listening {
            start = Some(call.end());
        }
        for row in folder.take(&call, meaning) {
            print(&text::row(&row, begin, false));
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Where strace's output is kept.
fn folder() -> PathBuf {
    crate::root().join("target/trace")
}
