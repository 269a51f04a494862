//! The notes' own programs, as Python can run them.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::catalog::manifest::Listing;
use crate::notes::code::without_numbers;

/// How deep lines are indented where a note has lost that, from the workspace's root.
const FILE: &str = "xtask/data/originals.tsv";

/// The blanks of a level.
const LEVEL: &str = "    ";

/// The text of a listing in its note `note`: without the numbers that the note prints, with the
/// indentation that it has lost, and with another port where `ports` are its own and that one.
/// Nothing else differs.
///
/// # Errors
/// When the note ends before the listing, a line has no level, or the listing has not its port.
pub fn program(listing: &Listing, note: &str, ports: Option<(u16, u16)>) -> Result<String> {
    let levels = fs::read_to_string(crate::root().join(FILE));
    let levels = levels.with_context(|| format!("read {FILE}"))?;
    let levels = levels.lines().find_map(|row| row.strip_prefix(&format!("{}\t", listing.id())));
    with_levels(listing, note, levels, ports)
}

fn with_levels(
    listing: &Listing,
    note: &str,
    levels: Option<&str>,
    ports: Option<(u16, u16)>,
) -> Result<String> {
    let lines: Vec<&str> = note.lines().collect();
    let lines = lines.get(listing.lines.start() - 1..*listing.lines.end());
    let lines = lines.with_context(|| format!("the note ends before {}", listing.id()))?;
    let mut program: Vec<String> =
        without_numbers(lines).into_iter().map(|(_, line)| line.to_owned()).collect();
    if let Some(levels) = levels {
        ensure!(levels.len() == program.len(), "{FILE}: a level for each line of {}", listing.id());
        for (line, level) in program.iter_mut().zip(levels.chars()) {
            let level = level.to_digit(10).with_context(|| format!("{FILE}: level {level}"))?;
            *line = format!("{}{}", LEVEL.repeat(level as usize), line.trim_start());
        }
    }
    if let Some((own, port)) = ports {
        let own = own.to_string();
        let line = program.iter_mut().find(|line| line.contains(&own));
        let line = line.with_context(|| format!("{} has no port {own}", listing.id()))?;
        *line = line.replacen(&own, &port.to_string(), 1);
    }
    Ok(program.join("\n") + "\n")
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
        let text = with_levels(&listing(2, 5), NOTE, Some("0101"), Some((6969, 5))).unwrap();
        assert_eq!(text, "while True:\n    bind(('localhost', 5))\n\n    print(6969)\n");
        let kept = "a\n    b(7)\n";
        assert_eq!(with_levels(&listing(1, 2), kept, None, None).unwrap(), kept);
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let error =
            |last, levels, own| with_levels(&listing(2, last), NOTE, levels, Some((own, 1)));
        let errors = [error(9, None, 6969), error(5, Some("01"), 6969), error(5, None, 80)];
        for (error, words) in errors.iter().zip(["ends before", "a level for", "no port 80"]) {
            let error = error.as_ref().unwrap_err().to_string();
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
