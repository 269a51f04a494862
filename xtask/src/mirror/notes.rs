//! The notes' own files, where the reader has them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::catalog::manifest::Listing;
use crate::mirror::check::Fault;

/// Line `number` of the note whose file begins with `note`.
///
/// # Errors
/// When there is no such file or line.
pub fn line(folder: &Path, note: &str, number: usize) -> Result<String> {
    let (file, text) = read(folder, note)?;
    let line = number.checked_sub(1).and_then(|index| text.lines().nth(index));
    Ok(line.with_context(|| format!("{file} has no line {number}"))?.to_owned())
}

/// What the manifest says of a listing and the note does not.
///
/// # Errors
/// When the note cannot be read.
pub fn check(listing: &Listing, folder: &Path) -> Result<Vec<Fault>> {
    let (file, text) = read(folder, &listing.note)?;
    let lines: Vec<&str> = text.lines().collect();
    let Some(lines) = lines.get(listing.lines.start() - 1..*listing.lines.end()) else {
        let message = format!("the note ends before {}", listing.id());
        return Ok(vec![Fault::new(&file, lines.len(), message)]);
    };
    let code: BTreeSet<usize> =
        code_lines(lines).map(|index| listing.lines.start() + index).collect();
    let missed = code
        .difference(&listing.code)
        .map(|line| (line, "holds code, which the manifest leaves out"));
    let extra = listing
        .code
        .difference(&code)
        .map(|line| (line, "holds no code, which the manifest says it does"));
    Ok(missed.chain(extra).map(|(line, message)| Fault::new(&file, *line, message)).collect())
}

fn read(folder: &Path, note: &str) -> Result<(String, String)> {
    let entries = fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(&format!("{note}_")) {
            let text =
                fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
            return Ok((name, text));
        }
    }
    anyhow::bail!("{} has no note {note}", folder.display())
}

/// The positions of the lines that hold code: not blank, not a comment, not inside a bare string.
fn code_lines<'a>(lines: &'a [&'a str]) -> impl Iterator<Item = usize> + 'a {
    let numbered = are_numbered(lines);
    let mut in_string = false;
    let is_code = move |line: &str| {
        let line = if numbered { split_number(line).map_or("", |(_, rest)| rest) } else { line };
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("\"\"\"") {
            in_string = !in_string && !rest.contains("\"\"\"");
            return false;
        }
        // A row of hashes is a rule between two listings, and code may follow it on its line.
        let after_rule =
            line.strip_prefix("########").map(|rest| rest.trim_start_matches('#').trim());
        let comment = after_rule.is_none() && line.starts_with('#');
        !in_string && !comment && !after_rule.unwrap_or(line).is_empty()
    };
    lines
        .iter()
        .copied()
        .map(is_code)
        .enumerate()
        .filter(|(_, is_code)| *is_code)
        .map(|(index, _)| index)
}

/// Whether the note numbers the lines of its listing itself: every line begins with the next number.
fn are_numbered(lines: &[&str]) -> bool {
    let first = lines.first().and_then(|line| split_number(line)).map(|(number, _)| number);
    let is_next = |(index, line): (usize, &&str)| {
        split_number(line).map(|(number, _)| number) == first.map(|first| first + index)
    };
    first.is_some() && lines.iter().enumerate().all(is_next)
}

fn split_number(line: &str) -> Option<(usize, &str)> {
    let line = line.trim_start();
    let end = line.find(|character: char| !character.is_ascii_digit()).unwrap_or(line.len());
    Some((line[..end].parse().ok()?, &line[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Vec<usize> {
        let lines: Vec<&str> = text.lines().collect();
        code_lines(&lines).collect()
    }

    #[test]
    fn code_is_what_is_not_blank_nor_comment_nor_string() {
        assert_eq!(code("a()\n\n# no\n  b() # yes\n\"\"\"one line\"\"\"\nc()"), [0, 3, 5]);
        assert_eq!(code("a()\n\"\"\"\nno\n\"\"\"\nb()"), [0, 4]);
        assert_eq!(code("######### import socket\n#########\nx = 3"), [0, 2]);
    }

    #[test]
    fn the_notes_own_numbers_are_no_code() {
        assert_eq!(code(" 9 a()\n10 \n11 # no\n12     b()"), [0, 3]);
        assert_eq!(code("14 a()\n15\n16 3"), [0, 2]);
        assert_eq!(code("3 + a\nb"), [0, 1]);
    }
}
