//! The reader's own copy of the notes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::catalog::manifest::{Listing, Manifest};
use crate::mirror::{notes, read_facts};

/// A note.
#[derive(Debug)]
pub struct Note {
    /// Its number, as `002`.
    pub number: String,
    /// The name of its file.
    pub file: String,
    /// Its lines.
    pub lines: Vec<String>,
}

/// A line of a listing.
pub struct Line<'a> {
    /// Its number in the note's file.
    pub number: usize,
    /// The number that the note prints in front of it, where it does.
    pub own: Option<usize>,
    /// Its text without that number.
    pub text: &'a str,
}

impl Note {
    /// The lines of a listing, with the empty lines behind it that the note numbers, too.
    pub fn lines_of(&self, listing: &Listing) -> Vec<Line<'_>> {
        let first = *listing.lines.start() - 1;
        let lines: Vec<&str> = self.lines[first..].iter().map(String::as_str).collect();
        let length = listing.lines.clone().count();
        let split = notes::without_numbers(&lines[..length]);
        let mut shown: Vec<Line> = split
            .into_iter()
            .enumerate()
            .map(|(index, (own, text))| Line { number: first + index + 1, own, text })
            .collect();
        let mut next = shown.last().and_then(|last| last.own).map(|own| own + 1);
        for (index, line) in lines.iter().enumerate().skip(length) {
            let own = line.trim().parse().ok();
            if own.is_none() || own != next {
                break;
            }
            shown.push(Line { number: first + index + 1, own, text: "" });
            next = own.map(|own: usize| own + 1);
        }
        shown
    }
}

/// The numbers of the notes that a manifest speaks of, in order.
pub fn numbers(manifest: &Manifest) -> BTreeSet<&str> {
    manifest.listings.iter().map(|listing| listing.note.as_str()).collect()
}

/// Reads all notes of the manifest from a folder, and compares their code lines with the facts of
/// the workspace at `root`.
///
/// # Errors
/// When a note is missing, cannot be read, or is of another edition; the message says what is
/// expected and what was found.
pub fn open(root: &Path, manifest: &Manifest, folder: &Path) -> Result<Vec<Note>> {
    let facts = read_facts(root, manifest)?;
    let names = names(folder).with_context(|| {
        format!("expected a folder with the notes' files, {}", expected(manifest))
    })?;
    for number in numbers(manifest) {
        if !names.iter().any(|name| is_of(name, number)) {
            bail!("{}", missing(manifest, folder, number, &names));
        }
    }
    for listing in &manifest.listings {
        if let Some(fault) = notes::check(listing, &facts, folder)?.first() {
            bail!(
                "{}: another edition of the note than the one that is mirrored: {fault}",
                folder.display()
            );
        }
    }
    let read = |number: &str| {
        let (file, text) = notes::read(folder, number)?;
        let lines = text.lines().map(str::to_owned).collect();
        Ok(Note { number: number.to_owned(), file, lines })
    };
    numbers(manifest).into_iter().map(read).collect()
}

/// What the folder is expected to hold, as `000_….txt, 001_….txt`.
pub fn expected(manifest: &Manifest) -> String {
    let names: Vec<String> =
        numbers(manifest).iter().map(|number| format!("{number}_….txt")).collect();
    names.join(", ")
}

fn missing(manifest: &Manifest, folder: &Path, number: &str, names: &[String]) -> String {
    let shown = names.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
    let found = match names.len() {
        0 => "it is empty".to_owned(),
        1..=5 => format!("found {shown}"),
        more => format!("found {shown} and {} more", more - 5),
    };
    let (folder, expected) = (folder.display(), expected(manifest));
    format!("{folder} has no note {number}: expected the notes' files, {expected}; {found}")
}

/// The names in a folder, in order.
fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))?;
    let name = |entry: std::io::Result<fs::DirEntry>| {
        Ok(entry?.file_name().to_string_lossy().into_owned())
    };
    let mut names = entries.map(name).collect::<Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

fn is_of(name: &str, number: &str) -> bool {
    name.strip_prefix(number).is_some_and(|rest| rest.starts_with('_'))
}
