//! What the check is good for: real mirrors, changed in one place, are refused.

use xtask::catalog::fact::Fact;
use xtask_mirror::mirror::source::Comment;

use crate::changes::{Mirror, Tried, differing, indent, split};

mod literals;

fn is_lone_brace(line: &str) -> bool {
    ["}", "};", "})", "});", "})?;"].contains(&line.trim())
}

#[test]
fn a_number_at_a_brace_is_refused() {
    let mut tried = Tried::default();
    for mirror in Mirror::all() {
        for comment in mirror.comments() {
            let mut lines = mirror.lines();
            let at = comment.line - 1;
            let brace = (at + 1..lines.len()).find(|index| is_lone_brace(&lines[*index]));
            let Some(brace) = brace else { continue };
            let (code, text) = split(&lines[at]);
            let (code, text) = (code.to_owned(), text.to_owned());
            lines[brace] += &format!(" {text}");
            lines[at] = code;
            tried.change(&mirror, &format!("{text} at the brace {}", brace + 1), &lines);
        }
    }
    tried.all_refused(400);
}

#[test]
fn a_number_alone_is_refused() {
    let mut tried = Tried::default();
    for mirror in Mirror::all() {
        for comment in mirror.comments() {
            let mut lines = mirror.lines();
            let line = lines[comment.line - 1].clone();
            let (code, text) = split(&line);
            lines[comment.line - 1] = code.to_owned();
            lines.insert(comment.line, format!("{}{text}", indent(&line)));
            tried.change(&mirror, &format!("{text} alone"), &lines);
        }
    }
    tried.all_refused(300);
}

#[test]
fn a_number_without_its_statement_is_refused() {
    let mut tried = Tried::default();
    for mirror in Mirror::all() {
        // Where several statements say a line, one of them may go.
        let is_only = |comment: &&Comment| mirror.naming(*comment.numbers[0].start()).len() == 1;
        for comment in mirror.comments().filter(is_only) {
            let mut lines = mirror.lines();
            let range = comment.statement.as_ref().unwrap().lines(&mirror.source.tokens);
            let last = lines[comment.line - 1].clone();
            let (_, text) = split(&last);
            let left = format!("{}{text}", indent(&last));
            lines.splice(range.start - 1..comment.line, [left]);
            tried.change(&mirror, &format!("nothing at {text}"), &lines);
        }
    }
    tried.all_refused(300);
}

#[test]
fn a_header_that_became_a_plain_block_is_refused() {
    let mut tried = Tried::default();
    for mirror in Mirror::all() {
        for comment in mirror.comments() {
            let mut lines = mirror.lines();
            let (code, text) = split(&lines[comment.line - 1]);
            let words = ["loop ", "for ", "while ", "if ", "match "];
            if words.iter().any(|word| code.trim().starts_with(word)) {
                let what = format!("a block instead of {}", code.trim());
                lines[comment.line - 1] = format!("{}{{ {text}", indent(code));
                tried.change_of(&mirror, &mirror.numbers(comment), &what, &lines);
            }
        }
    }
    tried.all_refused(50);
}

/// Pairs of statements of one line each, one below the other, that are all that says their numbers.
fn neighbours(mirror: &Mirror) -> Vec<(&Comment, &Comment)> {
    let is_short = |comment: &&Comment| {
        let lines = comment.statement.as_ref().unwrap().lines(&mirror.source.tokens);
        let number = *comment.numbers[0].start();
        lines.len() == 1 && mirror.naming(number).len() == 1
    };
    let short: Vec<&Comment> = mirror.comments().filter(is_short).collect();
    let pairs = short.windows(2).map(|pair| (pair[0], pair[1]));
    pairs
        .filter(|(above, below)| {
            let lines = &mirror.source.margin.lines;
            let between = &lines[above.line..below.line - 1];
            between.iter().all(String::is_empty)
                && indent(&lines[above.line - 1]) == indent(&lines[below.line - 1])
                && above.numbers != below.numbers
        })
        .collect()
}

#[test]
fn statements_exchanged_under_their_numbers_are_refused() {
    let mut tried = Tried::default();
    for mirror in Mirror::all() {
        for (above, below) in neighbours(&mirror) {
            let said = |comment: &Comment| mirror.said(*comment.numbers[0].start()).to_vec();
            if said(above) == said(below) {
                continue;
            }
            let mut lines = mirror.lines();
            let (first, second) = (lines[above.line - 1].clone(), lines[below.line - 1].clone());
            let ((one, number), (other, next)) = (split(&first), split(&second));
            lines[above.line - 1] = format!("{other} {number}");
            lines[below.line - 1] = format!("{one} {next}");
            let what = format!("{} and {} exchanged", one.trim(), other.trim());
            let numbers = [mirror.numbers(above), mirror.numbers(below)].concat();
            tried.change_of(&mirror, &numbers, &what, &lines);
        }
    }
    tried.all_refused(120);
}

#[test]
fn statements_exchanged_with_their_numbers_are_refused() {
    let mut tried = Tried::default();
    for mirror in Mirror::all() {
        let in_order = |pair: &(&Comment, &Comment)| !pair.0.differs && !pair.1.differs;
        for (above, below) in neighbours(&mirror).into_iter().filter(in_order) {
            let mut lines = mirror.lines();
            lines.swap(above.line - 1, below.line - 1);
            let what = format!("lines {} and {} exchanged", above.line, below.line);
            tried.change(&mirror, &what, &lines);
        }
    }
    tried.all_refused(120);
}

#[test]
fn a_number_at_the_next_statement_is_refused() {
    let mut tried = Tried::default();
    for mirror in Mirror::all() {
        let comments: Vec<&Comment> = mirror.comments().collect();
        for pair in comments.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let moved = mirror.said(*from.numbers[0].start());
            let there = mirror.said(*to.numbers[0].start());
            let only = mirror.naming(*from.numbers[0].start()).len() == 1;
            let opens = split(&mirror.source.margin.lines[to.line - 1]).0.ends_with('{');
            let is_told = |fact: &Fact| there.contains(fact) || opens && *fact == Fact::Block;
            let told = moved.iter().all(is_told);
            if told || !only {
                continue;
            }
            let mut lines = mirror.lines();
            let list = split(&lines[from.line - 1]).1.replace("// ", "").replace(" differs", "");
            lines[from.line - 1] = split(&lines[from.line - 1]).0.to_owned();
            lines[to.line - 1] = lines[to.line - 1].replacen("// ", &format!("// {list}, "), 1);
            let numbers = [mirror.numbers(from), mirror.numbers(to)].concat();
            tried.change_of(&mirror, &numbers, &format!("{list} at line {}", to.line), &lines);
        }
    }
    tried.all_refused(250);
}

#[test]
fn a_departure_that_only_the_head_names_is_refused() {
    let mut tried = Tried::default();
    for mirror in Mirror::all() {
        let differing: Vec<&Comment> =
            mirror.comments().filter(|comment| comment.differs).collect();
        for comment in &differing {
            let again = |other: &&&Comment| {
                let names = |range: &std::ops::RangeInclusive<usize>| other.names(*range.start());
                other.line != comment.line && comment.numbers.iter().all(names)
            };
            if differing.iter().any(|other| again(&other)) {
                continue;
            }
            let mut lines = mirror.lines();
            let line = &mut lines[comment.line - 1];
            line.truncate(line.rfind(" differs").unwrap());
            let what = format!("line {} says no more that it differs", comment.line);
            tried.change(&mirror, &what, &lines);
        }
    }
    tried.all_refused(40);
}

#[test]
fn a_departure_that_only_the_body_names_is_refused() {
    let mut tried = Tried::default();
    for mirror in Mirror::all() {
        let lines = mirror.lines();
        for (at, item) in lines.iter().enumerate().filter(|(_, line)| line.starts_with("//! - ")) {
            let more = lines[at + 1..].iter().take_while(|line| line.starts_with("//!   ")).count();
            let mut lines = lines.clone();
            lines.drain(at..=at + more);
            tried.change(&mirror, &format!("no more {item}"), &lines);
        }
    }
    tried.all_refused(40);
}

#[test]
fn a_reason_of_two_words_is_refused() {
    let mut tried = Tried::default();
    for mirror in Mirror::all() {
        let lines = mirror.lines();
        for (at, item) in lines.iter().enumerate().filter(|(_, line)| line.starts_with("//! - ")) {
            let more = lines[at + 1..].iter().take_while(|line| line.starts_with("//!   ")).count();
            let (list, _) = item.split_once(": ").unwrap();
            let mut lines = lines.clone();
            lines.splice(at..=at + more, [format!("{list}: other order.")]);
            tried.change(&mirror, &format!("no reason in {item}"), &lines);
        }
    }
    tried.all_refused(40);
}

#[test]
fn a_departure_of_any_line_may_be_told() {
    for mirror in Mirror::all() {
        for number in &mirror.listing.code {
            let lines = differing(&mirror.lines(), &[*number]);
            assert!(!mirror.refuses(&(lines.join("\n") + "\n")), "{}: {number}", mirror.file);
        }
    }
}

#[test]
fn all_numbers_at_the_last_statement_are_refused() {
    let mut tried = Tried::default();
    for mirror in Mirror::all() {
        let numbers: Vec<String> = mirror.listing.code.iter().map(usize::to_string).collect();
        at_each_statement(&mut tried, &mirror, &numbers.join(", "), "");
    }
    tried.all_refused(500);
}

#[test]
fn one_range_for_a_whole_listing_is_refused() {
    let mut tried = Tried::default();
    for mirror in Mirror::all() {
        let code = &mirror.listing.code;
        let range = format!("{}-{}", code.first().unwrap(), code.last().unwrap());
        at_each_statement(&mut tried, &mirror, &range, "");
        at_each_statement(&mut tried, &mirror, &range, " differs");
    }
    tried.all_refused(1000);
}

/// Tries `list` as the only number of a file, at every place that has one now; where it differs,
/// the head agrees.
fn at_each_statement(tried: &mut Tried, mirror: &Mirror, list: &str, differs: &str) {
    let mut bare = mirror.lines();
    for comment in mirror.comments() {
        let line = &mut bare[comment.line - 1];
        *line = split(line).0.to_owned();
    }
    if !differs.is_empty() {
        let head = bare.iter().position(|line| line.starts_with("//! Differs from the listing:"));
        let head = head.unwrap();
        let end = bare.iter().skip(head).position(|line| line == "//!").unwrap();
        let item = format!("//! - {list}: for a good reason.");
        bare.splice(head..head + end, ["//! Differs from the listing:".to_owned(), item]);
    }
    let moved = bare.len() as isize - mirror.source.margin.lines.len() as isize;
    for comment in mirror.comments() {
        let mut lines = bare.clone();
        lines[(comment.line as isize - 1 + moved) as usize] += &format!(" // {list}{differs}");
        tried.change(mirror, &format!("{list}{differs} at line {}", comment.line), &lines);
    }
}
