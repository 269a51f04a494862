//! A listing and one of its mirrors: the lines of both with their colours, and the level rows.

use std::collections::BTreeMap;

use crate::highlight::{Language, Piece, highlight};
use crate::notes::{Line, Note};
use crate::program::{Program, Said};
use crate::rows::{Row, RustLine, rows, said_in};
use xtask::catalog::manifest::Listing;
use xtask::catalog::margin::Departure;
use xtask::catalog::numbers;

pub struct Beside<'a> {
    pub program: &'a Program,
    pub rows: Vec<Row>,
    departures: Vec<Departure>,
    lines: Vec<Line<'a>>,
    python: Vec<Vec<Piece>>,
    rust: Vec<Vec<Piece>>,
}

/// Lines that Rust needs besides and that are shown without being asked for.
const SHOWN_BESIDES: usize = 3;

/// Why a row differs.
pub enum Why<'a> {
    /// What the head says of it.
    Told(Said<'a>),
    /// It has been told at this line of the note.
    As(usize),
}

impl<'a> Beside<'a> {
    pub fn new(note: Option<&'a Note>, listing: &Listing, program: &'a Program) -> Beside<'a> {
        let lines = note.map(|note| note.lines_of(listing)).unwrap_or_default();
        let last = lines.last().map_or(*listing.lines.end(), |line| line.number);
        Beside {
            program,
            rows: rows(listing, last, &program.margin),
            departures: program.departures(),
            python: highlight(Language::Python, lines.iter().map(|line| line.text)),
            rust: highlight(Language::Rust, program.margin.lines.iter().map(String::as_str)),
            lines,
        }
    }

    /// Whether the note prints numbers of its own.
    pub fn has_own_numbers(&self) -> bool {
        self.lines.iter().any(|line| line.own.is_some())
    }

    /// A line of the note: the number that it prints itself, and its text.
    pub fn note_line(&self, number: usize) -> Option<(Option<usize>, &[Piece])> {
        let at = self.lines.iter().position(|line| line.number == number)?;
        Some((self.lines[at].own, &self.python[at]))
    }

    /// A line of Rust, and its width without its number of the note, which is beside it anyway.
    pub fn rust_line(&self, number: usize) -> (&[Piece], usize) {
        (&self.rust[number - 1], self.program.margin.code(number).chars().count())
    }

    /// What stands for lines that Rust needs besides, where they are many: in both languages.
    pub fn folded(&self, lines: &[RustLine]) -> Option<[String; 2]> {
        let text = &self.program.margin.lines;
        let full = lines.iter().filter(|line| !text[line.number - 1].trim().is_empty()).count();
        let [first, .., last] = lines else { return None };
        let (from, to) = (first.number, last.number);
        let english = format!("{full} lines of Rust besides, {from} to {to}");
        let chinese = format!("Rust 自己需要的 {full} 行，{from} 至 {to}");
        (!first.said && full > SHOWN_BESIDES).then_some([english, chinese])
    }

    /// The lines of Rust that say a row's lines of the note from another row.
    pub fn said_elsewhere(&self, row: &Row) -> Vec<usize> {
        if !row.rust.is_empty() {
            return Vec::new();
        }
        let places = row.note.iter().flat_map(|number| said_in(&self.rows, *number));
        let first = |at: usize| self.rows[at].rust.iter().find(|line| line.said);
        let mut lines: Vec<usize> = places.filter_map(first).map(|line| line.number).collect();
        lines.dedup();
        lines
    }

    /// The reasons of every row. Each is told once, at the first row that has it.
    pub fn reasons(&self) -> Vec<Vec<Why<'_>>> {
        let mut told: BTreeMap<usize, usize> = BTreeMap::new();
        let mut reasons = Vec::new();
        for row in &self.rows {
            let mut here = Vec::new();
            for (position, departure) in self.departures.iter().enumerate() {
                let mut numbers = numbers::expand(&departure.numbers);
                let Some(line) = numbers.find(|number| row.differs.contains(number)) else {
                    continue;
                };
                here.push(match told.get(&position) {
                    Some(before) => Why::As(*before),
                    None => Why::Told(self.program.why(departure)),
                });
                told.entry(position).or_insert(line);
            }
            reasons.push(here);
        }
        reasons
    }
}
