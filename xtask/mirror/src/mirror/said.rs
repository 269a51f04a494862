//! Whether the statements under a number say what the listing's line says.

use crate::mirror::evidence::Evidence;
use crate::mirror::source::{Comment, Source};
use xtask::catalog::fact::{Fact, Facts};
use xtask::catalog::manifest::Listing;

/// The statements of a line say its facts together, and each of them says one at least. Where a
/// line differs, the head names what it does not say behind `instead of`.
pub(super) fn check(
    listing: &Listing,
    facts: &Facts,
    source: &Source,
    fault: &mut impl FnMut(usize, String),
) {
    let departures = source.margin.departures();
    for number in &listing.code {
        let facts = facts.of(&listing.note, *number);
        let comments: Vec<_> = source.comments.iter().filter(|one| one.names(*number)).collect();
        let Some(first) = comments.first() else { continue };
        let together = evidence(&comments, source);
        let differs = comments.iter().any(|comment| comment.differs);
        let departure = departures.iter().find(|one| differs && one.is_of(*number));
        let replaced = departure.and_then(|one| one.why.split_once("instead of "));
        let replaced = replaced.map_or("", |(_, replaced)| replaced);
        let is_excused = |fact: &Fact| is_replaced(fact, &together, replaced);
        for fact in facts.iter().filter(|fact| !together.says(fact) && !is_excused(fact)) {
            fault(first.line, format!("line {number} says `{fact}`, and no statement of it does"));
        }
        for comment in &comments {
            let alone = evidence(&[comment], source);
            if !facts.iter().any(|fact| alone.says(fact)) {
                fault(comment.line, format!("the statement says nothing of line {number}"));
            }
        }
        repeated(*number, facts, &comments, source, fault);
    }
}

/// Where several statements make all the calls of a line, each of them has all its literals.
fn repeated(
    number: usize,
    facts: &[Fact],
    comments: &[&Comment],
    source: &Source,
    fault: &mut impl FnMut(usize, String),
) {
    let calls: Vec<&Fact> = facts.iter().filter(|fact| matches!(fact, Fact::Call(_))).collect();
    let statements = comments.iter().map(|comment| (comment.line, evidence(&[comment], source)));
    let calling: Vec<_> =
        statements.filter(|(_, said)| calls.iter().all(|call| said.says(call))).collect();
    if calls.is_empty() || calling.len() < 2 {
        return;
    }
    for literal in facts.iter().filter(|fact| fact.is_literal()) {
        let missing = calling.iter().filter(|(_, said)| !said.says(literal));
        if missing.clone().count() < calling.len() {
            for (line, _) in missing {
                fault(*line, format!("this call of line {number} is without `{literal}`"));
            }
        }
    }
}

fn evidence(comments: &[&Comment], source: &Source) -> Evidence {
    let mut evidence = Evidence::default();
    for statement in comments.iter().filter_map(|comment| comment.statement.as_ref().ok()) {
        evidence.add(&statement.tokens, source);
    }
    evidence
}

/// Whether the head names a fact among what is replaced. Of an address it names what changes, the
/// host or the port; the loopback interface instead of every one needs no word.
fn is_replaced(fact: &Fact, evidence: &Evidence, replaced: &str) -> bool {
    match fact {
        Fact::Text(text) => has_word(replaced, text),
        Fact::Address(address) => {
            let (host, port) = address.split_once(':').unwrap_or((address, ""));
            let host = if host == "0.0.0.0" { "127.0.0.1" } else { host };
            let there = evidence.address();
            let is_same =
                |part: &str| there.is_some_and(|there| there.split(':').any(|it| it == part));
            [host, port].iter().all(|part| is_same(part) || has_word(replaced, part))
        }
        Fact::Name(_) | Fact::Call(_) => replaced.contains(&format!("`{fact}`")),
        other => has_word(replaced, &other.to_string()),
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let outside = |one: Option<char>| one.is_none_or(|one| !one.is_alphanumeric());
    text.match_indices(word).any(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + word.len()..]);
        outside(before.chars().next_back()) && outside(behind.chars().next())
    })
}
