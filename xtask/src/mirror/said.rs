//! Whether the statements under a number say what the listing's line says.

use crate::catalog::fact::{Fact, Facts};
use crate::catalog::manifest::Listing;
use crate::mirror::definitions::Definitions;
use crate::mirror::evidence::Evidence;
use crate::mirror::head;
use crate::mirror::source::{Comment, Source};

/// The statements of a line say its facts together, and each of them says one at least. Where a line differs, its
/// statements say one of its facts, and all its literals except those that the head names.
pub(super) fn check(
    listing: &Listing,
    facts: &Facts,
    source: &Source,
    definitions: &Definitions,
    fault: &mut impl FnMut(usize, String),
) {
    for number in &listing.code {
        let facts = facts.of(&listing.note, *number);
        let comments: Vec<_> = source.comments.iter().filter(|one| one.names(*number)).collect();
        let Some(first) = comments.first() else { continue };
        let together = evidence(&comments, source, definitions);
        let differs = comments.iter().any(|comment| comment.differs.is_some());
        if differs && !facts.iter().any(|fact| together.says(fact)) {
            fault(first.line, format!("nothing of line {number} is said here"));
        }
        let explained = head::departure(source, *number).unwrap_or_default();
        for fact in facts.iter().filter(|fact| !together.says(fact)) {
            let excused = differs && (!fact.is_literal() || is_named(fact, &together, &explained));
            if !excused {
                fault(
                    first.line,
                    format!("line {number} says `{fact}`, and no statement of it does"),
                );
            }
        }
        for comment in comments.iter().filter(|comment| comment.differs.is_none()) {
            let alone = evidence(&[comment], source, definitions);
            if !facts.iter().any(|fact| alone.says(fact)) {
                fault(comment.line, format!("the statement says nothing of line {number}"));
            }
            // A call that stands there twice has its literals twice.
            let mut calls = facts.iter().filter(|fact| matches!(fact, Fact::Call(_))).peekable();
            if calls.peek().is_none() || !calls.all(|call| alone.says(call)) {
                continue;
            }
            for fact in facts.iter().filter(|fact| fact.is_literal() && together.says(fact)) {
                if !alone.says(fact) {
                    fault(comment.line, format!("this call of line {number} is without `{fact}`"));
                }
            }
        }
    }
}

fn evidence(comments: &[&Comment], source: &Source, definitions: &Definitions) -> Evidence {
    let mut evidence = Evidence::default();
    for statement in comments.iter().filter_map(|comment| comment.statement.as_ref().ok()) {
        evidence.add(statement, &source.tokens, definitions);
    }
    evidence
}

/// Whether the head tells that a literal is another one here. Of an address it tells what changes, the host or the
/// port; the loopback interface instead of every one needs no word.
fn is_named(literal: &Fact, evidence: &Evidence, explained: &str) -> bool {
    match literal {
        Fact::Text(text) => has_word(explained, text),
        Fact::Address(address) => {
            let (host, port) = address.split_once(':').unwrap_or((address, ""));
            let host = if host == "0.0.0.0" { "127.0.0.1" } else { host };
            let there = evidence.address();
            let is_same =
                |part: &str| there.is_some_and(|there| there.split(':').any(|it| it == part));
            [host, port].iter().all(|part| is_same(part) || has_word(explained, part))
        }
        other => has_word(explained, &other.to_string()),
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let outside = |one: Option<char>| one.is_none_or(|one| !one.is_alphanumeric());
    text.match_indices(word).any(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + word.len()..]);
        outside(before.chars().next_back()) && outside(behind.chars().next())
    })
}
