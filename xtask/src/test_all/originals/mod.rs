//! `cargo xtask test-all --originals`: the notes' own programs, asked what their mirrors are.
//!
//! - [`python`]: one of them, and what it does
//! - [`departures`]: what shows that a mirror's departures are needed
//! - [`results`]: what came of it

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use indicatif::ProgressBar;

pub mod departures;
pub mod python;
pub mod results;

use crate::catalog::{CHECK, fact, manifest, select};
use crate::harness::build::{self, Binaries};
use crate::harness::client::shorten_deadline;
use crate::harness::machine::{date, machine};
use crate::notes::copies::Copies;
use crate::notes::repair::{self, What};
use crate::terminal::{WIDTH, print, progress};
use crate::test_all::checks::{CHECKS, Check, FIRST_MESSAGE, OF_ORIGINALS, Pace};
use crate::test_all::matrix::{run as run_check, side_by_side, word};
use crate::test_all::{Args, learner, report, results::Matrix};
use crate::{FAILED, usage};
use departures::Departure;
use python::{Original, Seen};
use results::{Originals, Ran, Shown};

/// How long a client waits: two listings sleep for four seconds when nobody comes.
const DEADLINE: Duration = Duration::from_secs(6);

/// Characters of what was expected, of what came and of Python's last line that are shown.
const SHORT: usize = 80;

/// Runs the programs in the folder `notes` and reports what each does. It fails where a departure is
/// not shown that the table says is.
///
/// # Errors
/// When there is no Python, or the notes do not have a program.
pub(super) fn run(args: &Args, notes: &Path, seed: u64) -> Result<ExitCode> {
    let python = python::version()?;
    let all = OF_ORIGINALS.iter().chain(CHECKS);
    let mut checks = match select(&CHECK, &args.checks, all, |check| check.name) {
        Ok(checks) => checks,
        Err(error) => return Ok(usage(&error)),
    };
    // What takes longer shows a departure, and is no first look.
    let is_first = |check: &Check| !args.checks.is_empty() || check.pace == Pace::Quick;
    checks.retain(|check| check.own.is_none() && is_first(check));
    let manifest = manifest::read(crate::root())?;
    let facts = fact::read(crate::root(), &manifest)?;
    let copies = Copies::find(notes, &manifest, &facts)?;
    let is_asked = |id: &String| args.servers.is_empty() || args.servers.contains(id);
    let listings = manifest.listings.iter().filter(|listing| is_asked(&listing.id()));
    let programs = listings.map(|listing| Original::read(listing, &copies, &facts));
    let programs: Vec<Original<'_>> =
        programs.filter_map(Result::transpose).collect::<Result<_>>()?;
    if let Some(id) = args.servers.iter().find(|id| programs.iter().all(|one| one.id() != **id)) {
        return Ok(usage(&anyhow!("{id} is no listing of a server or client, as 002:146-224 is")));
    }
    shorten_deadline(DEADLINE);
    let mut servers = Vec::new();
    for original in programs.iter().filter(|original| original.is_server()) {
        let mut repairs = repair::read(original.listing)?;
        let is_measured = |what| args.repaired && matches!(what, What::Becomes | What::Then);
        repairs.retain(|repair| is_measured(repair.what));
        if !args.repaired || !repairs.is_empty() {
            servers.push(original.repaired(&repairs)?);
        }
    }
    if args.repaired && servers.is_empty() {
        return Ok(usage(&anyhow!("none of these listings has repairs that are measured")));
    }
    let mut departures = departures::read()?;
    departures.retain(|one| is_asked(&one.listing) && !args.repaired && args.checks.is_empty());
    let progress = progress(servers.len() + departures.len());
    // Most of both waits, and two of the servers for seconds at a time.
    let (listing, departure) = thread::scope(|scope| {
        let matrix = scope.spawn(|| matrix(&servers, &checks, seed, &progress));
        let shown = shown(&departures, &programs, seed, &progress);
        (matrix.join().expect("no check panics"), shown)
    });
    progress.finish_and_clear();
    let (listing, departure) = (listing?, departure?);
    let results = Originals { date: date(), machine: machine(), python, listing, departure };
    print(&results.text(WIDTH, |word| report::coloured(word).to_string()));
    if args.markdown {
        results.write(crate::root())?;
    }
    let missing = results.departure.iter().any(|one| !one.is_shown && !one.check.is_empty());
    Ok(ExitCode::from(if missing { FAILED } else { 0 }))
}

/// Does `work` with each of `all`, with several at the same time; what came of them is in order.
fn each<T: Sync, R: Send>(
    all: &[T],
    progress: &ProgressBar,
    work: impl Fn(&T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let done = Mutex::new(BTreeMap::new());
    side_by_side(all.iter().enumerate().collect(), |(place, one)| {
        let result = work(one);
        done.lock().expect("no check panics").insert(place, result);
        progress.inc(1);
    });
    done.into_inner().expect("no check panics").into_values().collect()
}

/// Asks each server every check but those that need another one that it fails.
fn matrix(
    servers: &[Original<'_>],
    checks: &[&'static Check],
    seed: u64,
    progress: &ProgressBar,
) -> Result<Vec<Ran>> {
    each(servers, progress, |original| {
        let mut seen: Vec<Seen> = Vec::new();
        for check in checks {
            let needed = needs(check);
            let fails = |one: &Seen| one.failure.is_some() && needed.contains(&one.check.name);
            if !seen.iter().any(fails) {
                seen.push(original.ask(check, &Binaries::default(), seed));
            }
        }
        let words = seen.iter().map(|one| (one.check.name.to_owned(), one.word.to_owned()));
        Ok(Ran {
            listing: original.id(),
            mirror: original.like.name.to_owned(),
            verdict: verdict(&seen),
            words: words.collect(),
        })
    })
}

/// The checks that a program must not fail before it is asked this one. A whole conversation is not
/// among them: most of these programs do not survive its end.
fn needs(check: &Check) -> Vec<&'static str> {
    let mut names: Vec<&str> = learner::needs(check).map(|needed| needed.name).collect();
    names.pop();
    if CHECKS.iter().any(|known| known.name == check.name) {
        names.push(FIRST_MESSAGE);
    }
    names
}

/// The first failure of each kind.
fn verdict(seen: &[Seen]) -> String {
    let mut words = Vec::new();
    let mut told = Vec::new();
    for one in seen.iter().filter(|one| one.failure.is_some() && one.word != "skip") {
        if !words.contains(&one.word) {
            words.push(one.word);
            told.push(format!("{}: {}", one.check.name, does(one)));
        }
    }
    if told.is_empty() { "passes what it was asked".to_owned() } else { told.join("; ") }
}

/// What a program does, in words.
fn does(seen: &Seen) -> String {
    let at = seen.at.map(|line| format!(" at line {line}")).unwrap_or_default();
    let words = seen.words.as_ref().map(|words| format!(": {}", short(words))).unwrap_or_default();
    match (seen.word, &seen.failure) {
        ("dies", _) => format!("it dies{at}{words}"),
        ("spins", _) => format!("it spins{at}"),
        ("silent", _) => format!("its client waits in vain; it is{at}"),
        (_, Some(failure)) => {
            format!("expected {}, got {}", short(&failure.expected), short(&failure.actual))
        }
        (word, None) => word.to_owned(),
    }
}

fn short(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(SHORT) else { return text.to_owned() };
    let text = &text[..end];
    // Code in Markdown that is cut would go on to the next backtick.
    let end = if text.matches('`').count() % 2 == 1 { "…`" } else { "…" };
    format!("{text}{end}")
}

/// Asks the programs, with the repairs of other departures, the checks that show their mirrors'
/// departures.
fn shown(
    departures: &[Departure],
    programs: &[Original<'_>],
    seed: u64,
    progress: &ProgressBar,
) -> Result<Vec<Shown>> {
    if departures.is_empty() {
        return Ok(Vec::new());
    }
    let mut binaries = build::build(build::SERVERS, false)?;
    binaries.extend(build::build(build::PRELOAD, false)?);
    let known = Matrix::read(crate::root())?;
    each(departures, progress, |Departure { listing, lines, proof }| {
        let (listing, lines) = (listing.clone(), lines.clone());
        let proof = match proof {
            Ok(proof) => proof,
            Err(does) => {
                return Ok(Shown { listing, lines, does: does.clone(), ..Shown::default() });
            }
        };
        let original = programs.iter().find(|original| original.id() == listing);
        let original = original.with_context(|| format!("{listing} is no server or client"))?;
        let mut repairs = repair::read(original.listing)?;
        repairs.retain(|one| proof.after.contains(&one.line));
        let seen = original.repaired(&repairs)?.ask(proof.check, &binaries, seed);
        // The matrix has what all servers are asked; what only originals are asked is tried here.
        let mirror = known.word(original.like, proof.check.name).map(str::to_owned);
        let mirror = mirror.unwrap_or_else(|| {
            word(&run_check(original.like, proof.check, &binaries, seed).outcome).to_owned()
        });
        let after: Vec<String> = proof.after.iter().map(usize::to_string).collect();
        Ok(Shown {
            listing,
            lines,
            is_shown: proof.is_shown_by(&seen) && !["FAIL", "skip"].contains(&mirror.as_str()),
            check: proof.check.name.to_owned(),
            after: after.join(", "),
            does: does(&seen),
            mirror,
        })
    })
}
