//! `cargo xtask mirror`: whether each file says where the note says it.
//!
//! - [`source`]: the head, the line-number comments and the statements of a Rust file
//! - [`rust`], [`statement`]: its tokens, and which of them a number belongs to
//! - [`evidence`], [`names`]: what a statement says, and the names of Rust for those of Python
//! - [`python`], [`mod@derive`]: the facts of a listing's lines
//! - [`check`], and below it `said`, `head` and `unlisted`: what is wrong
//! - [`copies`], [`notes`]: the notes' own files, where the reader has them, and what they say
//! - [`report`]: what was found, as text

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

pub mod check;
pub mod copies;
pub mod derive;
pub mod evidence;
pub mod fault;
pub mod figures;
mod find;
pub mod head;
pub mod names;
pub mod notes;
pub mod python;
pub mod report;
pub mod rust;
mod said;
pub mod source;
pub mod statement;
pub mod unlisted;

use crate::FAILED;
use crate::catalog::fact::{self, Facts};
use crate::catalog::manifest::{self, Manifest};
use crate::terminal::print;
use copies::Copies;

pub use find::{Findings, Row, find};

/// The manifest, from the workspace's root.
pub const MANIFEST: &str = "xtask/src/catalog/mirrors.tsv";
/// What each of its code lines says.
const FACTS: &str = "xtask/src/catalog/facts.tsv";

const FACTS_HEAD: &str = "\
# What each code line of the notes says: calls, names, keywords, literals; not its text. Written by
# `cargo xtask mirror --notes DIR --facts`; text that is only printed is no fact.
";

/// The command line of `cargo xtask mirror`.
#[derive(clap::Args)]
pub struct Args {
    /// Folder with the notes' own files, to check the manifest against them
    #[arg(long, value_name = "DIR")]
    notes: Option<PathBuf>,
    /// Print the facts of all listings, for the manifest's file facts.tsv
    #[arg(long, requires = "notes")]
    facts: bool,
}

/// Checks every mirror and prints what was found.
///
/// # Errors
/// When a file cannot be read.
pub fn run(args: &Args) -> Result<ExitCode> {
    let root = crate::root();
    let notes = args.notes.as_deref();
    if let (Some(notes), true) = (notes, args.facts) {
        let manifest = read_manifest(root)?;
        // What the workspace says of the notes is about to be replaced.
        let copies = Copies::find(notes, &manifest, &Facts::default())?;
        let facts = notes::facts(&manifest, &copies)?;
        print(&format!("{FACTS_HEAD}{}", facts.rows()));
        return Ok(ExitCode::SUCCESS);
    }
    let findings = find(root, notes)?;
    print(&report::mirrors(&findings));
    let faulty = !findings.faults.is_empty();
    Ok(ExitCode::from(if faulty { FAILED } else { 0 }))
}

/// Reads the manifest of the workspace at `root`.
///
/// # Errors
/// When it cannot be read, or a line is malformed.
pub fn read_manifest(root: &Path) -> Result<Manifest> {
    let text = read(root, MANIFEST)?;
    manifest::parse(&text).with_context(|| format!("read {MANIFEST}"))
}

/// Reads what each code line of the manifest says.
///
/// # Errors
/// When it cannot be read, a line is malformed, a code line says nothing, or another line says
/// something.
pub fn read_facts(root: &Path, manifest: &Manifest) -> Result<Facts> {
    let facts = fact::parse(&read(root, FACTS)?).with_context(|| format!("read {FACTS}"))?;
    for (note, line) in facts.0.keys() {
        let known = manifest.listings.iter().any(|listing| listing.holds(note, *line));
        ensure!(known, "{FACTS} says something of {note}:{line}, which no listing holds");
    }
    for listing in &manifest.listings {
        for line in &listing.code {
            let said = !facts.of(&listing.note, *line).is_empty();
            ensure!(said, "{FACTS} says nothing of {}:{line}", listing.note);
        }
    }
    Ok(facts)
}

fn read(root: &Path, file: &str) -> Result<String> {
    fs::read_to_string(root.join(file)).with_context(|| format!("read {file}"))
}
