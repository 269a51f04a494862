//! The notes' own programs, as Python can run them.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::catalog::fact::{Fact, Facts};
use crate::catalog::manifest::Listing;
use crate::notes::code::without_numbers;

/// How deep lines are indented where a note has lost that, from the workspace's root.
const FILE: &str = "xtask/data/originals.tsv";

/// The blanks of a level.
const LEVEL: &str = "    ";

/// The lines of a listing in its note `note`: without the numbers that the note prints, and with
/// the indentation that it has lost. Nothing else differs.
///
/// # Errors
/// When the note ends before the listing, or a line has no level.
pub fn lines(listing: &Listing, note: &str) -> Result<Vec<String>> {
    let levels = fs::read_to_string(crate::root().join(FILE));
    let levels = levels.with_context(|| format!("read {FILE}"))?;
    let levels = levels.lines().find_map(|row| row.strip_prefix(&format!("{}\t", listing.id())));
    with_levels(listing, note, levels)
}

fn with_levels(listing: &Listing, note: &str, levels: Option<&str>) -> Result<Vec<String>> {
    let lines: Vec<&str> = note.lines().collect();
    let lines = lines.get(listing.lines.start() - 1..*listing.lines.end());
    let lines = lines.with_context(|| format!("the note ends before {}", listing.id()))?;
    let mut program: Vec<String> =
        without_numbers(lines).into_iter().map(|(_, line)| after_rule(line).to_owned()).collect();
    if let Some(levels) = levels {
        ensure!(levels.len() == program.len(), "{FILE}: a level for each line of {}", listing.id());
        for (line, level) in program.iter_mut().zip(levels.chars()) {
            let level = level.to_digit(10).with_context(|| format!("{FILE}: level {level}"))?;
            *line = format!("{}{}", LEVEL.repeat(level as usize), line.trim_start());
        }
    }
    Ok(program)
}

/// A line without the row of hashes that is a rule between two listings.
fn after_rule(line: &str) -> &str {
    match line.starts_with("########") {
        true => line.trim_start_matches('#'),
        false => line,
    }
}

/// The line on which a listing names its port, and that port; `None` where it has none.
pub fn port<'a>(listing: &Listing, facts: &'a Facts) -> Option<(usize, &'a str)> {
    listing.lines.clone().find_map(|line| {
        let ports = facts.of(&listing.note, line).iter().filter_map(|fact| match fact {
            Fact::Address(addr) => addr.rsplit_once(':'),
            _ => None,
        });
        ports.map(|(_, port)| (line, port)).next()
    })
}

/// Puts `port` into the place of the listing's own.
///
/// # Errors
/// When the listing has none there.
pub fn with_port(lines: &mut [String], listing: &Listing, facts: &Facts, port: &str) -> Result<()> {
    let missing = || format!("{} has not its port", listing.id());
    let (line, own) = self::port(listing, facts).with_context(missing)?;
    let line = &mut lines[line - listing.lines.start()];
    ensure!(line.contains(own), missing());
    *line = line.replacen(own, port, 1);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::manifest;

    fn listing(first: usize, last: usize) -> Listing {
        let lines = first..=last;
        Listing { note: "001".into(), lines: lines.clone(), files: vec![], code: lines.collect() }
    }

    const NOTE: &str =
        "words\n1 while True:\n2 bind(('localhost', 6969))\n3\n4 print(6969)\nwords\n";

    #[test]
    fn a_program_has_its_indentation_again_and_another_port() {
        let mut lines = with_levels(&listing(2, 5), NOTE, Some("0101")).unwrap();
        let addr = Fact::Address("127.0.0.1:6969".into());
        let facts = Facts([(("001".to_owned(), 3), vec![addr])].into());
        with_port(&mut lines, &listing(2, 5), &facts, "5").unwrap();
        assert_eq!(lines, ["while True:", "    bind(('localhost', 5))", "", "    print(6969)"]);
        assert!(with_port(&mut lines, &listing(2, 5), &facts, "5").is_err());
        let kept = "a\n    b(7)\n######## c\n";
        let expected = ["a", "    b(7)", " c"];
        assert_eq!(with_levels(&listing(1, 3), kept, None).unwrap(), expected);
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let errors = [(9, None, "ends before"), (5, Some("01"), "a level for")];
        for (last, levels, words) in errors {
            let error = with_levels(&listing(2, last), NOTE, levels).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn every_row_is_that_of_a_listing_and_has_a_level_for_each_line() {
        let manifest = manifest::read(crate::root()).unwrap();
        let text = fs::read_to_string(crate::root().join(FILE)).unwrap();
        let rows = text.lines().filter(|row| !row.starts_with('#')).skip(1);
        for row in rows {
            let (id, levels) = row.split_once('\t').unwrap();
            let listing = manifest.listings.iter().find(|listing| listing.id() == id).unwrap();
            assert_eq!(listing.lines.clone().count(), levels.len(), "{id}");
        }
    }
}
