//! A note as blocks in its own order: prose, and between it the listings.

use std::ops::RangeInclusive;

use maud::{Markup, PreEscaped, html};

use crate::markdown;
use crate::notes::Note;
use xtask::catalog::manifest::Listing;

/// Lines that say again what is above are a repetition from this many on.
const REPETITION: usize = 20;

pub enum Block<'a> {
    Prose {
        /// Its lines in the note's file.
        lines: RangeInclusive<usize>,
        /// What it says, with an address for each line.
        html: Markup,
    },
    Listing(&'a Listing),
}

impl Block<'_> {
    /// Its lines in the note's file, of a note that it is in.
    pub fn lines(&self, note: &Note) -> RangeInclusive<usize> {
        match self {
            Block::Prose { lines, .. } => lines.clone(),
            Block::Listing(listing) => {
                let last = note.lines_of(listing).last().map_or(0, |line| line.number);
                *listing.lines.start()..=last
            }
        }
    }
}

pub fn blocks<'a>(note: &Note, listings: &[&'a Listing]) -> Vec<Block<'a>> {
    if is_markdown(note) {
        return markdown::blocks(note, listings);
    }
    let mut blocks = Vec::new();
    let mut next = 1;
    while next <= note.lines.len() {
        let listing = listings.iter().find(|listing| *listing.lines.start() == next);
        let block = match listing {
            Some(listing) => Block::Listing(listing),
            None => Block::Prose { lines: next..=next, html: plain(next, &note.lines[next - 1]) },
        };
        next = block.lines(note).end() + 1;
        blocks.push(block);
    }
    blocks
}

/// Where the rest of a note says again what is above, as the two lines at which both begin.
pub fn repetition(note: &Note) -> Option<(usize, usize)> {
    let lines = &note.lines;
    let first_of = |again: usize| {
        let rest = &lines[again..];
        (0..again).find(|first| lines[*first..].starts_with(rest))
    };
    let mut candidates = 1..lines.len().saturating_sub(REPETITION);
    candidates.find_map(|again| Some((first_of(again)? + 1, again + 1)))
}

/// Whether the note is written in Markdown: it fences its code. The others are text as a browser
/// shows it, in which signs of Markdown mean themselves.
fn is_markdown(note: &Note) -> bool {
    note.lines.iter().any(|line| line.starts_with("```"))
}

/// The number of a line, as a link to itself.
pub fn number(line: usize) -> Markup {
    html! { a.number href={ "#" (line) } tabindex="-1" { (line) } }
}

/// An address without anything to see.
pub fn address(line: usize) -> Markup {
    html! { span id=(line) {} }
}

fn plain(line: usize, text: &str) -> Markup {
    let trimmed = text.trim();
    let first = trimmed.chars().next();
    let is_rule = trimmed.chars().count() > 7
        && trimmed.chars().all(|one| Some(one) == first && "*#-=_".contains(one));
    match first {
        None => address(line),
        _ if is_rule => html! { hr id=(line); },
        _ if is_address(trimmed) => {
            html! { p.prose id=(line) { (number(line)) a href=(trimmed) { (trimmed) } } }
        }
        _ => html! { p.prose id=(line) { (number(line)) (text.trim_end()) } },
    }
}

fn is_address(text: &str) -> bool {
    let begins = ["http://", "https://"].iter().any(|begin| text.starts_with(begin));
    begins && !text.contains(char::is_whitespace)
}

pub fn code(first: usize, lines: &[String]) -> Markup {
    html! {
        @for (index, line) in lines.iter().enumerate() {
            span id=(first + index) { (PreEscaped(html! { (line) }.into_string())) "\n" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(text: &str) -> Note {
        let lines = text.lines().map(str::to_owned).collect();
        Note { number: "001".into(), file: "001_a.txt".into(), lines }
    }

    fn listing() -> Listing {
        Listing { note: "001".into(), lines: 3..=4, files: Vec::new(), code: [3, 4].into() }
    }

    #[test]
    fn text_and_listings_stand_in_their_order() {
        let note = note("a_b_ <c>\n\n1 x()\n2 y()\n3\n********\nhttps://a.test/b\n");
        let listing = listing();
        let blocks = blocks(&note, &[&listing]);
        let lines: Vec<_> = blocks.iter().map(|block| block.lines(&note)).collect();
        assert_eq!(lines, [1..=1, 2..=2, 3..=5, 6..=6, 7..=7]);
        let html = |at: usize| match &blocks[at] {
            Block::Prose { html, .. } => html.clone().into_string(),
            Block::Listing(listing) => listing.id(),
        };
        assert!(html(0).ends_with("a_b_ &lt;c&gt;</p>"), "{}", html(0));
        assert_eq!(html(2), "001:3-4");
        assert_eq!(html(3), "<hr id=\"6\">");
        assert!(html(4).contains("<a href=\"https://a.test/b\">"), "{}", html(4));
    }

    #[test]
    fn what_is_said_again_is_known() {
        let some: String = (0..30).map(|line| format!("{line}\n")).collect();
        assert_eq!(repetition(&note(&format!("a\n{some}b\n{some}"))), Some((2, 33)));
        assert_eq!(repetition(&note(&format!("a\n{some}b\n"))), None);
        assert_eq!(repetition(&note("")), None);
    }
}
