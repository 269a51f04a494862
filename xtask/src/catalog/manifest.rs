//! Which file mirrors which listing, and which of the listing's lines hold code; which file is the
//! model that a note describes in words.

use std::collections::BTreeSet;
use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::catalog::numbers;

/// Where it is, from the workspace's root.
pub const FILE: &str = "xtask/data/mirrors.tsv";
/// Files that are more than their listing.
pub const MORE_THAN_LISTING: [&str; 2] =
    ["selectors-server/src/lib.rs", "threadpool-server/src/main.rs"];

const HEADER: &str = "listing\tfile\tcode";
/// What is in the place of the code lines where the note has prose.
const PROSE: &str = "prose";

/// All listings of the notes.
pub struct Manifest {
    /// In the notes' order.
    pub listings: Vec<Listing>,
    /// In the order of the crates; the first row of a file is the one that its head names.
    pub prose: Vec<Prose>,
}

impl Manifest {
    /// The numbers of the notes that have listings, in order.
    pub fn notes(&self) -> BTreeSet<&str> {
        self.listings.iter().map(|listing| listing.note.as_str()).collect()
    }
}

/// Lines of a note that describe a model, and the file that is that model.
#[derive(Clone, Debug, PartialEq)]
pub struct Prose {
    /// The note's number, as `002`.
    pub note: String,
    /// The lines of the note's file.
    pub lines: RangeInclusive<usize>,
    /// The file, from the workspace's root.
    pub file: String,
}

impl Prose {
    /// The place as it is called: `004:58-70`, or `004:59` for a single line.
    pub fn id(&self) -> String {
        id(&self.note, &self.lines)
    }

    /// The place as the file's head says it: `note 004, lines 58-70`.
    pub fn words(&self) -> String {
        let id = self.id();
        let (note, lines) = id.split_once(':').expect("an id has a colon");
        let word = if lines.contains('-') { "lines" } else { "line" };
        format!("note {note}, {word} {lines}")
    }
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
        id(&self.note, &self.lines)
    }

    /// Whether the line `number` of note `note` is code of this listing.
    pub fn holds(&self, note: &str, number: usize) -> bool {
        self.note == note && self.code.contains(&number)
    }
}

/// Lines of a note as they are called: `004:58-70`, or `004:59` for a single line.
pub fn id(note: &str, lines: &RangeInclusive<usize>) -> String {
    let (first, last) = (lines.start(), lines.end());
    if first == last { format!("{note}:{first}") } else { format!("{note}:{first}-{last}") }
}

/// Reads the manifest of the workspace at `root`.
///
/// # Errors
/// When it cannot be read, or a line is malformed.
pub fn read(root: &Path) -> Result<Manifest> {
    let text = fs::read_to_string(root.join(FILE)).with_context(|| format!("read {FILE}"))?;
    parse(&text).with_context(|| format!("read {FILE}"))
}

/// Reads a manifest: lines of listing, files and code lines, or of lines, file and `prose`,
/// separated by tabs; `#` begins a comment.
///
/// # Errors
/// When a line is malformed, or a listing or a file is there twice; the message names the line.
pub fn parse(text: &str) -> Result<Manifest> {
    let rows = text.lines().enumerate().filter(|(_, row)| !row.starts_with('#') && *row != HEADER);
    let mut manifest = Manifest { listings: Vec::new(), prose: Vec::new() };
    let mut files = BTreeSet::new();
    for (position, row) in rows {
        let place = || format!("line {}", position + 1);
        let columns = columns(row).with_context(place)?;
        if let [lines, file, PROSE] = columns {
            manifest.prose.push(prose(lines, file).with_context(place)?);
            continue;
        }
        let listing = listing(columns).with_context(place)?;
        let known = manifest.listings.iter().any(|known| known.id() == listing.id());
        ensure!(!known, "line {}: {} stands there twice", position + 1, listing.id());
        for file in &listing.files {
            ensure!(files.insert(file.clone()), "line {}: {file} stands there twice", position + 1);
        }
        manifest.listings.push(listing);
    }
    Ok(manifest)
}

fn columns(row: &str) -> Result<[&str; 3]> {
    let columns: Vec<&str> = row.split('\t').filter(|column| !column.is_empty()).collect();
    columns.try_into().ok().context("expected three columns")
}

fn listing([id, files, code]: [&str; 3]) -> Result<Listing> {
    let (note, lines) = place(id)?;
    let code = numbers::parse(code).context("expected code lines as 146-148,151, or prose")?;
    let inside =
        code.iter().all(|range| lines.contains(range.start()) && lines.contains(range.end()));
    ensure!(inside, "a code line stands outside the listing");
    Ok(Listing {
        note,
        lines,
        files: files.split(',').map(str::to_owned).collect(),
        code: numbers::expand(&code).collect(),
    })
}

fn prose(id: &str, file: &str) -> Result<Prose> {
    let (note, lines) = place(id)?;
    Ok(Prose { note, lines, file: file.to_owned() })
}

/// The note and the lines of `002:146-224`.
/// The note and the lines that are called so.
///
/// # Errors
/// When nothing is called so.
pub fn place(id: &str) -> Result<(String, RangeInclusive<usize>)> {
    let place = id.split_once(':').and_then(|(note, lines)| {
        let lines: [_; 1] = numbers::parse(lines)?.try_into().ok()?;
        let [lines] = lines;
        Some((note.to_owned(), lines))
    });
    place.context("expected lines as 002:146-224")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::strange;

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
    fn a_row_of_prose_is_a_model_and_a_file_may_have_several() {
        let rows = "004:58-70\ta.rs\tprose\n000:2-2\ta.rs\tprose\n";
        let manifest = parse(rows).unwrap();
        let prose = |note: &str, lines| Prose { note: note.into(), lines, file: "a.rs".into() };
        assert_eq!(manifest.prose, [prose("004", 58..=70), prose("000", 2..=2)]);
        assert_eq!(manifest.prose[0].id(), "004:58-70");
        assert_eq!(manifest.prose[0].words(), "note 004, lines 58-70");
        assert_eq!(manifest.prose[1].id(), "000:2");
        assert_eq!(manifest.prose[1].words(), "note 000, line 2");
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

    #[test]
    fn no_text_is_too_strange() {
        let pieces = ["001", ":", ",", "a.rs", "-", "9", "\t", "\n", "prose"];
        strange(&pieces, |text| {
            for listing in parse(text).map_or(Vec::new(), |manifest| manifest.listings) {
                assert!(listing.code.iter().all(|line| listing.lines.contains(line)), "{text}");
            }
        });
    }
}
