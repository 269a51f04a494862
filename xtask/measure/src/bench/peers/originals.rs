//! The notes' own listings, from the reader's copy, with the repairs that let them run.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::bench::contender::{Contender, Field, Kind, printing};
use xtask::catalog::{Concurrency, Talk};
use xtask::harness::command_line::CommandLine;
use xtask::notes::copies::Copies;

const REPAIRS: &str = include_str!("repairs.tsv");

/// A terminal gets each line at once; a pipe is to get it so, too.
const LINE_BY_LINE: &str = "import sys; sys.stdout.reconfigure(line_buffering=True)\n";

const HEADER: &str = "listing\tline\twhat\ttext";

/// A listing that is measured.
struct Original {
    note: &'static str,
    first: usize,
    last: usize,
    talk: Talk,
    backlog: usize,
    concurrency: Concurrency,
}

const ORIGINALS: &[Original] = &[
    Original {
        note: "002",
        first: 146,
        last: 224,
        talk: Talk::Stream(<[u8]>::to_ascii_uppercase),
        backlog: 5,
        concurrency: Concurrency::FdSet,
    },
    Original {
        note: "002",
        first: 226,
        last: 355,
        talk: Talk::Stream(<[u8]>::to_vec),
        backlog: 10,
        concurrency: Concurrency::Many,
    },
    Original {
        note: "002",
        first: 367,
        last: 528,
        talk: Talk::Stream(<[u8]>::to_vec),
        backlog: 1000,
        concurrency: Concurrency::Many,
    },
];

impl Original {
    fn listing(&self) -> String {
        format!("{}:{}-{}", self.note, self.first, self.last)
    }
}

/// How the tables call the Python of a listing.
pub fn name_of(listing: &str) -> String {
    format!("python {listing}")
}

/// Adds the originals, which are in the folder `notes`, and puts what runs into `folder`.
///
/// # Errors
/// When the notes' folder has no notes.
pub fn add(field: &mut Field, notes: Option<&Path>, folder: &Path) -> Result<()> {
    let notes = notes.map(|notes| Copies::open(xtask::root(), notes)).transpose()?;
    for original in ORIGINALS {
        let Some(notes) = &notes else {
            field
                .add(&name_of(&original.listing()), Err("needs the notes: --notes DIR".to_owned()));
            continue;
        };
        for kind in [Kind::Original, Kind::Printing] {
            let contender = prepare(original, kind, notes, folder);
            let contender = contender.map_err(|error| format!("{error:#}"));
            field.add(&name_of(&original.listing()), contender);
        }
    }
    Ok(())
}

fn prepare(original: &Original, kind: Kind, notes: &Copies, folder: &Path) -> Result<Contender> {
    let listing = original.listing();
    let prints = kind == Kind::Printing;
    let name = if prints { printing(&name_of(&listing)) } else { name_of(&listing) };
    let (_, text) = notes.read(original.note)?;
    let lines: Vec<&str> = text.lines().collect();
    let lines = lines.get(original.first - 1..original.last).context("the note is too short")?;
    let mut repairs = repairs(REPAIRS, &listing)?;
    repairs.retain(|(_, repair)| !prints || *repair != Repair::Quiet);
    let mut program = repaired(lines, original.first, &repairs)?;
    if prints {
        program.insert_str(0, LINE_BY_LINE);
    }
    let path = folder.join(format!("{}.py", name.replace([':', ' ', ','], "-")));
    fs::write(&path, program).with_context(|| format!("write {}", path.display()))?;
    Ok(Contender {
        name,
        kind,
        line: CommandLine::new("python3").with([path]),
        args: Vec::new(),
        talk: original.talk,
        backlog: original.backlog,
        concurrency: original.concurrency,
        processors: 1,
    })
}

/// What is done to a line.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Repair<'a> {
    Becomes(&'a str),
    Then(&'a str),
    Quiet,
}

/// The repairs of a listing: the note's line, and what is done to it.
fn repairs<'a>(table: &'a str, listing: &str) -> Result<Vec<(usize, Repair<'a>)>> {
    let rows = table.lines().filter(|row| !row.starts_with('#') && *row != HEADER);
    let rows = rows.map(|row| row.splitn(4, '\t').collect::<Vec<_>>());
    let rows = rows.filter(|row| row[0] == listing);
    let parse = |row: Vec<&'a str>| {
        let repair = match row[..] {
            [_, _, "becomes", text] => Repair::Becomes(text),
            [_, _, "then", text] => Repair::Then(text),
            [_, _, "quiet"] => Repair::Quiet,
            _ => anyhow::bail!("a row of repairs is malformed: {row:?}"),
        };
        Ok((row[1].parse().with_context(|| format!("line {}", row[1]))?, repair))
    };
    rows.map(parse).collect()
}

/// A listing without the numbers that the note prints, and with its repairs.
fn repaired(lines: &[&str], first: usize, repairs: &[(usize, Repair<'_>)]) -> Result<String> {
    let mut program = String::new();
    for (place, line) in lines.iter().enumerate() {
        let (number, line) = (first + place, without_number(line));
        let code = line.trim_start();
        let indent = &line[..line.len() - code.len()];
        let repair = repairs.iter().find(|(known, _)| *known == number).map(|(_, repair)| *repair);
        ensure!(repair.is_none() || !code.is_empty(), "line {number} has nothing to repair");
        let lines = match repair {
            None => line.to_owned(),
            Some(Repair::Becomes(text)) => format!("{indent}{text}"),
            Some(Repair::Then(text)) => format!("{line}\n{indent}{text}"),
            Some(Repair::Quiet) => format!("{indent}pass"),
        };
        program += &lines;
        program.push('\n');
    }
    Ok(program)
}

/// The note prints a number and one blank before each line.
fn without_number(line: &str) -> &str {
    let rest = line.trim_start().trim_start_matches(|one: char| one.is_ascii_digit());
    rest.strip_prefix(' ').unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_original_has_repairs_inside_of_its_listing() {
        for original in ORIGINALS {
            let repairs = repairs(REPAIRS, &original.listing()).unwrap();
            assert!(!repairs.is_empty());
            for (line, _) in repairs {
                assert!((original.first..=original.last).contains(&line), "{line}");
            }
        }
        let rows = REPAIRS.lines().filter(|row| !row.starts_with('#') && *row != HEADER).count();
        let known = ORIGINALS.iter().map(|one| repairs(REPAIRS, &one.listing()).unwrap().len());
        assert_eq!(rows, known.sum::<usize>());
    }

    #[test]
    fn a_listing_is_repaired_where_it_says() {
        let lines = [" 9 while True:", "10     bind(1)", "11     print(2)", "12     go()", "13"];
        let repairs =
            [(20, Repair::Becomes("bind(0)")), (21, Repair::Quiet), (22, Repair::Then("stop()"))];
        let program = repaired(&lines, 19, &repairs).unwrap();
        assert_eq!(program, "while True:\n    bind(0)\n    pass\n    go()\n    stop()\n\n");
        assert!(repaired(&lines, 19, &[(23, Repair::Quiet)]).is_err());
    }

    #[test]
    fn a_malformed_row_is_an_error() {
        assert!(repairs("a\t1\tbecomes", "a").is_err());
        assert!(repairs("a\tx\tquiet", "a").is_err());
        assert_eq!(repairs("a\t1\tquiet\nb\t2\tquiet", "a").unwrap(), [(1, Repair::Quiet)]);
    }
}
