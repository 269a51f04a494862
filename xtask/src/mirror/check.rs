//! What is wrong with a file.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::mirror::manifest::{Listing, Manifest};
use crate::mirror::numbers;
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
        Fault {
            file: file.to_owned(),
            line,
            message: message.to_string(),
        }
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
    let numbers = source
        .comments
        .iter()
        .flat_map(|comment| numbers::expand(&comment.numbers));
    numbers
        .filter(|number| listing.code.contains(number))
        .collect()
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
        fault(
            1,
            format!("no comment names line {number} of {}", listing.id()),
        );
    }
}

fn outside(listing: &Listing, source: &Source<'_>, fault: &mut impl FnMut(usize, String)) {
    for comment in &source.comments {
        for end in comment
            .numbers
            .iter()
            .flat_map(|range| BTreeSet::from([*range.start(), *range.end()]))
        {
            if !listing.code.contains(&end) {
                fault(
                    comment.line,
                    format!("{end} is not a code line of {}", listing.id()),
                );
            }
        }
    }
}

/// Numbers rise from comment to comment and inside each; a comment that says what differs may stand anywhere.
fn order(source: &Source<'_>, fault: &mut impl FnMut(usize, String)) {
    let mut highest = 0;
    for comment in source
        .comments
        .iter()
        .filter(|comment| comment.differs.is_none())
    {
        for range in &comment.numbers {
            if *range.start() < highest {
                fault(
                    comment.line,
                    format!(
                        "{} stands after {highest}, and no `differs` says why",
                        range.start()
                    ),
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
                    format!(
                        "the head's paragraph {} begins with `{begin}`",
                        position + 1
                    ),
                );
            }
            None => {
                return fault(
                    1,
                    format!("the head has a paragraph that begins with `{begin}`"),
                );
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
    let Some((line, paragraph)) = source
        .head
        .iter()
        .find(|(_, text)| text.starts_with(DIFFERS))
    else {
        return;
    };
    let mut listed = BTreeSet::new();
    for (offset, item) in paragraph.lines().enumerate() {
        let Some(item) = item.strip_prefix("- ") else {
            continue;
        };
        let numbers = item
            .split_once(": ")
            .and_then(|(list, _why)| numbers::parse(list));
        match numbers {
            Some(numbers) => listed.extend(numbers::expand(&numbers)),
            None => fault(line + offset, "expected `- LINES: why`".to_owned()),
        }
    }
    let mut marked = BTreeSet::new();
    for comment in source
        .comments
        .iter()
        .filter(|comment| comment.differs.is_some())
    {
        for number in numbers::expand(&comment.numbers) {
            marked.insert(number);
            if !listed.contains(&number) {
                fault(
                    comment.line,
                    format!("{number} differs, and the head does not say why"),
                );
            }
        }
    }
    for number in listed.difference(&marked) {
        fault(
            *line,
            format!("the head says that {number} differs, and no comment there does"),
        );
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
            for path in files
                .map(|file| Ok(file?.path()))
                .collect::<Result<Vec<_>>>()?
            {
                let file = path.strip_prefix(root)?.to_string_lossy().into_owned();
                let known = manifest
                    .listings
                    .iter()
                    .any(|listing| listing.files.contains(&file));
                if known || path.extension().is_none_or(|extension| extension != "rs") {
                    continue;
                }
                let text = fs::read_to_string(&path).with_context(|| format!("read {file}"))?;
                let head = Source::parse(&text).head;
                if let Some((line, _)) = head
                    .iter()
                    .find(|(_, text)| text.starts_with("Mirrors note "))
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
mod tests {
    use super::*;
    use crate::mirror::manifest;

    const GOOD: &str = "\
//! A server.
//!
//! Mirrors note 001, lines 9-14.
//!
//! Try: it.
//!
//! Differs from the listing:
//! - 11: as the listing dies.
//!
//! Experiment: with it.
a(); // 9
loop {
    // 10
    b(); // 11 differs: it dies
    c(); // 13-14
}
";

    fn faults(text: &str) -> Vec<String> {
        let listing = manifest::parse("001:9-14\ta.rs\t9-11,13-14\n")
            .unwrap()
            .listings
            .remove(0);
        let faults = check(&listing, "a.rs", &Source::parse(text));
        faults.iter().map(Fault::to_string).collect()
    }

    /// What is wrong when `from` is replaced by `to`.
    fn after(from: &str, to: &str) -> Vec<String> {
        assert!(GOOD.contains(from));
        faults(&GOOD.replace(from, to))
    }

    #[test]
    fn a_mirror_has_no_fault() {
        assert_eq!(faults(GOOD), [""; 0]);
    }

    #[test]
    fn a_line_that_nobody_names_is_a_fault() {
        assert_eq!(
            after("    // 10\n", ""),
            ["a.rs:1: no comment names line 10 of 001:9-14"]
        );
    }

    #[test]
    fn a_number_outside_the_listing_is_a_fault() {
        assert_eq!(
            after("a(); // 9", "a(); // 9, 15"),
            [
                "a.rs:11: 15 is not a code line of 001:9-14",
                "a.rs:13: 10 stands after 15, and no `differs` says why",
                "a.rs:15: 13 stands after 15, and no `differs` says why",
            ]
        );
        assert_eq!(
            after("b(); // 11 differs", "d(); // 12\n    b(); // 11 differs"),
            ["a.rs:14: 12 is not a code line of 001:9-14"]
        );
    }

    #[test]
    fn a_wrong_order_is_a_fault_unless_it_differs() {
        let swapped = GOOD
            .replace("// 9", "// X")
            .replace("// 10", "// 9")
            .replace("// X", "// 10");
        assert_eq!(
            faults(&swapped),
            ["a.rs:13: 9 stands after 10, and no `differs` says why"]
        );
        let excused = swapped
            .replace("    // 9", "    // 9 differs: Rust wants it")
            .replace("- 11:", "- 9, 11:");
        assert_eq!(faults(&excused), [""; 0]);
    }

    #[test]
    fn a_departure_stands_in_the_head_and_in_the_body() {
        assert_eq!(
            after("// 9", "// 9 differs: so"),
            ["a.rs:11: 9 differs, and the head does not say why"]
        );
        assert_eq!(
            after(" differs: it dies", ""),
            ["a.rs:7: the head says that 11 differs, and no comment there does"]
        );
        assert_eq!(
            after("- 11: as", "- as"),
            [
                "a.rs:8: expected `- LINES: why`",
                "a.rs:14: 11 differs, and the head does not say why",
                "a.rs:7: expected `Differs from the listing: nowhere.` or a list",
            ]
        );
    }

    #[test]
    fn a_head_of_another_shape_is_a_fault() {
        assert_eq!(
            after("Try: it.", "Run it."),
            ["a.rs:5: the head's paragraph 3 begins with `Try: `"]
        );
        assert_eq!(
            after("9-14.", "9-15."),
            ["a.rs:3: the head's paragraph 2 begins with `Mirrors note 001, lines 9-14`"]
        );
        assert_eq!(
            after("9-14.", "9-149."),
            ["a.rs:3: expected `Mirrors note 001, lines 9-14.`"]
        );
        assert_eq!(
            after("//!\n//! Experiment: with it.\n", ""),
            ["a.rs:1: the head has a paragraph that begins with `Experiment: `"]
        );
        assert_eq!(
            after("with it.", "with it.\n//!\n//! More."),
            ["a.rs:12: the head ends with the experiment"]
        );
    }
}
