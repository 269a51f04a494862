//! The code lines of a note's listings, and what they say.

use std::collections::BTreeMap;

use crate::catalog::fact::Fact;
use crate::catalog::manifest::Listing;
use crate::notes::{derive, python};

/// The code lines of a listing with their numbers; `None` where the note ends before it.
pub fn listing_of<'a>(note: &'a str, listing: &Listing) -> Option<Vec<(usize, &'a str)>> {
    let lines: Vec<&str> = note.lines().collect();
    let lines = lines.get(listing.lines.start() - 1..*listing.lines.end())?;
    let code = code_lines(lines).into_iter();
    Some(code.map(|(index, code)| (listing.lines.start() + index, code)).collect())
}

/// What code lines say, by their numbers.
pub fn facts_of(lines: &[(usize, &str)]) -> BTreeMap<usize, Vec<Fact>> {
    let tokens = lines.iter().flat_map(|(line, code)| python::tokens(*line, code));
    derive::facts(&tokens.collect::<Vec<_>>())
}

/// The facts of a line alone, without the number that the note may print in front of it.
pub fn facts_of_line(line: &str) -> Vec<Fact> {
    let code = split_number(line).map_or(line, |(_, rest)| rest);
    facts_of(&[(0, code)]).remove(&0).unwrap_or_default()
}

/// The lines that hold code, with their positions: not blank, not a comment, not inside a bare
/// string. The numbers that the note prints itself are left out, and so is a rule between two
/// listings.
fn code_lines<'a>(lines: &[&'a str]) -> Vec<(usize, &'a str)> {
    let numbered = are_numbered(lines);
    let mut in_string = false;
    let mut code = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let line = if numbered { split_number(line).map_or("", |(_, rest)| rest) } else { line };
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("\"\"\"") {
            in_string = !in_string && !rest.contains("\"\"\"");
            continue;
        }
        // A row of hashes is a rule between two listings, and code may follow it on its line.
        let after_rule =
            line.strip_prefix("########").map(|rest| rest.trim_start_matches('#').trim());
        let comment = after_rule.is_none() && line.starts_with('#');
        let line = after_rule.unwrap_or(line);
        if !in_string && !comment && !line.is_empty() {
            code.push((index, line));
        }
    }
    code
}

/// The lines of a listing without the numbers that the note prints in front of them, and those
/// numbers.
pub fn without_numbers<'a>(lines: &[&'a str]) -> Vec<(Option<usize>, &'a str)> {
    let numbered = are_numbered(lines);
    let split = |line: &'a str| match split_number(line).filter(|_| numbered) {
        Some((number, rest)) => (Some(number), rest.strip_prefix(' ').unwrap_or(rest)),
        None => (None, line),
    };
    lines.iter().map(|line| split(line)).collect()
}

/// Whether the note numbers the lines of its listing itself: most lines begin with a number.
fn are_numbered(lines: &[&str]) -> bool {
    2 * lines.iter().filter(|line| split_number(line).is_some()).count() > lines.len()
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
        code_lines(&lines).into_iter().map(|(index, _)| index).collect()
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
