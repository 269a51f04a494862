//! What is done to a line of a note's own program, so that it runs on.

use std::fs;

use anyhow::{Context, Result, bail, ensure};

use crate::catalog::manifest::Listing;

/// Where the repairs are, from the workspace's root.
const FILE: &str = "xtask/data/repairs.tsv";
const HEADER: &str = "listing\tline\twhat\ttext";

/// A repair of a listing.
#[derive(Clone, Debug, PartialEq)]
pub struct Repair {
    /// The note's line.
    pub line: usize,
    /// What is done to it.
    pub what: What,
    text: String,
}

/// What is done to a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum What {
    /// It is another one.
    Becomes,
    /// Another one follows it.
    Then,
    /// It prints, and is left out.
    Quiet,
    /// It is another one where a departure behind it is looked for.
    Mends,
}

/// The repairs of a listing.
///
/// # Errors
/// When they cannot be read, or a row is malformed.
pub fn read(listing: &Listing) -> Result<Vec<Repair>> {
    let text = fs::read_to_string(crate::root().join(FILE));
    let repairs = parse(&text.with_context(|| format!("read {FILE}"))?, &listing.id())?;
    for Repair { line, .. } in &repairs {
        ensure!(listing.lines.contains(line), "{FILE}: {} has no line {line}", listing.id());
    }
    Ok(repairs)
}

fn parse(table: &str, listing: &str) -> Result<Vec<Repair>> {
    let rows = table.lines().filter(|row| !row.starts_with('#') && *row != HEADER);
    let rows = rows.map(|row| row.splitn(4, '\t').collect::<Vec<_>>());
    let parse = |row: Vec<&str>| {
        let (what, text) = match row[..] {
            [_, _, "becomes", text] => (What::Becomes, text),
            [_, _, "then", text] => (What::Then, text),
            [_, _, "mends", text] => (What::Mends, text),
            [_, _, "quiet"] => (What::Quiet, "pass"),
            _ => bail!("a row of repairs is malformed: {row:?}"),
        };
        let line = row[1].parse().with_context(|| format!("line {}", row[1]))?;
        Ok(Repair { line, what, text: text.replace("\\n", "\n") })
    };
    rows.filter(|row| row[0] == listing).map(parse).collect()
}

/// The lines of a listing from its line `first` on, with repairs. A line that became several is
/// still one of them.
///
/// # Errors
/// When a line has nothing to repair.
pub fn repair(lines: &mut [String], first: usize, repairs: &[Repair]) -> Result<()> {
    for Repair { line: number, what, text } in repairs {
        let line = &mut lines[number - first];
        let code = line.trim_start();
        ensure!(!code.is_empty(), "line {number} has nothing to repair");
        let indent = &line[..line.len() - code.len()];
        let text = format!("{indent}{}", text.replace('\n', &format!("\n{indent}")));
        *line = if *what == What::Then { format!("{line}\n{text}") } else { text };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::manifest;

    #[test]
    fn every_row_is_that_of_a_line_of_a_listing() {
        let text = fs::read_to_string(crate::root().join(FILE)).unwrap();
        let rows = text.lines().filter(|row| !row.starts_with('#') && *row != HEADER).count();
        let listings = manifest::read(crate::root()).unwrap().listings;
        let known = listings.iter().map(|listing| read(listing).unwrap().len());
        assert_eq!(rows, known.sum::<usize>());
    }

    #[test]
    fn a_listing_is_repaired_where_it_says() {
        let mut lines =
            ["while True:", "    bind(1)", "    print(2)", "    go()", ""].map(str::to_owned);
        let table = "a\t20\tbecomes\tbind(0)\na\t21\tquiet\na\t22\tthen\tif 3:\\n    stop()";
        repair(&mut lines, 19, &parse(table, "a").unwrap()).unwrap();
        let expected = "while True:\n    bind(0)\n    pass\n    go()\n    if 3:\n        stop()\n";
        assert_eq!(lines.join("\n"), expected);
        let nothing = parse("a\t23\tquiet", "a").unwrap();
        assert!(repair(&mut lines, 19, &nothing).is_err());
    }

    #[test]
    fn a_malformed_row_is_an_error() {
        assert!(parse("a\t1\tbecomes", "a").is_err());
        assert!(parse("a\tx\tquiet", "a").is_err());
        assert_eq!(parse("a\t1\tquiet\nb\t2\tquiet", "a").unwrap().len(), 1);
    }
}
