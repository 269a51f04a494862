//! What is wrong with a file.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::catalog::manifest::{Listing, Manifest};
use crate::catalog::numbers;
use crate::mirror::source::Source;

/// A file's departure from the rules of a mirror.
#[derive(Debug, PartialEq)]
pub struct Fault {
    file: String,
    line: usize,
    message: String,
}

impl Fault {
    /// A fault at a line of a file.
    pub fn new(file: &str, line: usize, message: impl fmt::Display) -> Fault {
        Fault { file: file.to_owned(), line, message: message.to_string() }
    }
}

/// As compilers write it, so that editors find the place: `file:line: message`.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// The listing's code lines that the file's comments name.
pub fn named(listing: &Listing, source: &Source<'_>) -> BTreeSet<usize> {
    let numbers = source.comments.iter().flat_map(|comment| numbers::expand(&comment.numbers));
    numbers.filter(|number| listing.code.contains(number)).collect()
}

/// Everything that is wrong with the file that mirrors a listing.
pub fn check(listing: &Listing, file: &str, source: &Source<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |line: usize, message: String| faults.push(Fault::new(file, line, message));
    missing(listing, source, &mut fault);
    outside(listing, source, &mut fault);
    order(source, &mut fault);
    head(listing, source, &mut fault);
    differs(source, &mut fault);
    faults
}

fn missing(listing: &Listing, source: &Source<'_>, fault: &mut impl FnMut(usize, String)) {
    for number in listing.code.difference(&named(listing, source)) {
        fault(1, format!("no comment names line {number} of {}", listing.id()));
    }
}

fn outside(listing: &Listing, source: &Source<'_>, fault: &mut impl FnMut(usize, String)) {
    for comment in &source.comments {
        for end in
            comment.numbers.iter().flat_map(|range| BTreeSet::from([*range.start(), *range.end()]))
        {
            if !listing.code.contains(&end) {
                fault(comment.line, format!("{end} is not a code line of {}", listing.id()));
            }
        }
    }
}

/// Numbers rise from comment to comment and inside each; a comment that says what differs may stand anywhere.
fn order(source: &Source<'_>, fault: &mut impl FnMut(usize, String)) {
    let mut highest = 0;
    for comment in source.comments.iter().filter(|comment| comment.differs.is_none()) {
        for range in &comment.numbers {
            if *range.start() < highest {
                fault(
                    comment.line,
                    format!("{} stands after {highest}, and no `differs` says why", range.start()),
                );
            }
            highest = highest.max(*range.end());
        }
    }
}

const DIFFERS: &str = "Differs from the listing:";

fn head(listing: &Listing, source: &Source<'_>, fault: &mut impl FnMut(usize, String)) {
    let mirrors = format!(
        "Mirrors note {}, lines {}-{}",
        listing.note,
        listing.lines.start(),
        listing.lines.end()
    );
    let begins = ["", &mirrors, "Try: ", DIFFERS, "Experiment: "];
    for (position, begin) in begins.iter().enumerate() {
        match source.head.get(position) {
            Some((_, paragraph)) if paragraph.starts_with(begin) => {}
            Some((line, _)) => {
                return fault(
                    *line,
                    format!("the head's paragraph {} begins with `{begin}`", position + 1),
                );
            }
            None => {
                return fault(1, format!("the head has a paragraph that begins with `{begin}`"));
            }
        }
    }
    if let Some((line, _)) = source.head.get(begins.len()) {
        fault(*line, "the head ends with the experiment".to_owned());
    }
    let rest = source.head[1].1.strip_prefix(&mirrors).unwrap_or_default();
    if !rest.starts_with(['.', ',']) {
        fault(source.head[1].0, format!("expected `{mirrors}.`"));
    }
}

/// The same lines differ in the body and in the head.
fn differs(source: &Source<'_>, fault: &mut impl FnMut(usize, String)) {
    let Some((line, paragraph)) = source.head.iter().find(|(_, text)| text.starts_with(DIFFERS))
    else {
        return;
    };
    let mut listed = BTreeSet::new();
    for (offset, item) in paragraph.lines().enumerate() {
        let Some(item) = item.strip_prefix("- ") else {
            continue;
        };
        let numbers = item.split_once(": ").and_then(|(list, _why)| numbers::parse(list));
        match numbers {
            Some(numbers) => listed.extend(numbers::expand(&numbers)),
            None => fault(line + offset, "expected `- LINES: why`".to_owned()),
        }
    }
    let mut marked = BTreeSet::new();
    for comment in source.comments.iter().filter(|comment| comment.differs.is_some()) {
        for number in numbers::expand(&comment.numbers) {
            marked.insert(number);
            if !listed.contains(&number) {
                fault(comment.line, format!("{number} differs, and the head does not say why"));
            }
        }
    }
    for number in listed.difference(&marked) {
        fault(*line, format!("the head says that {number} differs, and no comment there does"));
    }
    if listed.is_empty() && !paragraph.starts_with(&format!("{DIFFERS} nowhere.")) {
        fault(*line, format!("expected `{DIFFERS} nowhere.` or a list"));
    }
}

/// Files that say in their head that they mirror a note, and that the manifest does not know.
///
/// # Errors
/// When a folder or a file cannot be read.
pub fn unlisted(root: &Path, manifest: &Manifest) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    let mut folders: Vec<_> = fs::read_dir(root)?.collect::<Result<_, _>>()?;
    folders.sort_by_key(fs::DirEntry::file_name);
    for folder in folders {
        for part in ["src", "examples"] {
            let Ok(files) = fs::read_dir(folder.path().join(part)) else {
                continue;
            };
            for path in files.map(|file| Ok(file?.path())).collect::<Result<Vec<_>>>()? {
                let file = path.strip_prefix(root)?.to_string_lossy().into_owned();
                let known = manifest.listings.iter().any(|listing| listing.files.contains(&file));
                if known || path.extension().is_none_or(|extension| extension != "rs") {
                    continue;
                }
                let text = fs::read_to_string(&path).with_context(|| format!("read {file}"))?;
                let head = Source::parse(&text).head;
                if let Some((line, _)) =
                    head.iter().find(|(_, text)| text.starts_with("Mirrors note "))
                {
                    faults.push(Fault::new(
                        &file,
                        *line,
                        "mirrors a listing, and the manifest does not have it",
                    ));
                }
            }
        }
    }
    Ok(faults)
}

#[cfg(test)]
mod tests;
