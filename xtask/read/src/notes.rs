//! The reader's own copy of the notes.

use anyhow::{Result, bail};

use xtask::catalog::fact::Facts;
use xtask::catalog::manifest::{Listing, Manifest};
use xtask::notes::copies::Copies;
use xtask::notes::{check, code};

#[derive(Debug)]
pub struct Note {
    pub number: String,
    pub file: String,
    pub lines: Vec<String>,
}

pub struct Line<'a> {
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
        let split = code::without_numbers(&lines[..length]);
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

/// Reads a note, and compares its code lines with the facts of the workspace.
pub fn read(copies: &Copies, manifest: &Manifest, facts: &Facts, number: &str) -> Result<Note> {
    let (file, text) = copies.read(number)?;
    let mut faults = Vec::new();
    for listing in manifest.listings.iter().filter(|listing| listing.note == number) {
        faults.extend(check::check(listing, facts, copies)?);
    }
    if let Some(first) = faults.iter().min() {
        bail!("another edition of the note than the one that is mirrored: {first}");
    }
    let lines = text.lines().map(str::to_owned).collect();
    Ok(Note { number: number.to_owned(), file: file.to_owned(), lines })
}
