//! What the notes' own programs do, as data, and as text.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::catalog::data;
use crate::markdown::escaped;
use crate::terminal::{plain_table_within, trimmed, wrapped_within};
use crate::test_all::checks::{CHECKS, OF_ORIGINALS};

/// Where they are, from the workspace's root.
pub const FILE: &str = "xtask/data/results/originals.toml";
const DOCUMENT: &str = "docs/originals.md";

/// Columns of a listing in the matrix.
const COLUMN: usize = 13;
/// Columns of the document's matrix.
const WIDTH: usize = 120;

/// A run of the notes' own programs.
#[derive(Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Originals {
    /// The day.
    pub date: String,
    /// The processor and the kernel.
    pub machine: String,
    /// The version of Python.
    pub python: String,
    /// The servers, in the order of their mirrors.
    pub listing: Vec<Ran>,
    /// The departures of all mirrors, in the order of their table.
    pub departure: Vec<Shown>,
}

/// A server, and what it does.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub struct Ran {
    /// Where it is in the notes.
    pub listing: String,
    /// Its mirror.
    pub mirror: String,
    /// What it does, in words.
    pub verdict: String,
    /// Each check that was tried, with its word.
    pub words: BTreeMap<String, String>,
}

/// A departure, and what the program does in its place.
#[derive(Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Shown {
    /// The listing.
    pub listing: String,
    /// Its lines.
    pub lines: String,
    /// Whether a check shows it.
    pub is_shown: bool,
    /// That check; where there is none, nothing.
    pub check: String,
    /// The lines that were repaired before.
    pub after: String,
    /// What the program does, in words; why no check can show it, where there is none.
    pub does: String,
    /// What the mirror answers to that check.
    pub mirror: String,
}

impl Originals {
    /// Reads the file of the workspace at `root`.
    ///
    /// # Errors
    /// When it cannot be read, or says something else.
    pub fn read(root: &Path) -> Result<Originals> {
        data::read(root, FILE)
    }

    /// Writes the file of the workspace at `root`, and the document.
    ///
    /// # Errors
    /// When one of them cannot be written.
    pub fn write(&self, root: &Path) -> Result<()> {
        data::write(root, FILE, self)?;
        fs::write(root.join(DOCUMENT), self.document()).with_context(|| format!("write {DOCUMENT}"))
    }

    /// All that a terminal shows.
    pub fn text(&self, width: usize, paint: impl Fn(&str) -> String) -> String {
        let mut text =
            format!("{}, {}\n\n{}", self.python, self.machine, self.matrix(width, paint));
        for Ran { listing, verdict, .. } in &self.listing {
            text += &wrapped_within(width, &format!("{listing}: {verdict}"), "    ");
        }
        if self.departure.is_empty() {
            return text;
        }
        let shown = self.departure.iter().filter(|departure| departure.is_shown).count();
        text += &format!("\ndepartures shown: {shown} of {}\n", self.departure.len());
        for Shown { listing, lines, check, does, .. } in
            self.departure.iter().filter(|departure| !departure.is_shown)
        {
            let check = if check.is_empty() { String::new() } else { format!("{check}: ") };
            let line = format!("not shown {listing}, {lines}: {check}{does}");
            text += &wrapped_within(width, &line, "    ");
        }
        text
    }

    /// The checks × the listings, in as many tables as are needed.
    fn matrix(&self, width: usize, paint: impl Fn(&str) -> String) -> String {
        let is_asked = |name: &&str| self.listing.iter().any(|ran| ran.words.contains_key(*name));
        let checks = OF_ORIGINALS.iter().chain(CHECKS).map(|check| check.name).filter(is_asked);
        let checks: Vec<&str> = checks.collect();
        let names = checks.iter().map(|name| name.len()).max().unwrap_or_default();
        let tables = self.listing.chunks((width - names).div_euclid(COLUMN).max(1)).map(|part| {
            let mut table = plain_table_within(width);
            table.set_header([""].into_iter().chain(part.iter().map(|ran| ran.listing.as_str())));
            for check in &checks {
                let words = part.iter().map(|ran| ran.words.get(*check));
                let words = words.map(|word| word.map_or(String::new(), |word| paint(word)));
                table.add_row([(*check).to_owned()].into_iter().chain(words));
            }
            trimmed(table) + "\n"
        });
        tables.collect()
    }

    fn document(&self) -> String {
        let Originals { date, machine, python, .. } = self;
        let shown = self.departure.iter().filter(|departure| departure.is_shown).count();
        let all = self.departure.len();
        let asked = OF_ORIGINALS
            .iter()
            .map(|check| format!("- `{}`: {}.\n", check.name, check.requirement));
        let verdicts = self.listing.iter().map(|Ran { listing, mirror, verdict, .. }| {
            format!("- {listing} ({mirror}): {}.\n", escaped(verdict))
        });
        let mut text = format!(
            "# What the notes' own programs do\n\n\
             `cargo xtask test-all --originals --notes DIR --markdown` wrote this file on {date}, \
             with {python}, on {machine}; the data are in [{FILE}](../{FILE}). The programs ran as \
             the notes have them, with their indentation and on another port. `dies`: Python ended \
             with an error. `spins`: the program uses the processor, and its client gets nothing. \
             `silent`: its client waits in vain. An empty place: not asked, because the program \
             fails another check that this one needs. [What the mirrors do](matrix.md).\n\n\
             ```\n{}```\n\n{}\n\
             `cargo xtask list --checks` says what each check requires. These are for the notes' \
             own programs only:\n\n{}\n\
             A mirror differs from its listing where the program fails a check. A check shows \
             {shown} of {all} departures. For some of them, other lines of the program were \
             repaired first: else it would not come so far.\n",
            self.matrix(WIDTH, str::to_owned).trim_end().to_owned() + "\n",
            verdicts.collect::<String>(),
            asked.collect::<String>(),
        );
        let mut last = "";
        for Shown { listing, lines, check, after, does, mirror, .. } in &self.departure {
            if listing != last {
                text += &format!(
                    "\n## {listing}\n\n| line | repaired before | check | the note's program | \
                     the mirror |\n|---|---|---|---|---|\n"
                );
            }
            last = listing;
            text += &format!("| {lines} | {after} | {check} | {} | {mirror} |\n", escaped(does));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_what_the_results_give() {
        let results = Originals::read(crate::root()).unwrap();
        let document = fs::read_to_string(crate::root().join(DOCUMENT)).unwrap();
        assert_eq!(document, results.document());
        assert_eq!(
            toml::from_str::<Originals>(&toml::to_string(&results).unwrap()).unwrap(),
            results
        );
        assert_eq!(results.listing.len(), 16);
        let unexpected =
            results.departure.iter().filter(|one| !one.is_shown && !one.check.is_empty());
        assert_eq!(unexpected.count(), 0, "{}", results.text(120, str::to_owned));
    }
}
