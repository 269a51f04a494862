//! `cargo xtask mirror`: whether each file says where the note says it.
//!
//! - [`source`]: the head and the line-number comments of a Rust file
//! - [`check`]: what is wrong with a file
//! - [`notes`]: the notes' own files, where the reader has them
//! - [`report`]: what was found, as text

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

pub mod check;
pub mod notes;
pub mod report;
pub mod source;

use crate::FAILED;
use crate::catalog::manifest::{self, Listing, Manifest};
use crate::terminal::print;
use check::Fault;
use source::Source;

/// The manifest, from the workspace's root.
const MANIFEST: &str = "xtask/src/catalog/mirrors.tsv";

/// The command line of `cargo xtask mirror`.
#[derive(clap::Args)]
pub struct Args {
    /// Folder with the notes' own files, to check the list of code lines against them
    #[arg(long, value_name = "DIR")]
    notes: Option<PathBuf>,
    /// Print one line of a note with the Rust that says it, as 002:170
    #[arg(long, value_name = "NOTE:LINE", requires = "notes")]
    show: Option<String>,
}

/// Checks every mirror and prints what was found, or shows one line.
///
/// # Errors
/// When a file cannot be read, or the place to show is malformed.
pub fn run(args: &Args) -> Result<ExitCode> {
    if let (Some(notes), Some(place)) = (&args.notes, &args.show) {
        print(&show(crate::root(), notes, place)?);
        return Ok(ExitCode::SUCCESS);
    }
    let findings = find(crate::root(), args.notes.as_deref())?;
    print(&report::mirrors(&findings));
    let faulty = !findings.faults.is_empty();
    Ok(ExitCode::from(if faulty { FAILED } else { 0 }))
}

/// What was found in one file.
pub struct Row {
    /// The listing, as `002:146-224`.
    pub listing: String,
    /// The file that mirrors it.
    pub file: String,
    /// Code lines that the file names.
    pub named: usize,
    /// Code lines that the listing has.
    pub to_name: usize,
    /// Lines that depart from the listing.
    pub departures: usize,
}

/// What was found in all files.
pub struct Findings {
    /// A row for each file, in the manifest's order.
    pub rows: Vec<Row>,
    /// Listings of which every file names every line.
    pub complete: usize,
    /// Listings that there are.
    pub listings: usize,
    /// Code lines that every file of their listing names.
    pub named: usize,
    /// Code lines that there are.
    pub to_name: usize,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// Reads the manifest of the workspace at `root`.
///
/// # Errors
/// When it cannot be read, or a line is malformed.
pub fn read_manifest(root: &Path) -> Result<Manifest> {
    let text = read(root, MANIFEST)?;
    manifest::parse(&text).with_context(|| format!("read {MANIFEST}"))
}

/// Checks every mirror of the workspace at `root`, and with `notes` the manifest against the notes in that
/// folder.
///
/// # Errors
/// When a file cannot be read; what is wrong with a file is among the findings.
pub fn find(root: &Path, notes: Option<&Path>) -> Result<Findings> {
    let manifest = read_manifest(root)?;
    let mut findings = Findings {
        rows: Vec::new(),
        complete: 0,
        listings: manifest.listings.len(),
        named: 0,
        to_name: 0,
        faults: check::unlisted(root, &manifest)?,
    };
    for listing in &manifest.listings {
        let mut named = listing.code.clone();
        for file in &listing.files {
            let text = std::fs::read_to_string(root.join(file)).unwrap_or_else(|error| {
                findings.faults.push(Fault::new(
                    file,
                    1,
                    format!("mirrors {}: {error}", listing.id()),
                ));
                String::new()
            });
            let source = Source::parse(&text);
            let row = row(listing, file, &source);
            named.retain(|line| check::named(listing, &source).contains(line));
            findings.rows.push(row);
            findings.faults.extend(check::check(listing, file, &source));
        }
        findings.complete += usize::from(named == listing.code);
        findings.named += named.len();
        findings.to_name += listing.code.len();
        if let Some(notes) = notes {
            findings.faults.extend(notes::check(listing, notes)?);
        }
    }
    Ok(findings)
}

fn row(listing: &Listing, file: &str, source: &Source) -> Row {
    let departures = source.comments.iter().filter(|comment| comment.differs.is_some());
    Row {
        listing: listing.id(),
        file: file.to_owned(),
        named: check::named(listing, source).len(),
        to_name: listing.code.len(),
        departures: departures.count(),
    }
}

/// The line `number` of note `note` (as `002:170`) from the notes in that folder, and the Rust that says it.
///
/// # Errors
/// When the place is malformed, no listing has that line, or a file cannot be read.
pub fn show(root: &Path, notes: &Path, place: &str) -> Result<String> {
    let (note, number) =
        place.split_once(':').with_context(|| format!("{place} is not as 002:170"))?;
    let number = number.parse().with_context(|| format!("{place} is not as 002:170"))?;
    let manifest = read_manifest(root)?;
    let Some(listing) = manifest.listings.iter().find(|listing| listing.holds(note, number)) else {
        bail!("no listing has a line of code at {place}");
    };
    let mut shown = format!("{place:<10} {}\n", notes::line(notes, note, number)?.trim_end());
    for file in &listing.files {
        let text = read(root, file)?;
        for (line, statement) in Source::parse(&text).statements(number, listing) {
            shown += &format!("{file}:{line}\n{:<10} {}\n", "", statement.trim());
        }
    }
    Ok(shown)
}

fn read(root: &Path, file: &str) -> Result<String> {
    std::fs::read_to_string(root.join(file)).with_context(|| format!("read {file}"))
}
