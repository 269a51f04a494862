//! What shows that each departure of a mirror is needed: a check that the note's own program fails.

use std::fs;

use anyhow::{Context, Result, bail, ensure};

use crate::catalog::numbers;
use crate::test_all::checks::{CHECKS, Check, OF_ORIGINALS};
use crate::test_all::originals::python::Seen;

/// Where they are, from the workspace's root.
pub const FILE: &str = "xtask/data/departures.tsv";
const HEADER: &str = "listing\tlines\tafter\tcheck\tword\tat";

/// A departure of a mirror.
pub struct Departure {
    /// The listing, as `002:146-224`.
    pub listing: String,
    /// Its lines, as the mirror's head writes them.
    pub lines: String,
    /// What shows it, or why nothing can.
    pub proof: Result<Proof, String>,
}

/// What shows a departure.
pub struct Proof {
    /// The lines that are repaired before.
    pub after: Vec<usize>,
    /// The check that fails.
    pub check: &'static Check,
    word: String,
    at: Option<usize>,
}

impl Proof {
    /// Whether a program did what the table says.
    pub fn is_shown_by(&self, seen: &Seen) -> bool {
        self.word.split('|').any(|word| word == seen.word)
            && self.at.is_none_or(|at| Some(at) == seen.at)
    }
}

/// The table.
///
/// # Errors
/// When it cannot be read, or a row is malformed.
pub fn read() -> Result<Vec<Departure>> {
    let text = fs::read_to_string(crate::root().join(FILE));
    let text = text.with_context(|| format!("read {FILE}"))?;
    let rows = text.lines().filter(|row| !row.starts_with('#') && *row != HEADER);
    rows.map(|row| parse(row).with_context(|| format!("{FILE}: {row}"))).collect()
}

fn parse(row: &str) -> Result<Departure> {
    let columns: Vec<&str> = row.split('\t').collect();
    let (place, proof) = match columns[..] {
        [listing, lines, "-", "-", reason] => ((listing, lines), Err(reason.to_owned())),
        [listing, lines, after, check, word, at] => {
            let check = OF_ORIGINALS.iter().chain(CHECKS).find(|known| known.name == check);
            let proof = Proof {
                after: numbers_of(after)?,
                check: check.context("no such check")?,
                word: word.to_owned(),
                at: numbers_of(at)?.first().copied(),
            };
            let is_known = |word| ["dies", "spins", "silent", "FAIL"].contains(&word);
            ensure!(word.split('|').all(is_known), "no such word");
            ((listing, lines), Ok(proof))
        }
        _ => bail!("expected six columns, or five with a reason"),
    };
    Ok(Departure { listing: place.0.to_owned(), lines: place.1.to_owned(), proof })
}

fn numbers_of(text: &str) -> Result<Vec<usize>> {
    let ranges = if text == "-" { Some(Vec::new()) } else { numbers::parse(text) };
    Ok(numbers::expand(&ranges.context("expected lines, or -")?).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalog::manifest;
    use crate::catalog::margin::Margin;
    use crate::notes::repair;

    #[test]
    fn every_departure_of_a_mirror_has_a_row_and_every_row_is_one() {
        let manifest = manifest::read(crate::root()).unwrap();
        let mut marked = BTreeSet::new();
        for listing in &manifest.listings {
            for file in &listing.files {
                let margin = Margin::read(&fs::read_to_string(crate::root().join(file)).unwrap());
                let differing = margin.marks.iter().filter(|mark| mark.differs);
                let lines = differing.flat_map(|mark| numbers::expand(&mark.numbers));
                // `320-323` in the margin is `320, 323` in the head: what is between is a comment.
                let lines = lines.filter(|line| listing.holds(&listing.note, *line));
                marked.extend(lines.map(|line| (listing.id(), line)));
            }
        }
        let mut rows = BTreeSet::new();
        for row in read().unwrap() {
            for line in numbers_of(&row.lines).unwrap() {
                assert!(rows.insert((row.listing.clone(), line)), "{} {line} twice", row.listing);
            }
        }
        let differing: Vec<_> = rows.symmetric_difference(&marked).collect();
        assert!(differing.is_empty(), "in the table or in a margin, not in both: {differing:?}");
    }

    #[test]
    fn what_is_repaired_before_has_a_repair() {
        let manifest = manifest::read(crate::root()).unwrap();
        for row in read().unwrap() {
            let listing = manifest.listings.iter().find(|listing| listing.id() == row.listing);
            let repairs = repair::read(listing.unwrap()).unwrap();
            for line in row.proof.into_iter().flat_map(|proof| proof.after) {
                assert!(repairs.iter().any(|one| one.line == line), "{} {line}", row.listing);
            }
        }
    }
}
