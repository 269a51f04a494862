//! Each name and each literal of each listing, changed, and each call, deleted.

use std::ops::Range;

use crate::mirror::evidence::{Value, plain};
use crate::mirror::names;
use crate::mirror::proof::changes::{Mirror, all_refused, replace};
use crate::mirror::rust::{self, Kind, Token};
use xtask::catalog::fact::Fact;

/// What a token that says a literal becomes: another literal of its kind, or several of them in
/// turn.
fn others(token: &Token, literal: &Fact) -> Vec<String> {
    let text = &token.text;
    match (literal, token.kind, Value::of(text)) {
        (Fact::Number(number), Kind::Literal, Value::Number(here)) if here == *number => {
            let next = here.parse::<u64>().unwrap() + 1;
            vec![next.to_string(), format!("1{here}")]
        }
        (Fact::Truth(truth), Kind::Word, _) if *text == truth.to_string() => {
            vec![(!truth).to_string()]
        }
        (Fact::Address(address), Kind::Literal, Value::Text(here))
            if port(&here) == port(address) =>
        {
            let (host, port) = here.split_once(':').unwrap();
            vec![format!("\"{host}:1{port}\""), format!("\"{host}1:{port}\"")]
        }
        (Fact::Text(said), Kind::Literal, Value::Text(here))
            if here == *said || said.split("{}").any(|part| part == here) =>
        {
            let inner = text.trim_end_matches('"');
            vec![format!("{inner}x\""), text.replacen('"', "\"x", 1)]
        }
        (Fact::Name(flag), Kind::Word, _)
            if flag == text || names::of_name(flag).contains(&text.as_str()) =>
        {
            vec!["OTHER".to_owned()]
        }
        _ => Vec::new(),
    }
}

/// The port of an address, whose host may be the loopback interface's in a mirror.
fn port(address: &str) -> Option<&str> {
    address.split_once(':').map(|(_, port)| port)
}

/// The tokens that say a literal of a line, for each statement that does; where none does, the
/// address in `arguments!`, which statements reach as `args.addr`.
fn places(mirror: &Mirror, number: usize, literal: &Fact) -> Vec<Vec<usize>> {
    let tokens = &mirror.source.tokens;
    let says = |at: &usize| !others(&tokens[*at], literal).is_empty();
    let statements = mirror.naming(number).into_iter().flat_map(|comment| &comment.statement);
    let here = statements.map(|one| one.tokens.iter().copied().filter(says).collect());
    let here: Vec<Vec<usize>> = here.filter(|places: &Vec<usize>| !places.is_empty()).collect();
    let is_argument =
        |at: &usize| tokens[at - 2].is("!") && tokens[at - 3].text.ends_with("arguments");
    let elsewhere: Vec<usize> = (3..tokens.len()).filter(is_argument).filter(says).collect();
    match here.is_empty() && !elsewhere.is_empty() {
        true => vec![elsewhere],
        false => here,
    }
}

#[test]
fn each_literal_that_is_changed_is_refused() {
    all_refused(200, |tried, mirror| {
        let tokens = &mirror.source.tokens;
        for number in &mirror.listing.code {
            for literal in mirror.said(*number).iter().filter(|fact| fact.is_literal()) {
                let places = places(mirror, *number, literal);
                let differs = mirror.naming(*number).iter().any(|comment| comment.differs);
                assert!(differs || !places.is_empty(), "{} {number}: {literal}", mirror.file);
                for place in places {
                    let ways = place.iter().map(|at| others(&tokens[*at], literal).len()).min();
                    for way in 0..ways.unwrap() {
                        let mut lines = mirror.lines();
                        // From the end, so that the places before it stay.
                        for at in place.iter().rev() {
                            let token = &tokens[*at];
                            replace(&mut lines, token, token, &others(token, literal)[way]);
                        }
                        let what = format!("{number}: another {literal}");
                        tried.change_of(mirror, &[*number], &what, &lines);
                    }
                }
            }
        }
    });
}

#[test]
fn each_name_that_is_changed_is_refused() {
    all_refused(800, |tried, mirror| {
        for number in &mirror.listing.code {
            for fact in mirror.said(*number) {
                let (name, ways) = match fact {
                    Fact::Call(name) => (name, names::of_call(name)),
                    Fact::Name(name) => (name, names::of_name(name)),
                    _ => continue,
                };
                let mut lines = mirror.lines();
                for at in mirror.tokens(*number).into_iter().rev() {
                    let token = &mirror.source.tokens[at];
                    if token.start.line == token.end.line {
                        replace(&mut lines, token, token, &renamed(token, name, ways));
                    }
                }
                let what = format!("{number}: another {fact}");
                tried.change_of(mirror, &[*number], &what, &lines);
            }
        }
    });
}

/// A token without a name; in a format string it may be in braces.
fn renamed(token: &Token, name: &str, ways: &[&str]) -> String {
    let is_it =
        |word: &str| plain(word) == plain(name) || ways.iter().any(|way| plain(way) == plain(word));
    match token.kind {
        Kind::Word if is_it(&token.text) => "changed_name".to_owned(),
        Kind::Literal => {
            let text = token.text.replace(&format!("{{{name}}}"), "{changed_name}");
            if is_it(text.trim_matches('"')) { "\"changed_name\"".to_owned() } else { text }
        }
        _ => token.text.clone(),
    }
}

#[test]
fn each_call_that_is_deleted_is_refused() {
    all_refused(400, |tried, mirror| {
        let tokens = &mirror.source.tokens;
        for number in &mirror.listing.code {
            for fact in mirror.said(*number) {
                let Fact::Call(name) = fact else { continue };
                let mut calls: Vec<Range<usize>> = Vec::new();
                for call in
                    mirror.tokens(*number).into_iter().filter_map(|at| call(tokens, at, name))
                {
                    // A call inside another one is deleted with it.
                    if calls.last().is_none_or(|last| last.end <= call.start) {
                        calls.push(call);
                    }
                }
                let mut lines = mirror.lines();
                for call in calls.into_iter().rev() {
                    let (first, last) = (&tokens[call.start], &tokens[call.end - 1]);
                    // Of a call that is no method, `()` is left.
                    replace(&mut lines, first, last, if first.is(".") { "" } else { "()" });
                }
                tried.change_of(mirror, &[*number], &format!("{number}: no {fact}"), &lines);
            }
        }
    });
}

/// The tokens of a call of one line that says `name`, with the dot before it.
fn call(tokens: &[Token], at: usize, name: &str) -> Option<Range<usize>> {
    let token = tokens[at].text.as_str();
    let is_it = plain(token) == plain(name) || names::of_call(name).contains(&token);
    let is_open = |at: &usize| tokens[*at].kind == Kind::Open;
    let open = (at + 1..at + 5).take_while(|_| is_it).find(is_open)?;
    let close = rust::closing(tokens, open)?;
    let first = if tokens[at - 1].is(".") { at - 1 } else { at };
    (tokens[first].start.line == tokens[close].end.line).then_some(first..close + 1)
}
