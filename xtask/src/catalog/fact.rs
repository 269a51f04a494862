//! What a listing's line says, without its text: the names that it calls, its literals, and whether
//! it opens a block.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::catalog::manifest::Manifest;
use crate::catalog::numbers;

/// Where they are, from the workspace's root.
const FILE: &str = "xtask/data/facts.tsv";

/// One thing that a line of a listing says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// `:`: the line opens a block.
    Block,
    /// `import socket`: a module that the line brings in, and that the listing uses.
    Import(String),
    /// `recv()`: a name that the line calls.
    Call(String),
    /// `inputs`: a variable that the line binds or asks, a flag, an attribute.
    Name(String),
    /// `1024`: a number.
    Number(String),
    /// `False`: a truth value.
    Truth(bool),
    /// `[0]`: a position.
    Index(usize),
    /// `127.0.0.1:8080`: an address.
    Address(String),
    /// `"hello"`: text that is not only shown to people; `{}` is where a value is put in.
    Text(String),
}

impl Fact {
    /// Reads a fact as it is written in the manifest.
    fn parse(text: &str) -> Option<Fact> {
        let owned = str::to_owned;
        if let Some(module) = text.strip_prefix("import ") {
            return Some(Fact::Import(module.to_owned()));
        }
        if let Some(inner) = text.strip_prefix('"') {
            return inner.strip_suffix('"').map(owned).map(Fact::Text);
        }
        if let Some(inner) = text.strip_prefix('[') {
            return inner.strip_suffix(']')?.parse().ok().map(Fact::Index);
        }
        if let Some(name) = text.strip_suffix("()") {
            return is_name(name).then(|| Fact::Call(name.to_owned()));
        }
        match text {
            ":" => Some(Fact::Block),
            "True" => Some(Fact::Truth(true)),
            "False" => Some(Fact::Truth(false)),
            _ if text.contains(':') => Some(Fact::Address(text.to_owned())),
            _ if text.starts_with(|first: char| first.is_ascii_digit()) => {
                Some(Fact::Number(text.to_owned()))
            }
            _ => is_name(text).then(|| Fact::Name(text.to_owned())),
        }
    }

    /// Whether the fact is a value that is in the listing: a number, an address, text, a flag.
    pub fn is_literal(&self) -> bool {
        match self {
            Fact::Number(_) | Fact::Truth(_) | Fact::Address(_) | Fact::Text(_) => true,
            Fact::Name(name) => name.starts_with("EPOLL") || name.starts_with("EVENT_"),
            _ => false,
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|one| one.is_alphanumeric() || one == '_')
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fact::Block => f.write_str(":"),
            Fact::Import(module) => write!(f, "import {module}"),
            Fact::Name(text) | Fact::Number(text) | Fact::Address(text) => f.write_str(text),
            Fact::Call(name) => write!(f, "{name}()"),
            Fact::Truth(true) => f.write_str("True"),
            Fact::Truth(false) => f.write_str("False"),
            Fact::Index(position) => write!(f, "[{position}]"),
            Fact::Text(text) => write!(f, "\"{text}\""),
        }
    }
}

/// The facts of all lines, by note and line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts(pub BTreeMap<(String, usize), Vec<Fact>>);

impl Facts {
    /// The facts of a line; none where it holds no code.
    pub fn of(&self, note: &str, line: usize) -> &[Fact] {
        self.0.get(&(note.to_owned(), line)).map_or(&[], Vec::as_slice)
    }

    /// As [`parse`] reads it.
    pub fn rows(&self) -> String {
        let row = |((note, line), facts): (&(String, usize), &Vec<Fact>)| {
            let facts: String = facts.iter().map(|fact| format!("\t{fact}")).collect();
            format!("{note}:{line}{facts}\n")
        };
        self.0.iter().map(row).collect()
    }
}

/// Reads rows of a line (`002:170`) and its facts, separated by tabs; `#` begins a comment.
///
/// # Errors
/// When a row is malformed or is there twice; the message names it.
pub fn parse(text: &str) -> Result<Facts> {
    let mut facts = Facts::default();
    for (index, row) in text.lines().enumerate().filter(|(_, row)| !row.starts_with('#')) {
        let (place, said) = parse_row(row).with_context(|| format!("line {}", index + 1))?;
        let known = facts.0.insert(place, said);
        ensure!(known.is_none(), "line {}: stands there twice", index + 1);
    }
    Ok(facts)
}

fn parse_row(row: &str) -> Result<((String, usize), Vec<Fact>)> {
    let mut columns = row.split('\t');
    let place = columns.next().unwrap_or_default();
    let (note, line) = place.split_once(':').context("expected a line as 002:170")?;
    let line = numbers::parse(line).context("expected a line as 002:170")?;
    let [line] = line.as_slice() else { bail!("expected one line as 002:170") };
    ensure!(line.start() == line.end(), "expected one line as 002:170");
    let said: Option<Vec<Fact>> = columns.map(Fact::parse).collect();
    let said = said.context("expected facts as `recv()`, `1024`, `conn`")?;
    ensure!(!said.is_empty(), "a row without a fact");
    Ok(((note.to_owned(), *line.start()), said))
}

/// Reads what each code line of the manifest says, from the workspace at `root`.
///
/// # Errors
/// When it cannot be read, a line is malformed, or one that is no code says something.
pub fn read(root: &Path, manifest: &Manifest) -> Result<Facts> {
    let text = fs::read_to_string(root.join(FILE)).with_context(|| format!("read {FILE}"))?;
    let facts = parse(&text).with_context(|| format!("read {FILE}"))?;
    for (note, line) in facts.0.keys() {
        let known = manifest.listings.iter().any(|listing| listing.holds(note, *line));
        ensure!(known, "{FILE} says something of {note}:{line}, which no listing holds");
    }
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::strange;

    #[test]
    fn what_is_written_is_read() {
        let rows =
            "001:9\t:\timport socket\trecv()\tconn\t1024\tFalse\t[0]\t127.0.0.1:1\t\"a {}\"\n";
        let facts = parse(&format!("# facts\n{rows}")).unwrap();
        let kinds = |fact: &Fact| std::mem::discriminant(fact);
        let kinds: Vec<_> = facts.of("001", 9).iter().map(kinds).collect();
        assert!((1..kinds.len()).all(|index| !kinds[..index].contains(&kinds[index])));
        assert_eq!(kinds.len(), 9);
        assert_eq!(facts.rows(), rows);
        assert_eq!(facts.of("001", 8), []);
    }

    #[test]
    fn a_malformed_row_is_named() {
        for row in
            ["001", "001:9", "001:9-10\ta", "001:x\ta", "001:9\t", "001:9\t\"a", "001:9\ta b"]
        {
            let error = parse(&format!("# facts\n{row}\n")).unwrap_err();
            assert!(format!("{error:#}").starts_with("line 2: "), "{row}: {error:#}");
        }
        let twice = parse("001:9\ta\n001:9\ta\n").unwrap_err();
        assert!(twice.to_string().contains("twice"), "{twice}");
    }

    #[test]
    fn no_text_is_too_strange() {
        let pieces = "001 : a () \" [ ] . \t \n".split(' ').collect::<Vec<_>>();
        strange(&pieces, |text| drop(parse(text)));
    }
}
