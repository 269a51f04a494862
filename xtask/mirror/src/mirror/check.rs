//! What is wrong with a file.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::mirror::source::Source;
use crate::mirror::{head, said};
use xtask::catalog::fact::Facts;
use xtask::catalog::manifest::{Listing, Prose};
use xtask::catalog::numbers;
use xtask::notes::fault::Fault;

/// How wide a line may be, comments included: two panes stand side by side.
pub const WIDEST: usize = 100;

/// The listing's code lines that the file's comments name.
pub fn named(listing: &Listing, source: &Source) -> BTreeSet<usize> {
    let comments = source.comments.iter().flat_map(|comment| numbers::expand(&comment.numbers));
    comments.filter(|number| listing.code.contains(number)).collect()
}

/// Everything that is wrong with the text of a file that mirrors a listing.
pub fn check(listing: &Listing, facts: &Facts, file: &str, text: &str) -> Vec<Fault> {
    let source = match Source::parse(text) {
        Ok(source) => source,
        Err(error) => return vec![Fault::new(file, 1, format!("is not Rust: {error}"))],
    };
    let mut faults = Vec::new();
    let mut fault = |line: usize, message: String| faults.push(Fault::new(file, line, message));
    missing(listing, &source, &mut fault);
    outside(listing, &source, &mut fault);
    order(&source, &mut fault);
    head::check(listing, &source, &mut fault);
    places(&source, &mut fault);
    said::check(listing, facts, &source, &mut fault);
    wide(&source, &mut fault);
    faults
}

/// Everything that is wrong with the text of a file that is the model of a note's prose.
pub fn model(prose: &Prose, text: &str) -> Vec<Fault> {
    let source = match Source::parse(text) {
        Ok(source) => source,
        Err(error) => return vec![Fault::new(&prose.file, 1, format!("is not Rust: {error}"))],
    };
    let mut faults = Vec::new();
    let mut fault =
        |line: usize, message: String| faults.push(Fault::new(&prose.file, line, message));
    head::model(prose, &source, &mut fault);
    wide(&source, &mut fault);
    faults
}

fn missing(listing: &Listing, source: &Source, fault: &mut impl FnMut(usize, String)) {
    for number in listing.code.difference(&named(listing, source)) {
        fault(1, format!("no comment names line {number} of {}", listing.id()));
    }
}

fn outside(listing: &Listing, source: &Source, fault: &mut impl FnMut(usize, String)) {
    let ends = |range: &RangeInclusive<usize>| BTreeSet::from([*range.start(), *range.end()]);
    for comment in &source.comments {
        for end in comment.numbers.iter().flat_map(ends) {
            if !listing.code.contains(&end) {
                fault(comment.line, format!("{end} is not a code line of {}", listing.id()));
            }
        }
    }
}

/// Numbers rise from comment to comment and inside each; several statements may carry the same
/// ones. A comment that says what differs may stand anywhere.
fn order(source: &Source, fault: &mut impl FnMut(usize, String)) {
    let mut highest = 0;
    let mut before: &[RangeInclusive<usize>] = &[];
    for comment in source.comments.iter().filter(|comment| comment.differs.is_none()) {
        let again = comment.numbers == before;
        for range in comment.numbers.iter().filter(|_| !again) {
            let first = range.start();
            if *first < highest {
                let message = format!("{first} stands after {highest}, and no `differs` says why");
                fault(comment.line, message);
            }
            highest = highest.max(*range.end());
        }
        before = &comment.numbers;
    }
}

/// Each number has its statement, and each departure a reason.
fn places(source: &Source, fault: &mut impl FnMut(usize, String)) {
    for comment in &source.comments {
        if let Err(why) = &comment.statement {
            fault(comment.line, format!("the number {why}"));
        }
        let reason = comment.differs.as_deref();
        if reason.is_some_and(|reason| reason.split_whitespace().count() < 3) {
            fault(comment.line, "a reason has three words or more".to_owned());
        }
    }
}

fn wide(source: &Source, fault: &mut impl FnMut(usize, String)) {
    for (index, line) in source.lines.iter().enumerate() {
        let width = line.chars().count();
        if width > WIDEST {
            fault(index + 1, format!("{width} columns, of at most {WIDEST}"));
        }
    }
}

#[cfg(test)]
mod tests;
