//! The blocks of a note that is written in Markdown.

use std::ops::Range;

use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{Event, Parser, Tag};

use crate::notes::Note;
use crate::prose::{Block, address, code, number};
use crate::text::{OPTIONS, safe};
use xtask::catalog::manifest::Listing;

/// Events that are a block of the document, and its place in the text.
struct Found<'a> {
    events: Vec<(Event<'a>, Range<usize>)>,
    place: Range<usize>,
}

/// The blocks of a note; a listing that is in a fenced block cuts it.
pub fn blocks<'a>(note: &Note, listings: &[&'a Listing]) -> Vec<Block<'a>> {
    let text: String = note.lines.iter().map(|line| format!("{line}\n")).collect();
    let ends = text.match_indices('\n').map(|(at, _)| at + 1);
    let starts: Vec<usize> = std::iter::once(0).chain(ends).collect();
    let line_of = |at: usize| starts.partition_point(|start| *start <= at);
    let mut blocks = Vec::new();
    let mut next = 1;
    for found in found(&text) {
        let lines = line_of(found.place.start).max(next)..line_of(found.place.end.max(1) - 1) + 1;
        blocks.extend(addresses(next..lines.start));
        next = lines.end.max(next);
        match found.events[0].0 {
            Event::Start(Tag::CodeBlock(_) | Tag::MetadataBlock(_)) => {
                blocks.extend(fenced(note, lines, listings));
            }
            _ => blocks.push(prose(found, lines, line_of)),
        }
    }
    blocks.extend(addresses(next..note.lines.len() + 1));
    blocks
}

fn found(text: &str) -> Vec<Found<'_>> {
    let mut found: Vec<Found> = Vec::new();
    let mut depth = 0;
    for (event, place) in Parser::new_ext(text, OPTIONS).into_offset_iter() {
        if depth == 0 {
            found.push(Found { events: Vec::new(), place: place.clone() });
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
        if let Some(block) = found.last_mut() {
            block.events.push((event, place));
        }
    }
    found
}

/// Lines without anything to see have addresses, too.
fn addresses<'a>(lines: Range<usize>) -> Option<Block<'a>> {
    let html = html! { @for line in lines.clone() { (address(line)) } };
    (!lines.is_empty()).then(|| Block::Prose { lines: lines.start..=lines.end - 1, html })
}

/// A block of words, with an address where each line begins.
fn prose<'a>(found: Found, lines: Range<usize>, line_of: impl Fn(usize) -> usize) -> Block<'a> {
    let mut next = lines.start;
    let mut events = Vec::new();
    for (event, place) in found.events {
        // Only where words may be: an address between the rows of a table would end the table.
        let in_words = matches!(
            event,
            Event::Text(_)
                | Event::Code(_)
                | Event::Start(Tag::Emphasis | Tag::Strong | Tag::Link { .. } | Tag::Image { .. })
        );
        let line = line_of(place.start);
        if in_words && next <= line {
            let here = html! { @for line in next..=line { (address(line)) } };
            events.push(Event::InlineHtml(here.into_string().into()));
            next = line + 1;
        }
        // Who writes one sentence a line wants to see the lines.
        let event = if event == Event::SoftBreak { Event::HardBreak } else { event };
        events.extend(safe(std::iter::once(event)));
    }
    let rest = html! { @for line in next..lines.end { (address(line)) } };
    let mut words = String::new();
    pulldown_cmark::html::push_html(&mut words, events.into_iter());
    let html = html! {
        div.prose { (number(lines.start)) (PreEscaped(words)) (rest) }
    };
    Block::Prose { lines: lines.start..=lines.end - 1, html }
}

/// A fenced block, or the data before a document: its listings, and what is around them as
/// code.
fn fenced<'a>(note: &Note, lines: Range<usize>, listings: &[&'a Listing]) -> Vec<Block<'a>> {
    let mut blocks = Vec::new();
    let mut next = lines.start;
    for listing in listings.iter().filter(|listing| lines.contains(listing.lines.start())) {
        blocks.extend(around(note, next..*listing.lines.start()));
        blocks.push(Block::Listing(listing));
        next = listing.lines.end() + 1;
    }
    blocks.extend(around(note, next..lines.end));
    blocks
}

/// Lines of a fenced block that are no listing; those of the fences themselves are not shown.
fn around<'a>(note: &Note, lines: Range<usize>) -> Option<Block<'a>> {
    let fences = ["```", "---"];
    let is_fence = |line: usize| {
        fences.iter().any(|fence| note.lines[line - 1].trim_start().starts_with(fence))
    };
    let shown: Vec<usize> = lines.clone().filter(|line| !is_fence(*line)).collect();
    let has_words = shown.iter().any(|line| !note.lines[line - 1].trim().is_empty());
    let (Some(first), Some(last)) = (shown.first(), shown.last()) else {
        return addresses(lines);
    };
    if !has_words {
        return addresses(lines);
    }
    let fences = lines.clone().filter(|line| is_fence(*line));
    let html: Markup = html! {
        @for line in fences { (address(line)) }
        div.prose { (number(*first)) pre { (code(*first, &note.lines[first - 1..*last])) } }
    };
    Some(Block::Prose { lines: lines.start..=lines.end - 1, html })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(text: &str) -> Note {
        let lines = text.lines().map(str::to_owned).collect();
        Note { number: "003".into(), file: "003_a.txt".into(), lines }
    }

    #[test]
    fn a_listing_cuts_its_fence_and_every_line_has_an_address() {
        let text = "---\na: b\n---\n# Title\n\nwords\nmore *words*\n\n\
                    ```python\n# before\nx()\ny()\n```\n\n\
                    | a | b |\n| - | - |\n| c | d |\n\n1. one\n2. two\n<b>\n";
        let note = note(text);
        let listing = Listing {
            note: "003".into(),
            lines: 11..=12,
            files: Vec::new(),
            code: [11, 12].into(),
        };
        let blocks = blocks(&note, &[&listing]);
        let html: String = blocks
            .iter()
            .map(|block| match block {
                Block::Prose { html, .. } => html.clone().into_string(),
                Block::Listing(listing) => listing.id(),
            })
            .collect();
        for line in (1..=note.lines.len()).filter(|line| !listing.lines.contains(line)) {
            let id = format!(" id=\"{line}\"");
            assert_eq!(html.matches(&id).count(), 1, "line {line} of {html}");
        }
        assert!(html.contains("# before\n</span></pre></div>003:11-12"), "{html}");
        assert!(html.contains("</th></tr></thead>") && html.contains("&lt;b&gt;"), "{html}");
        let lines: Vec<usize> = blocks.iter().flat_map(|block| block.lines(&note)).collect();
        assert_eq!(lines, (1..=note.lines.len()).collect::<Vec<_>>());
    }
}
