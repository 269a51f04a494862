//! What is wrong with a file's head.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::mirror::source::Source;
use xtask::catalog::manifest::{Listing, Prose};
use xtask::catalog::numbers;

const DIFFERS: &str = "Differs from the listing:";

/// The head has its five paragraphs, and names the lines that the body marks.
pub(super) fn check(listing: &Listing, source: &Source, fault: &mut impl FnMut(usize, String)) {
    shape(listing, source, fault);
    differs(source, fault);
}

fn shape(listing: &Listing, source: &Source, fault: &mut impl FnMut(usize, String)) {
    let (first, last) = (listing.lines.start(), listing.lines.end());
    let mirrors = format!("Mirrors note {}, lines {first}-{last}", listing.note);
    if paragraphs(["", &mirrors, "Try: ", DIFFERS, "Experiment: "], source, fault) {
        let rest = source.head[1].1.strip_prefix(&mirrors).unwrap_or_default();
        if !rest.starts_with(['.', ',']) {
            fault(source.head[1].0, format!("expected `{mirrors}.`"));
        }
    }
}

/// The head of a model that a note describes in words has its five paragraphs.
pub(super) fn model(prose: &Prose, source: &Source, fault: &mut impl FnMut(usize, String)) {
    let follows = format!("Follows {}, in words", prose.words());
    paragraphs(["", &follows, "Try: ", "Costs: ", "Experiment: "], source, fault);
}

/// Whether the head has five paragraphs with these beginnings, and no more.
fn paragraphs(begins: [&str; 5], source: &Source, fault: &mut impl FnMut(usize, String)) -> bool {
    for (position, begin) in begins.iter().enumerate() {
        match source.head.get(position) {
            Some((_, paragraph)) if paragraph.starts_with(begin) => {}
            Some((line, _)) => {
                let place = position + 1;
                fault(*line, format!("the head's paragraph {place} begins with `{begin}`"));
                return false;
            }
            None => {
                fault(1, format!("the head has a paragraph that begins with `{begin}`"));
                return false;
            }
        }
    }
    if let Some((line, _)) = source.head.get(begins.len()) {
        fault(*line, "the head ends with the experiment".to_owned());
    }
    true
}

/// What the head says of some departures.
pub struct Departure {
    /// The note's lines.
    pub numbers: Vec<RangeInclusive<usize>>,
    /// What differs there, and why.
    pub why: String,
}

/// The departures that the head lists.
pub fn departures(source: &Source) -> Vec<Departure> {
    let paragraph = source.head.iter().find(|(_, text)| text.starts_with(DIFFERS));
    let items = paragraph.into_iter().flat_map(|(_, text)| text.split("\n- ").skip(1));
    let departure = |item: &str| {
        let (list, why) = item.split_once(": ")?;
        Some(Departure { numbers: numbers::parse(list)?, why: why.to_owned() })
    };
    items.filter_map(departure).collect()
}

/// What the head says of the departure at line `number` of the note.
pub(super) fn departure(source: &Source, number: usize) -> Option<String> {
    let mut departures = departures(source).into_iter();
    let found = departures.find(|one| numbers::expand(&one.numbers).any(|line| line == number));
    found.map(|departure| departure.why)
}

/// The same lines differ in the body and in the head.
fn differs(source: &Source, fault: &mut impl FnMut(usize, String)) {
    let found = source.head.iter().find(|(_, text)| text.starts_with(DIFFERS));
    let Some((line, paragraph)) = found else { return };
    let mut listed = BTreeSet::new();
    for (offset, item) in paragraph.lines().enumerate() {
        let Some(item) = item.strip_prefix("- ") else { continue };
        let list = item.split_once(": ").and_then(|(list, _why)| numbers::parse(list));
        match list {
            Some(list) => listed.extend(numbers::expand(&list)),
            None => fault(line + offset, "expected `- LINES: why`".to_owned()),
        }
    }
    let mut marked = BTreeSet::new();
    for comment in source.comments.iter().filter(|comment| comment.differs.is_some()) {
        for number in numbers::expand(&comment.numbers) {
            marked.insert(number);
            if !listed.contains(&number) {
                fault(comment.line, format!("{number} differs, and the head does not say why"));
            }
        }
    }
    for number in listed.difference(&marked) {
        let message = format!("the head says that {number} differs, and no comment there does");
        fault(*line, message);
    }
    if listed.is_empty() && !paragraph.starts_with(&format!("{DIFFERS} nowhere.")) {
        fault(*line, format!("expected `{DIFFERS} nowhere.` or a list"));
    }
}
