//! A note's own program, run by Python, and what it does.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, ensure};

use crate::catalog::fact::Facts;
use crate::catalog::manifest::Listing;
use crate::catalog::{NoteClient, SERVERS, Server};
use crate::checkout;
use crate::harness::build::Binaries;
use crate::harness::command_line::CommandLine;
use crate::harness::outcome::{Failure, Kind, Outcome};
use crate::harness::output::Output;
use crate::harness::stop;
use crate::harness::trial::Trial;
use crate::notes::copies::Copies;
use crate::notes::original;
use crate::notes::repair::{Repair, repair};
use crate::test_all::checks::Check;
use crate::test_all::matrix::{self, Cell};
use crate::test_all::program::foreign;

/// What runs a program and tells where it is, from the workspace's root.
const RUNNER: &str = "xtask/data/original.py";

/// Samples that it takes after a check has failed, in half a second, and the one that may be of
/// both.
const AFTER: usize = 3;

/// Samples before that: a program that prints without end also waits for its reader.
const LOOKED_AT: usize = 8;

/// The share of a processor that no program takes that waits.
const SPINS: f64 = 0.2;

/// The version of Python, as `Python 3.11.7`.
///
/// # Errors
/// When there is none.
pub fn version() -> Result<String> {
    let output = Command::new("python3").arg("--version").output();
    let output = output.context("python3, which runs the notes' own programs")?;
    ensure!(output.status.success(), "python3 --version: {}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A note's own program.
pub struct Original<'a> {
    /// Where it is in the notes.
    pub listing: &'a Listing,
    /// Its mirror; of a client, the server that it is for.
    pub like: &'static Server,
    client: Option<NoteClient>,
    /// A text for each line of the note; one that was repaired may be several.
    lines: Vec<String>,
    folder: PathBuf,
}

impl<'a> Original<'a> {
    /// The program of a listing; `None` where it is neither a server nor a client.
    ///
    /// # Errors
    /// When the notes do not have it.
    pub fn read(listing: &'a Listing, notes: &Copies, facts: &Facts) -> Result<Option<Self>> {
        if original::port(listing, facts).is_none() {
            return Ok(None);
        }
        let id = listing.id();
        let is_client = |client: &NoteClient| {
            listing.files.iter().any(|file| file.ends_with(&format!("/{}.rs", client.name)))
        };
        let server = SERVERS.iter().find(|server| server.listing == id);
        let of_client =
            SERVERS.iter().find(|server| server.note_client.as_ref().is_some_and(is_client));
        let Some(like) = server.or(of_client) else { return Ok(None) };
        let client = if server.is_none() { like.note_client } else { None };
        let mut lines = original::lines(listing, notes.read(&listing.note)?.1)?;
        original::with_port(&mut lines, listing, facts, "{port}")?;
        let folder = checkout::target()?.join("originals");
        fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
        Ok(Some(Original { listing, like, client, lines, folder }))
    }

    /// The listing as it is called.
    pub fn id(&self) -> String {
        self.listing.id()
    }

    /// Whether it is a server.
    pub fn is_server(&self) -> bool {
        self.client.is_none()
    }

    /// The same with repairs.
    ///
    /// # Errors
    /// When a line has nothing to repair.
    pub fn repaired(&self, repairs: &[Repair]) -> Result<Self> {
        let mut lines = self.lines.clone();
        repair(&mut lines, *self.listing.lines.start(), repairs)?;
        Ok(Original { lines, folder: self.folder.clone(), ..*self })
    }

    /// Runs one check of it.
    pub fn ask(&self, check: &'static Check, binaries: &Binaries, seed: u64) -> Seen {
        static RUNS: AtomicUsize = AtomicUsize::new(0);
        let run = RUNS.fetch_add(1, Ordering::Relaxed);
        let told = self.folder.join(format!("{}-{run}", process::id()));
        let cell = match &self.client {
            None => {
                let (name, words) = (self.id().leak(), leaked(self.words(&told)));
                let prompt = self.like.prompt.map(of_python);
                let row = Server { prompt, ..foreign(name, words, self.like) };
                matrix::run(Box::leak(Box::new(row)), check, binaries, seed)
            }
            Some(client) => {
                stop::undisturbed(|| self.ask_client(*client, &told, check, binaries, seed))
            }
        };
        // There is none where Python itself did not come so far.
        let samples = fs::read_to_string(&told).unwrap_or_default();
        let _ = fs::remove_file(&told);
        self.seen(check, &cell, &samples)
    }

    fn words(&self, told: &Path) -> Vec<String> {
        let python = ["python3", "-I", "-u", "-X", "utf8"].map(str::to_owned);
        let runner = crate::root().join(RUNNER).display().to_string();
        let text = self.lines.join("\n") + "\n";
        python.into_iter().chain([runner, told.display().to_string(), self.name(), text]).collect()
    }

    /// What Python calls its file.
    fn name(&self) -> String {
        format!("note {}", self.listing.note)
    }

    fn ask_client(
        &self,
        client: NoteClient,
        told: &Path,
        check: &'static Check,
        binaries: &Binaries,
        seed: u64,
    ) -> Cell {
        let words = self.words(told);
        let trial = Trial {
            server: self.like,
            line: binaries.line_of(self.like).expect("cargo builds all servers"),
            selector: None,
            note_client: Some((client, CommandLine::new(&words[0]).with(&words[1..]))),
            preload: None,
            output: Output::default(),
            seed,
        };
        let outcome = (check.run)(&trial);
        // What the client printed is in the failure.
        let said = outcome.as_ref().err().map(|failure| failure.actual.split(" / "));
        let errors = said.into_iter().flatten().filter_map(|line| line.split_once("stderr: "));
        let errors = errors.map(|(_, text)| text.to_owned()).collect();
        Cell { outcome, errors, ..Cell::new(self.like, check) }
    }

    fn seen(&self, check: &'static Check, cell: &Cell, samples: &str) -> Seen {
        let samples: Vec<(usize, f64)> = samples.lines().filter_map(sample).collect();
        let failure = cell.outcome.as_ref().err().cloned();
        let timed_out = failure.as_ref().is_some_and(|failure| failure.kind == Kind::TimedOut);
        let looked = samples.iter().rev().skip(AFTER).take(LOOKED_AT);
        let (lines, shares): (Vec<usize>, Vec<f64>) = looked.copied().unzip();
        let line = lines.first().copied().unwrap_or_default();
        let share = shares.iter().sum::<f64>() / shares.len().max(1) as f64;
        let spins = timed_out && share > SPINS && !self.like.polls;
        let died = traceback(&cell.errors, &self.name()).filter(|_| !timed_out);
        let word = word(&cell.outcome, died.is_some(), spins);
        let (line, words) = died.map_or((line, None), |(line, words)| (line, Some(words)));
        Seen { check, word, at: self.note_line(line), words, failure }
    }

    /// The note's line of a line of the program.
    fn note_line(&self, line: usize) -> Option<usize> {
        let mut last = 0;
        let is_it = |text: &String| {
            last += text.split('\n').count();
            last >= line
        };
        let place = self.lines.iter().position(is_it).filter(|_| line > 0)?;
        Some(self.listing.lines.start() + place)
    }
}

/// What came of one check.
pub struct Seen {
    /// The check.
    pub check: &'static Check,
    /// The matrix's word, or `dies`, `spins` or `silent`.
    pub word: &'static str,
    /// The note's line at which it died, spun or waited.
    pub at: Option<usize>,
    /// Python's last line, of one that died.
    pub words: Option<String>,
    /// What was expected, and what came.
    pub failure: Option<Failure>,
}

fn word(outcome: &Outcome, died: bool, spins: bool) -> &'static str {
    match outcome {
        Err(_) if died => "dies",
        Err(_) if spins => "spins",
        Err(failure) if failure.actual.contains("silence for ") => "silent",
        outcome => matrix::word(outcome),
    }
}

/// A line of a program, and the share of a processor that it took.
fn sample(line: &str) -> Option<(usize, f64)> {
    let (line, share) = line.split_once(' ')?;
    Some((line.parse().ok()?, share.parse().ok()?))
}

/// The line of a program's file at which it died, and Python's last line.
fn traceback(errors: &[String], file: &str) -> Option<(usize, String)> {
    let begin = errors.iter().rposition(|line| line == "Traceback (most recent call last):")?;
    let file = format!("  File \"{file}\", line ");
    let line = errors[begin..].iter().filter_map(|line| line.strip_prefix(&file)).next_back();
    let line = line.and_then(|rest| rest.split(',').next()?.parse().ok()).unwrap_or_default();
    Some((line, errors[begin..].iter().rfind(|line| !line.starts_with(' '))?.clone()))
}

/// Python writes an address that it is asked about in its own way.
fn of_python(prompt: fn(SocketAddr) -> String) -> fn(SocketAddr) -> String {
    let [one, other] = [1, 2].map(|port| prompt(([127, 0, 0, 1], port).into()));
    if one == other { prompt } else { |addr| format!("('{}', {}):", addr.ip(), addr.port()) }
}

fn leaked(words: Vec<String>) -> &'static [&'static str] {
    words.into_iter().map(|word| &*word.leak()).collect::<Vec<_>>().leak()
}
