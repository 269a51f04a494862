//! Which file mirrors which listing, and which of the listing's lines hold code.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use anyhow::{Context, Result, ensure};

use crate::catalog::numbers;

const HEADER: &str = "listing\tfile\tcode";

/// All listings of the notes.
pub struct Manifest {
    /// In the notes' order.
    pub listings: Vec<Listing>,
}

/// A listing, and what mirrors it.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// The note's number, as `002`.
    pub note: String,
    /// The lines of the note's file from the listing's first to its last.
    pub lines: RangeInclusive<usize>,
    /// The files that mirror it, from the workspace's root.
    pub files: Vec<String>,
    /// The lines that hold code.
    pub code: BTreeSet<usize>,
}

impl Listing {
    /// The listing as it is called: `002:146-224`.
    pub fn id(&self) -> String {
        format!("{}:{}-{}", self.note, self.lines.start(), self.lines.end())
    }

    /// Whether the line `number` of note `note` is code of this listing.
    pub fn holds(&self, note: &str, number: usize) -> bool {
        self.note == note && self.code.contains(&number)
    }
}

/// Reads a manifest: lines of listing, files and code lines, separated by tabs; `#` begins a
/// comment.
///
/// # Errors
/// When a line is malformed, or a listing or a file stands there twice; the message names the line.
pub fn parse(text: &str) -> Result<Manifest> {
    let rows = text.lines().enumerate().filter(|(_, row)| !row.starts_with('#') && *row != HEADER);
    let mut manifest = Manifest { listings: Vec::new() };
    let mut files = BTreeSet::new();
    for (position, row) in rows {
        let listing = parse_row(row).with_context(|| format!("line {}", position + 1))?;
        let known = manifest.listings.iter().any(|known| known.id() == listing.id());
        ensure!(!known, "line {}: {} stands there twice", position + 1, listing.id());
        for file in &listing.files {
            ensure!(files.insert(file.clone()), "line {}: {file} stands there twice", position + 1);
        }
        manifest.listings.push(listing);
    }
    Ok(manifest)
}

fn parse_row(row: &str) -> Result<Listing> {
    let mut columns = row.split('\t');
    let mut column =
        || columns.next().filter(|text| !text.is_empty()).context("expected three columns");
    let (id, files, code) = (column()?, column()?, column()?);
    let (note, lines) = id.split_once(':').context("expected a listing as 002:146-224")?;
    let lines = numbers::parse(lines).filter(|ranges| ranges.len() == 1);
    let lines = lines.context("expected a listing as 002:146-224")?.remove(0);
    let code = numbers::parse(code).context("expected code lines as 146-148,151")?;
    let inside =
        code.iter().all(|range| lines.contains(range.start()) && lines.contains(range.end()));
    ensure!(inside, "a code line stands outside the listing");
    Ok(Listing {
        note: note.to_owned(),
        lines,
        files: files.split(',').map(str::to_owned).collect(),
        code: numbers::expand(&code).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_row_is_a_listing() {
        let manifest =
            parse("# facts\nlisting\tfile\tcode\n001:9-12\ta.rs,b.rs\t9,11-12\n").unwrap();
        let listing = Listing {
            note: "001".into(),
            lines: 9..=12,
            files: vec!["a.rs".into(), "b.rs".into()],
            code: [9, 11, 12].into(),
        };
        assert_eq!(manifest.listings, [listing]);
        assert_eq!(manifest.listings[0].id(), "001:9-12");
    }

    #[test]
    fn a_malformed_row_is_named() {
        for row in ["001:9-12\ta.rs", "001\ta.rs\t9", "001:9-12\ta.rs\t8", "001:9-12\ta.rs\tx", ""]
        {
            let error = parse(&format!("# facts\n{row}\n")).err().unwrap();
            assert!(format!("{error:#}").starts_with("line 2: "), "{error:#}");
        }
        let twice = parse("001:9-9\ta.rs\t9\n001:9-9\tb.rs\t9\n").err().unwrap();
        assert!(twice.to_string().contains("twice"), "{twice}");
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "([0-9:,a.-]|\t|\n)*") {
            if let Ok(manifest) = parse(&text) {
                for listing in manifest.listings {
                    prop_assert!(listing.code.iter().all(|line| listing.lines.contains(line)));
                }
            }
        }
    }
}
