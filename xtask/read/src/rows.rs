//! A listing beside the Rust that says it: rows in the order of both.

use std::collections::BTreeSet;
use std::ops::Range;

use xtask::catalog::manifest::Listing;
use xtask::catalog::margin::{Margin, Mark, SKIP};
use xtask::catalog::numbers;

/// Lines of the note and lines of Rust that are level with each other.
#[derive(Debug, Default, PartialEq)]
pub struct Row {
    /// Lines of the note's file, one after the other; none where Rust says something of its own.
    pub note: Vec<usize>,
    /// Lines of the Rust file, in its order.
    pub rust: Vec<RustLine>,
    /// The note's lines that this Rust says with a departure.
    pub differs: BTreeSet<usize>,
    /// The note's lines that this Rust says, too, and that are in another row.
    pub also: BTreeSet<usize>,
}

#[derive(Debug, PartialEq)]
pub struct RustLine {
    pub number: usize,
    /// Whether it belongs to a statement of the listing; the others are what Rust needs besides.
    pub said: bool,
}

/// A statement with a number behind it.
struct Statement {
    numbers: BTreeSet<usize>,
    differs: bool,
    /// Lines of Rust, up to that of the number.
    rust: Range<usize>,
}

/// Statements that are level with some lines of the note.
struct Group {
    statements: Range<usize>,
    note: Range<usize>,
}

/// The rows of a listing from its first line to line `last` of the note.
///
/// Statements whose numbers rise are level with their lines. One that is elsewhere, as only a
/// departure may, has a row of its own in the Rust file's order and names the lines that it says.
pub fn rows(listing: &Listing, last: usize, margin: &Margin) -> Vec<Row> {
    let file = File { statements: statements(margin), margin, code: &listing.code };
    let mut rows = Vec::new();
    let (mut note, mut rust) = (*listing.lines.start(), first_line(margin));
    for group in groups(&file.statements) {
        let statements = &file.statements[group.statements];
        let (begins, ends) = (statements[0].rust.start, statements[statements.len() - 1].rust.end);
        file.between(note..group.note.start, rust..begins, &mut rows);
        rows.push(file.row(group.note.clone().collect(), begins..ends));
        (note, rust) = (group.note.end, ends);
    }
    file.between(note..last + 1, rust..margin.lines.len() + 1, &mut rows);
    rows
}

/// The rows in which a line of the note is said, as positions: level with it, or elsewhere.
pub fn said_in(rows: &[Row], number: usize) -> Vec<usize> {
    let says = |row: &Row| {
        let level = row.note.contains(&number) && row.rust.iter().any(|line| line.said);
        level || row.also.contains(&number)
    };
    (0..rows.len()).filter(|at| says(&rows[*at])).collect()
}

/// The first line behind the head.
fn first_line(margin: &Margin) -> usize {
    margin.lines.iter().take_while(|line| line.starts_with("//!")).count() + 1
}

/// The statements in the file's order; a line belongs to the first one that has it.
fn statements(margin: &Margin) -> Vec<Statement> {
    let mut taken = 0;
    let statement = |mark: &Mark| {
        let first = margin.first_line(mark).max(taken + 1);
        taken = mark.line;
        let numbers = numbers::expand(&mark.numbers).collect();
        Statement { numbers, differs: mark.differs, rust: first..mark.line + 1 }
    };
    margin.marks.iter().map(statement).collect()
}

fn first_number(statement: &Statement) -> usize {
    *statement.numbers.first().expect("a comment names a line")
}

/// The positions of the statements that are level with their lines: all whose numbers only rise,
/// and those departures that fit between them.
fn level(statements: &[Statement]) -> Vec<usize> {
    let mut highest = 0;
    let is_level = |at: &usize| {
        let first = first_number(&statements[*at]);
        let next = statements[*at..].iter().find(|one| !one.differs);
        let fits = first >= highest && next.is_none_or(|next| first <= first_number(next));
        highest = if fits { first } else { highest };
        fits
    };
    (0..statements.len()).filter(is_level).collect()
}

/// The level statements, those of one line together, with the lines up to the next ones'.
fn groups(statements: &[Statement]) -> Vec<Group> {
    let level = level(statements);
    let alike: Vec<&[usize]> = level
        .chunk_by(|a, b| first_number(&statements[*a]) == first_number(&statements[*b]))
        .collect();
    let group = |(position, members): (usize, &&[usize])| {
        let first = first_number(&statements[members[0]]);
        let next = alike.get(position + 1).map(|next| first_number(&statements[next[0]]));
        let named = members.iter().flat_map(|at| &statements[*at].numbers);
        let last = named.filter(|number| next.is_none_or(|next| **number < next)).max();
        let positions = members[0]..members[members.len() - 1] + 1;
        Group { statements: positions, note: first..last.map_or(first, |last| *last) + 1 }
    };
    alike.iter().enumerate().map(group).collect()
}

struct File<'a> {
    statements: Vec<Statement>,
    margin: &'a Margin,
    code: &'a BTreeSet<usize>,
}

impl File<'_> {
    fn row(&self, note: Vec<usize>, rust: Range<usize>) -> Row {
        let inside = |one: &&Statement| rust.contains(&(one.rust.end - 1));
        let here: Vec<&Statement> = self.statements.iter().filter(inside).collect();
        let named = here.iter().flat_map(|one| &one.numbers).copied();
        let differs = here.iter().filter(|one| one.differs).flat_map(|one| &one.numbers).copied();
        let line = |number: usize| {
            let said = self.statements.iter().any(|one| one.rust.contains(&number));
            RustLine { number, said }
        };
        Row {
            also: named.filter(|one| !note.contains(one) && self.code.contains(one)).collect(),
            differs: differs.collect(),
            rust: self.shown(rust).map(line).collect(),
            note,
        }
    }

    /// Lines of Rust without those that only keep rustfmt from the margin.
    fn shown(&self, lines: Range<usize>) -> impl Iterator<Item = usize> {
        lines.filter(|line| self.margin.lines[line - 1].trim() != SKIP)
    }

    /// The rows of what is between two statements: blank lines and comments of the note, and
    /// what Rust needs besides, level with each other; departures from elsewhere alone.
    fn between(&self, note: Range<usize>, rust: Range<usize>, rows: &mut Vec<Row>) {
        let note: Vec<usize> = note.collect();
        let mut rust = self.pieces(rust).into_iter().peekable();
        for lines in note.chunk_by(|a, b| self.code.contains(a) == self.code.contains(b)) {
            let said_elsewhere = self.code.contains(&lines[0]);
            let beside = rust.next_if(|piece| !said_elsewhere && self.owner(piece.start).is_none());
            rows.push(self.row(lines.to_vec(), beside.unwrap_or(0..0)));
        }
        rows.extend(rust.map(|lines| self.row(Vec::new(), lines)));
    }

    /// The position of the statement that a line belongs to.
    fn owner(&self, line: usize) -> Option<usize> {
        self.statements.iter().position(|one| one.rust.contains(&line))
    }

    /// Lines of Rust, cut where a statement begins or ends, without blank lines around each piece.
    fn pieces(&self, rust: Range<usize>) -> Vec<Range<usize>> {
        let is_blank = |line: &usize| self.margin.lines[line - 1].trim().is_empty();
        let lines: Vec<usize> = rust.collect();
        let pieces = lines.chunk_by(|a, b| self.owner(*a) == self.owner(*b));
        let trimmed = pieces.filter_map(|piece| {
            let first = piece.iter().find(|line| !is_blank(line))?;
            let last = piece.iter().rfind(|line| !is_blank(line))?;
            Some(*first..last + 1)
        });
        trimmed.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row as `note | rust`, with the numbers of the lines; pale ones in brackets.
    fn shown(code: &str, text: &str) -> Vec<String> {
        let margin = Margin::read(text);
        let code: BTreeSet<usize> = numbers::expand(&numbers::parse(code).unwrap()).collect();
        let (first, last) = (*code.first().unwrap(), *code.last().unwrap());
        let listing = Listing { note: "001".into(), lines: first..=last, files: Vec::new(), code };
        let line = |line: &RustLine| match line.said {
            true => line.number.to_string(),
            false => format!("({})", line.number),
        };
        let row = |row: &Row| {
            let note: Vec<String> = row.note.iter().map(usize::to_string).collect();
            let rust: Vec<String> = row.rust.iter().map(line).collect();
            let also: String = row.also.iter().map(|number| format!(" also {number}")).collect();
            format!("{} | {}{also}", note.join(" "), rust.join(" "))
        };
        rows(&listing, last, &margin).iter().map(row).collect()
    }

    #[test]
    fn statements_are_level_with_their_lines() {
        let text = "//! Head.\n#[rustfmt::skip]\nfn f() {\n    a(); // 3\n    b(\n        1,\n    \
                    ); // 4-5\n    loop { // 7\n        c(); // 8\n    }\n}\n";
        let expected = ["3 | 4", "4 5 | 5 6 7", "6 | ", "7 | 8", "8 | 9", " | (10) (11)"];
        let mut rows = shown("3-5,7-8", text);
        assert_eq!(rows.remove(0), " | (3)");
        assert_eq!(rows, expected);
    }

    #[test]
    fn two_statements_of_one_line_share_a_row() {
        let text = "fn f() {\n    a(); // 3\n    x();\n    b(); // 3 differs\n}\n";
        assert_eq!(shown("3", text), [" | (1)", "3 | 2 (3) 4", " | (5)"]);
    }

    #[test]
    fn a_departure_that_stands_elsewhere_names_its_line() {
        let text = "fn f() {\n    c(); // 5 differs\n    a(); // 3\n    \
                    b(); // 4, 6 differs\n    d(); // 5\n}\n";
        let rows = shown("3-6", text);
        let expected =
            [" | (1)", " | 2 also 5", "3 | 3", "4 | 4 also 6", "5 | 5", "6 | ", " | (6)"];
        assert_eq!(rows, expected);
    }

    #[test]
    fn what_rust_needs_besides_stands_beside_comments_of_the_note() {
        let text = "fn f() {\n    a(); // 3\n\n    x();\n    y();\n\n    b(); // 6\n}\n";
        assert_eq!(shown("3,6", text), [" | (1)", "3 | 2", "4 5 | (4) (5)", "6 | 7", " | (8)"]);
    }

    #[test]
    fn every_line_of_every_listing_has_its_row() {
        let root = xtask::root();
        for listing in xtask::catalog::manifest::read(root).unwrap().listings {
            for file in &listing.files {
                let text = std::fs::read_to_string(root.join(file)).unwrap();
                let margin = Margin::read(&text);
                let rows = rows(&listing, *listing.lines.end(), &margin);
                let note: Vec<usize> = rows.iter().flat_map(|row| row.note.clone()).collect();
                assert_eq!(note, listing.lines.clone().collect::<Vec<_>>(), "{file}");
                let rust = rows.iter().flat_map(|row| &row.rust).map(|line| line.number);
                let rust: Vec<usize> = rust.collect();
                assert!(rust.is_sorted_by(|a, b| a < b), "{file}");
                let head = first_line(&margin) - 1;
                for (index, line) in margin.lines.iter().enumerate().skip(head) {
                    let is_shown = rust.contains(&(index + 1));
                    let is_empty = ["", SKIP].contains(&line.trim());
                    assert!(is_shown || is_empty, "{file}:{}", index + 1);
                }
                for number in &listing.code {
                    assert!(!said_in(&rows, *number).is_empty(), "{file}: {number}");
                }
            }
        }
    }
}
