//! One line of a note with the Rust that says it.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::mirror::source::Source;
use crate::mirror::{notes, read, read_manifest};

/// The line `number` of note `note` (as `002:170`) from the notes in that folder, if there is one,
/// and the Rust that says it.
///
/// # Errors
/// When the place is malformed, no listing has that line, or a file cannot be read.
pub fn show(root: &Path, notes: Option<&Path>, place: &str) -> Result<String> {
    let malformed = || format!("expected a note and a line as 002:170, not {place}");
    let (note, number) = place.split_once(':').with_context(malformed)?;
    let number = number.parse().ok().with_context(malformed)?;
    let manifest = read_manifest(root)?;
    let Some(listing) = manifest.listings.iter().find(|listing| listing.holds(note, number)) else {
        bail!("no listing has a line of code at {place}");
    };
    let mut shown = String::new();
    if let Some(notes) = notes {
        shown += &format!("{place:<10} {}\n", notes::line(notes, note, number)?.trim_end());
    }
    for file in &listing.files {
        let source = Source::parse(&read(root, file)?).with_context(|| format!("read {file}"))?;
        for (line, statement) in source.statements(number) {
            let statement = statement.replace('\n', &format!("\n{:<10} ", ""));
            shown += &format!("{file}:{line}\n{:<10} {statement}\n", "");
        }
    }
    Ok(shown)
}
