//! `cargo xtask trace`: what a server asks of the kernel, in the words of the notes.
//!
//! - [`script`]: what the clients do meanwhile
//! - [`record`]: a server under strace
//! - [`rows`](mod@rows): from its lines to the rows of the report
//! - [`call`]: a line of strace
//! - [`names`]: who a descriptor is
//! - [`meaning`], [`teller`], [`ready`]: what a call means, and one of many sockets
//! - [`fold`]: calls that repeat, as one row
//! - [`text`], [`picture`]: the report on the terminal, and as SVG

use std::fs;
use std::ops::{ControlFlow, Range};
use std::path::PathBuf;
use std::process::ExitCode;
use std::slice::from_ref;
use std::time::Duration;

use anyhow::{Context, Result, bail};

mod call;
mod fold;
mod meaning;
mod names;
mod picture;
mod ready;
mod record;
mod rows;
mod script;
mod teller;
mod text;

#[cfg(test)]
mod tests;

use fold::Row;
use record::Recording;
use rows::Rows;
use script::Event;
use text::Columns;
use xtask::catalog::{SERVER, SERVERS, Server, select};
use xtask::checkout;
use xtask::harness::build::{self, Binaries};
use xtask::harness::machine;
use xtask::harness::process::wait_for_sleep;
use xtask::harness::strace;
use xtask::harness::trial::ANY_PORT;
use xtask::terminal::{is_read, print, progress};
use xtask::usage;

/// The servers of the picture of all models, in the notes' order, and how a note calls each.
pub const MODELS: &[(&str, &str)] = &[
    ("blocking-server", "blocking"),
    ("nonblocking-server", "non-blocking"),
    ("select-server", "multiplexing: select"),
    ("epoll-server", "multiplexing: epoll"),
    ("signal-driven", "signal-driven"),
    ("io-uring", "asynchronous: io_uring"),
];

/// How wide the names of calls are where nobody knows which will come: `clock_nanosleep`.
const LONGEST_NAME: usize = 15;

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  cargo xtask trace blocking-server\n  cargo xtask trace \
                        epoll-server --live\n  cargo xtask trace --all --svg models.svg")]
pub struct Args {
    /// Server to watch; `cargo xtask list` names them
    #[arg(value_name = "SERVER", required_unless_present = "all")]
    server: Option<String>,
    /// How many clients speak with it
    #[arg(long, value_name = "N", default_value = "2", value_parser = parse_clients)]
    clients: u8,
    /// Draw a picture into this file, too; with --all also one of each model, in a folder beside it
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Show each call as it happens, and leave the talking to your own nc; Ctrl-C ends it
    #[arg(long, conflicts_with_all = ["svg", "all"])]
    live: bool,
    /// All models of the notes in one picture
    #[arg(long, requires = "svg", conflicts_with = "server")]
    all: bool,
}

pub struct Trace {
    /// Its name, or the name of its model.
    pub title: String,
    /// What it asked of the kernel since it listened, folded.
    pub rows: Vec<Row>,
    pub events: Vec<Event>,
}

/// Watches a server, or all models, and reports.
pub fn run(args: &Args) -> Result<ExitCode> {
    let name = args.server.iter().cloned().collect::<Vec<_>>();
    let servers = match select(&SERVER, &name, SERVERS, |server| server.name) {
        Ok(servers) => servers,
        Err(error) => return Ok(usage(&error)),
    };
    if let Some(reason) = strace::refused() {
        bail!(reason);
    }
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
    draw(args.svg.clone(), &[trace])?;
    Ok(ExitCode::SUCCESS)
}

fn parse_clients(text: &str) -> Result<u8, String> {
    let clients = text.parse().ok().filter(|clients| (1..=2).contains(clients));
    clients.ok_or_else(|| "expected 1 or 2".to_owned())
}

/// Draws every model that this system has: each in a file of its own, and all in one. Of
/// `docs/trace.svg` the others are in `docs/trace/`.
fn all(args: &Args, binaries: &Binaries) -> Result<ExitCode> {
    let each = args.svg.as_deref().map(|all| all.with_extension(""));
    if let Some(each) = &each {
        fs::create_dir_all(each).with_context(|| format!("create {}", each.display()))?;
    }
    let progress = progress(MODELS.len());
    let mut traces = Vec::new();
    for (name, title) in MODELS {
        progress.set_message(*title);
        let server = select(&SERVER, &[(*name).to_owned()], SERVERS, |server| server.name)?[0];
        match (server.requires)() {
            Some(reason) => progress.suspend(|| eprintln!("skip {name}: {reason}")),
            None => {
                let trace = watch(server, title, binaries, usize::from(args.clients))?;
                draw(each.as_ref().map(|each| each.join(format!("{name}.svg"))), from_ref(&trace))?;
                traces.push(trace);
            }
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    draw(args.svg.clone(), &traces)?;
    Ok(ExitCode::SUCCESS)
}

fn draw(path: Option<PathBuf>, traces: &[Trace]) -> Result<()> {
    if let Some(path) = path {
        let when = format!(
            "Measured by cargo xtask trace (strace slows each call) on {}: {}.",
            machine::date(),
            machine::machine(),
        );
        let picture = picture::svg(traces, &when);
        fs::write(&path, picture).with_context(|| format!("write {}", path.display()))?;
    }
    Ok(())
}

/// Plays the script with a server, and tells what it asked of the kernel meanwhile.
pub fn watch(server: &Server, title: &str, binaries: &Binaries, clients: usize) -> Result<Trace> {
    let recording = Recording::start(server, binaries, ANY_PORT, server.load_args, &folder()?)?;
    // One that asks again and again is never idle.
    let idle =
        || if server.asks_again() { Ok(()) } else { Ok(wait_for_sleep(&recording.running)?) };
    let events = script::play(recording.running.addr, server.talk, clients, idle)?;
    let played = events[0].at..script::now();
    let lines = recording.finish()?;
    Ok(Trace { title: title.to_owned(), rows: rows(&lines, played), events })
}

/// What the calls in strace's `lines` mean that were made during a `script`.
pub fn rows(lines: &[String], script: Range<Duration>) -> Vec<Row> {
    let mut rows = Rows::of(script);
    let mut all: Vec<Row> = lines.iter().flat_map(|line| rows.take(line)).collect();
    all.extend(rows.finish());
    all.sort_by_key(|row| row.start);
    all
}

/// Shows calls as they happen, until Ctrl-C, or until nobody reads them any more.
fn live(server: &Server, binaries: &Binaries) -> Result<ExitCode> {
    let mut recording =
        Recording::start(server, binaries, server.addr, server.load_args, &folder()?)?;
    let addr = recording.running.addr;
    print(&format!(
        "{} listens on {addr}; Ctrl-C ends it\nin another terminal: nc {} {}\n{}",
        server.name,
        addr.ip(),
        addr.port(),
        text::HEADER,
    ));
    let mut rows = Rows::live();
    recording.follow(|lines| {
        let mut shown: Vec<Row> = lines.iter().flat_map(|line| rows.take(line)).collect();
        // A server that is silent now may wait for long: what it did before is shown at once.
        if lines.is_empty() {
            shown.extend(rows.finish());
        }
        let columns =
            Columns { begin: rows.begin(), has_threads: rows.has_threads(), names: LONGEST_NAME };
        let text: String = shown.iter().map(|row| columns.row(row)).collect();
        print(&text);
        if is_read() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(ExitCode::SUCCESS)
}

fn folder() -> Result<PathBuf> {
    Ok(checkout::target()?.join("trace"))
}
