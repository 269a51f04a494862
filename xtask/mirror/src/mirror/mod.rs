//! `cargo xtask mirror`: whether each file says where the note says it.
//!
//! - [`source`], [`rust`], [`statement`]: the tokens of a Rust file, and to which of them a number of
//!   its margin belongs
//! - [`evidence`], [`names`]: what a statement says, and the names of Rust for those of Python
//! - [`check`], and below it [`said`], [`head`], [`mod@format`] and [`unlisted`]: what is wrong
//! - [`figures`]: how thin a mirror is
//! - [`find`], [`report`]: all files, and what was found as text

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};

mod check;
mod evidence;
mod figures;
mod find;
mod format;
mod head;
mod names;
#[cfg(test)]
mod proof;
mod report;
mod rust;
mod said;
mod source;
mod statement;
mod unlisted;

use xtask::FAILED;
use xtask::catalog::fact::Facts;
use xtask::catalog::manifest::{self, Manifest};
use xtask::notes::code;
use xtask::notes::copies::Copies;
use xtask::terminal::print;

const FACTS_HEAD: &str = "\
# What each code line of the notes says: calls, names, literals, and `:` where it opens a block;
# of a line without any of these its keyword; not its text. Written by `cargo xtask mirror --notes
# DIR --facts`; text that is only printed is no fact.
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
pub fn run(args: &Args) -> Result<ExitCode> {
    let root = xtask::root();
    let notes = args.notes.as_deref();
    if let (Some(notes), true) = (notes, args.facts) {
        let manifest = manifest::read(root)?;
        // What the workspace says of the notes is about to be replaced.
        let copies = Copies::find(notes, &manifest, &Facts::default())?;
        let facts = facts(&manifest, &copies)?;
        print(&format!("{FACTS_HEAD}{}", facts.rows()));
        return Ok(ExitCode::SUCCESS);
    }
    let findings = find::find(root, notes)?;
    print(&report::mirrors(&findings));
    let faulty = !findings.faults.is_empty();
    Ok(ExitCode::from(if faulty { FAILED } else { 0 }))
}

/// The facts of every code line of all listings that has some, from these notes.
fn facts(manifest: &Manifest, copies: &Copies) -> Result<Facts> {
    let mut facts = Facts::default();
    for listing in &manifest.listings {
        let (file, text) = copies.read(&listing.note)?;
        let lines = code::listing_of(text, listing);
        let lines = lines.with_context(|| format!("{file} ends before {}", listing.id()))?;
        let said = code::facts_of(&lines).into_iter();
        facts.0.extend(said.map(|(line, said)| ((listing.note.clone(), line), said)));
    }
    Ok(facts)
}
