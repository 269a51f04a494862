//! `cargo xtask list`: every program, and how to run it; every check, and what it requires; every
//! claim, and where the notes say it; every defect, and what it breaks.

use std::process::ExitCode;

use anyhow::Result;

use crate::catalog::{Concurrency, PROGRAMS, SERVERS, claim, defect};
use crate::root;
use crate::terminal::{plain_table, print, trimmed, with_lines_below, wrapped};
use crate::test_all::checks::CHECKS;

/// The command line of `cargo xtask list`.
#[derive(clap::Args)]
pub struct Args {
    /// Show the checks of test-all instead, each with its requirement
    #[arg(long)]
    checks: bool,
    /// Show the claims of the notes instead, each with its places
    #[arg(long, conflicts_with = "checks")]
    claims: bool,
    /// Show the defects of mutants instead, each with what it breaks
    #[arg(long, conflicts_with_all = ["checks", "claims"])]
    defects: bool,
}

/// Prints the table.
///
/// # Errors
/// When the file of the claims or of the defects cannot be read.
pub fn run(args: &Args) -> Result<ExitCode> {
    let text = match args {
        Args { checks: true, .. } => checks(),
        Args { claims: true, .. } => claims()?,
        Args { defects: true, .. } => defects()?,
        _ => programs(),
    };
    print(&text);
    Ok(ExitCode::SUCCESS)
}

/// Every server with its model, how many clients it serves at once, listing, default address and
/// command; below them the programs that are no servers. A command is on a line of its own, so
/// that it can be copied.
fn programs() -> String {
    let mut table = plain_table();
    table.set_header(["server", "model", "clients at once", "listing", "address"]);
    for server in SERVERS {
        let at_once = at_once(server.concurrency);
        table.add_row([server.name, server.model, at_once, server.listing, server.addr]);
    }
    let servers = with_lines_below(&trimmed(table), SERVERS.iter().map(|server| server.command()));

    let mut table = plain_table();
    table.set_header(["program", "what it is", "listing"]);
    for program in PROGRAMS {
        table.add_row([program.name, program.shows, program.listing]);
    }
    let commands = PROGRAMS.iter().map(|program| program.command());
    format!("{servers}\n{}", with_lines_below(&trimmed(table), commands))
}

/// How many clients are served at once, in a word or two.
fn at_once(concurrency: Concurrency) -> &'static str {
    match concurrency {
        Concurrency::One => "one",
        Concurrency::Pool(_) => "--workers N",
        Concurrency::Threads => "a thread each",
        Concurrency::Processes => "a process each",
        Concurrency::FdSet => "about 1,000",
        Concurrency::Many => "ulimit -n",
    }
}

/// Every check with its requirement, wrapped at words.
fn checks() -> String {
    let mut table = plain_table();
    table.set_header(["check", "requirement"]);
    for check in CHECKS {
        table.add_row([check.name, check.requirement]);
    }
    trimmed(table)
}

/// Every claim with its places, and below it what the notes say.
fn claims() -> Result<String> {
    let claims = claim::read(root())?.into_iter();
    Ok(claims
        .map(|one| entry(&one.name, &format!("({})", one.at.join(", ")), &one.claim))
        .collect())
}

/// Every defect with its server, and below it what it breaks.
fn defects() -> Result<String> {
    let defects = defect::read(root())?.into_iter();
    Ok(defects.map(|one| entry(&one.name, &format!("of {}", one.server), &one.breaks)).collect())
}

/// A name and its place, and below it what is said of it.
fn entry(name: &str, place: &str, text: &str) -> String {
    format!("{name} {place}\n{}", wrapped(&format!("    {text}"), "    "))
}
