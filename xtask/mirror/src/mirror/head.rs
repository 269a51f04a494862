//! What is wrong with a file's head.

use xtask::catalog::manifest::{Listing, Prose};
use xtask::catalog::margin::{DIFFERS, Margin, Mark};
use xtask::catalog::numbers;

/// The head has its five paragraphs, and names the lines that the body marks.
pub(super) fn check(listing: &Listing, margin: &Margin, fault: &mut impl FnMut(usize, String)) {
    shape(listing, margin, fault);
    differs(margin, fault);
}

fn shape(listing: &Listing, margin: &Margin, fault: &mut impl FnMut(usize, String)) {
    let (first, last) = (listing.lines.start(), listing.lines.end());
    let mirrors = format!("Mirrors note {}, lines {first}-{last}", listing.note);
    if paragraphs(["", &mirrors, "Try: ", DIFFERS, "Experiment: "], margin, fault) {
        let rest = margin.head[1].1.strip_prefix(&mirrors).unwrap_or_default();
        if !rest.starts_with(['.', ',']) {
            fault(margin.head[1].0, format!("expected `{mirrors}.`"));
        }
    }
}

/// The head of a model that a note describes in words has its five paragraphs.
pub(super) fn model(prose: &Prose, margin: &Margin, fault: &mut impl FnMut(usize, String)) {
    let follows = format!("Follows {}, in words", prose.words());
    paragraphs(["", &follows, "Try: ", "Costs: ", "Experiment: "], margin, fault);
}

/// Whether the head has five paragraphs with these beginnings, and no more.
fn paragraphs(begins: [&str; 5], margin: &Margin, fault: &mut impl FnMut(usize, String)) -> bool {
    for (position, begin) in begins.iter().enumerate() {
        match margin.head.get(position) {
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
    if let Some((line, _)) = margin.head.get(begins.len()) {
        fault(*line, "the head ends with the experiment".to_owned());
    }
    true
}

/// The same lines differ in the body and in the head, which says why.
fn differs(margin: &Margin, fault: &mut impl FnMut(usize, String)) {
    let found = margin.head.iter().find(|(_, text)| text.starts_with(DIFFERS));
    let Some((line, paragraph)) = found else { return };
    let departures = margin.departures();
    for (line, item) in margin.items() {
        if !departures.iter().any(|one| one.line == line) {
            fault(line, format!("expected `- LINES: why`, not `{item}`"));
        }
    }
    let differing: Vec<&Mark> = margin.marks.iter().filter(|mark| mark.differs).collect();
    for mark in &differing {
        if !numbers::expand(&mark.numbers).any(|one| departures.iter().any(|it| it.is_of(one))) {
            fault(mark.line, "differs, and the head does not say why".to_owned());
        }
    }
    for departure in &departures {
        for number in numbers::expand(&departure.numbers) {
            if !differing.iter().any(|mark| mark.names(number)) {
                let message = format!("the head says that {number} differs, and no line does");
                fault(departure.line, message);
            }
        }
        if departure.why.split_whitespace().count() < 3 {
            fault(departure.line, "a reason has three words or more".to_owned());
        }
    }
    if departures.is_empty() && !paragraph.starts_with(&format!("{DIFFERS} nowhere.")) {
        fault(*line, format!("expected `{DIFFERS} nowhere.` or a list"));
    }
}
