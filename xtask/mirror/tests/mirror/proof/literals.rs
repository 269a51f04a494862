//! Each name and each literal of each listing, changed, and each call, deleted.

use std::ops::Range;

use xtask::catalog::fact::Fact;
use xtask_mirror::mirror::evidence::Value;
use xtask_mirror::mirror::names;
use xtask_mirror::mirror::rust::{Kind, Token};

use crate::changes::{Mirror, Tried, replace};

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

/// Where an address is that a statement reaches as `args.addr`: in `arguments!`.
fn elsewhere(mirror: &Mirror, literal: &Fact) -> Vec<usize> {
    let tokens = &mirror.source.tokens;
    let is_call = |at: &usize| {
        *at > 2 && tokens[at - 2].is("!") && tokens[at - 3].text.ends_with("arguments")
    };
    let places = (0..tokens.len()).filter(is_call);
    places.filter(|at| !others(&tokens[*at], literal).is_empty()).collect()
}

#[test]
fn each_literal_that_is_changed_is_refused() {
    let mut tried = Tried::default();
    let mut without = Vec::new();
    for mirror in Mirror::all() {
        for number in &mirror.listing.code {
            for literal in mirror.said(*number).iter().filter(|fact| fact.is_literal()) {
                let statements = mirror.naming(*number);
                let tokens = &mirror.source.tokens;
                let here = statements.iter().map(|comment| mirror.tokens(comment));
                let says = |at: &usize| !others(&tokens[*at], literal).is_empty();
                let here = here.map(|tokens| tokens.into_iter().filter(says).collect());
                let mut places: Vec<Vec<usize>> =
                    here.filter(|places: &Vec<usize>| !places.is_empty()).collect();
                if places.is_empty() {
                    places.push(elsewhere(&mirror, literal));
                }
                if places[0].is_empty() {
                    let differs = statements.iter().any(|comment| comment.differs);
                    without.push((differs, format!("{} {number}: {literal}", mirror.file)));
                }
                for place in places {
                    change(&mut tried, &mirror, *number, literal, &place);
                }
            }
        }
    }
    let wrong: Vec<_> = without.iter().filter(|(differs, _)| !differs).collect();
    assert!(wrong.is_empty(), "no place for {wrong:?}");
    assert!(without.len() <= 5, "departures from literals: {without:?}");
    tried.all_refused(200);
}

fn change(tried: &mut Tried, mirror: &Mirror, number: usize, literal: &Fact, place: &[usize]) {
    let tokens = &mirror.source.tokens;
    let ways = place.iter().map(|at| others(&tokens[*at], literal).len()).min();
    for way in 0..ways.unwrap_or(0) {
        let mut lines = mirror.lines();
        // From the end, so that the places before it stay.
        for at in place.iter().rev() {
            replace(&mut lines, &tokens[*at], &others(&tokens[*at], literal)[way]);
        }
        tried.change_of(mirror, &[number], &format!("{number}: another {literal}"), &lines);
    }
}

#[test]
fn a_flag_that_is_removed_is_refused() {
    let mut tried = Tried::default();
    for mirror in Mirror::all() {
        for (at, line) in mirror.lines().iter().enumerate() {
            for flag in ["EPOLLIN | ", " | EPOLLET", "EPOLLET | ", " | EPOLLOUT"] {
                if line.contains(flag) {
                    let mut lines = mirror.lines();
                    lines[at] = line.replace(flag, "");
                    let mark = mirror.comments().find(|comment| comment.line == at + 1).unwrap();
                    let what = format!("no {flag} in line {}", at + 1);
                    tried.change_of(&mirror, &mirror.numbers(mark), &what, &lines);
                }
            }
        }
    }
    tried.all_refused(6);
}

#[test]
fn each_name_that_is_changed_is_refused() {
    let mut tried = Tried::default();
    for mirror in Mirror::all() {
        for number in &mirror.listing.code {
            let statements = mirror.naming(*number);
            for fact in mirror.said(*number) {
                let (name, ways) = match fact {
                    Fact::Call(name) => (name, names::of_call(name)),
                    Fact::Name(name) => (name, names::of_name(name)),
                    _ => continue,
                };
                let mut lines = mirror.lines();
                let mut places: Vec<usize> =
                    statements.iter().flat_map(|comment| mirror.tokens(comment)).collect();
                places.sort_unstable();
                places.dedup();
                for at in places.into_iter().rev() {
                    let token = &mirror.source.tokens[at];
                    if token.start.line == token.end.line {
                        replace(&mut lines, token, &renamed(token, name, ways));
                    }
                }
                let what = format!("{number}: another {fact}");
                tried.change_of(&mirror, &[*number], &what, &lines);
            }
        }
    }
    tried.all_refused(800);
}

/// A token without a name; in a format string it may be in braces.
fn renamed(token: &Token, name: &str, ways: &[&str]) -> String {
    let plain = |text: &str| text.replace('_', "").to_lowercase();
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
    let mut tried = Tried::default();
    for mirror in Mirror::all() {
        for number in &mirror.listing.code {
            for fact in mirror.said(*number) {
                let Fact::Call(name) = fact else { continue };
                let tokens = mirror.naming(*number).into_iter().flat_map(|one| mirror.tokens(one));
                let mut places: Vec<usize> = tokens.collect();
                places.sort_unstable();
                let mut calls: Vec<Range<usize>> = Vec::new();
                for call in places.into_iter().filter_map(|at| call(&mirror, at, name)) {
                    // A call inside another one is deleted with it.
                    if calls.last().is_none_or(|last| last.end <= call.start) {
                        calls.push(call);
                    }
                }
                let mut lines = mirror.lines();
                for call in calls.into_iter().rev() {
                    delete(&mut lines, &mirror, call);
                }
                tried.change_of(&mirror, &[*number], &format!("{number}: no {fact}"), &lines);
            }
        }
    }
    tried.all_refused(400);
}

/// The tokens of a call of one line that says `name`, with the dot before it.
fn call(mirror: &Mirror, at: usize, name: &str) -> Option<Range<usize>> {
    let tokens = &mirror.source.tokens;
    let plain = |text: &str| text.replace('_', "").to_lowercase();
    let token = tokens[at].text.as_str();
    let is_it = plain(token) == plain(name) || names::of_call(name).contains(&token);
    let is_open = |at: &usize| tokens[*at].kind == Kind::Open;
    let open = (at + 1..at + 5).take_while(|_| is_it).find(is_open)?;
    let mut depth = 0;
    let closes = |at: &usize| {
        depth += match tokens[*at].kind {
            Kind::Open => 1,
            Kind::Close => -1,
            _ => 0,
        };
        depth == 0
    };
    let close = (open..tokens.len()).find(closes)?;
    let first = if tokens[at - 1].is(".") { at - 1 } else { at };
    (tokens[first].start.line == tokens[close].end.line).then_some(first..close + 1)
}

/// Deletes a call; of one that is no method, `()` is left.
fn delete(lines: &mut [String], mirror: &Mirror, call: Range<usize>) {
    let (first, last) = (&mirror.source.tokens[call.start], &mirror.source.tokens[call.end - 1]);
    let line = &mut lines[first.start.line - 1];
    let characters: Vec<char> = line.chars().collect();
    let before: String = characters[..first.start.column].iter().collect();
    let behind: String = characters[last.end.column..].iter().collect();
    *line = format!("{before}{}{behind}", if first.is(".") { "" } else { "()" });
}
