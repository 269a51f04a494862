//! What is wrong with a file.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::mirror::source::Source;
use crate::mirror::{head, said};
use xtask::catalog::fact::Facts;
use xtask::catalog::manifest::{Listing, Prose};
use xtask::catalog::margin::{Margin, Mark, columns};
use xtask::catalog::numbers;
use xtask::notes::fault::Fault;

/// How wide a line may be, comments included: two panes are side by side.
pub const WIDEST: usize = 100;

/// The listing's code lines that the file names.
pub fn named(listing: &Listing, margin: &Margin) -> BTreeSet<usize> {
    let named = margin.marks.iter().flat_map(|mark| numbers::expand(&mark.numbers));
    named.filter(|number| listing.code.contains(number)).collect()
}

pub fn check(listing: &Listing, facts: &Facts, file: &str, text: &str) -> Vec<Fault> {
    match Source::parse(text) {
        Ok(source) => of_source(listing, facts, file, &source),
        Err(error) => vec![Fault::new(file, 1, format!("is not Rust: {error}"))],
    }
}

/// The same of a file that is Rust.
pub fn of_source(listing: &Listing, facts: &Facts, file: &str, source: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |line: usize, message: String| faults.push(Fault::new(file, line, message));
    missing(listing, &source.margin, &mut fault);
    outside(listing, &source.margin, &mut fault);
    order(&source.margin, &mut fault);
    head::check(listing, &source.margin, &mut fault);
    places(source, &mut fault);
    said::check(listing, facts, source, &mut fault);
    wide(&source.margin, &mut fault);
    faults
}

/// Everything that is wrong with the text of a file that is the model of a note's prose.
pub fn model(prose: &Prose, text: &str) -> Vec<Fault> {
    let margin = Margin::read(text);
    let mut faults = Vec::new();
    let mut fault =
        |line: usize, message: String| faults.push(Fault::new(&prose.file, line, message));
    head::model(prose, &margin, &mut fault);
    wide(&margin, &mut fault);
    faults
}

fn missing(listing: &Listing, margin: &Margin, fault: &mut impl FnMut(usize, String)) {
    for number in listing.code.difference(&named(listing, margin)) {
        fault(1, format!("no comment names line {number} of {}", listing.id()));
    }
}

fn outside(listing: &Listing, margin: &Margin, fault: &mut impl FnMut(usize, String)) {
    let ends = |range: &RangeInclusive<usize>| BTreeSet::from([*range.start(), *range.end()]);
    for mark in &margin.marks {
        for end in mark.numbers.iter().flat_map(ends) {
            if !listing.code.contains(&end) {
                fault(mark.line, format!("{end} is not a code line of {}", listing.id()));
            }
        }
    }
}

/// Numbers rise from line to line and inside each; several statements may carry the same ones. Of a
/// departure one statement is in order, and others may be anywhere.
fn order(margin: &Margin, fault: &mut impl FnMut(usize, String)) {
    let departures = margin.departures();
    let mut highest = 0;
    let mut before: &[RangeInclusive<usize>] = &[];
    for mark in &margin.marks {
        let differs = |first: usize| mark.differs && departures.iter().any(|one| one.is_of(first));
        let again = mark.numbers == before;
        for range in mark.numbers.iter().filter(|range| !again && !differs(*range.start())) {
            let first = range.start();
            if *first < highest {
                fault(mark.line, format!("{first} is after {highest}, and does not differ"));
            }
            highest = highest.max(*range.end());
        }
        before = &mark.numbers;
    }
    for departure in &departures {
        let is_its_own = |at: &usize| {
            let mark = &margin.marks[*at];
            numbers::expand(&departure.numbers).any(|number| mark.names(number))
        };
        let own: Vec<usize> = (0..margin.marks.len()).filter(is_its_own).collect();
        if let Some(first) = own.first().filter(|_| !own.iter().any(|at| is_in_order(margin, *at)))
        {
            let list = &departure.list;
            let message = format!("no statement of {list} is where the listing has it");
            fault(margin.marks[*first].line, message);
        }
    }
}

/// Whether the number at a position is between those around it that do not differ.
fn is_in_order(margin: &Margin, at: usize) -> bool {
    let first = |mark: &Mark| *mark.numbers[0].start();
    let here = first(&margin.marks[at]);
    let before = margin.marks[..at].iter().rfind(|mark| !mark.differs);
    let after = margin.marks[at..].iter().find(|mark| !mark.differs);
    before.is_none_or(|mark| first(mark) <= here) && after.is_none_or(|mark| here <= first(mark))
}

/// Each number has its statement, and all numbers of the margin are at one column.
fn places(source: &Source, fault: &mut impl FnMut(usize, String)) {
    let in_margin = |mark: &&Mark| source.margin.is_in_margin(mark);
    let column = |mark: &Mark| source.margin.column(mark) + 1;
    let margin = source.margin.marks.iter().filter(in_margin).map(column).max().unwrap_or(0);
    for comment in &source.comments {
        if let Err(why) = &comment.statement {
            fault(comment.line, format!("the number {why}"));
        }
        let here = column(comment);
        if source.margin.is_in_margin(comment) && here != margin {
            fault(comment.line, format!("the number is at column {here}, the margin at {margin}"));
        }
    }
}

fn wide(margin: &Margin, fault: &mut impl FnMut(usize, String)) {
    for (index, line) in margin.lines.iter().enumerate() {
        let width = columns(line);
        if width > WIDEST {
            fault(index + 1, format!("{width} columns, of at most {WIDEST}"));
        }
    }
}

#[cfg(test)]
mod tests;
