//! What the check is good for: real mirrors, changed in one place, are refused.

use crate::mirror::proof::changes::{Mirror, all_refused, differing, indent, split};
use crate::mirror::source::Comment;

mod changes;
mod facts;

/// The lines of a mirror with a comment's numbers at another line, beside those that are there.
fn with_numbers_at(mirror: &Mirror, comment: &Comment, line: usize) -> Vec<String> {
    let mut lines = mirror.lines();
    let (code, text) = split(&lines[comment.line - 1]);
    let (code, list) = (code.to_owned(), text.replace(" differs", ""));
    lines[comment.line - 1] = code;
    let there = &mut lines[line - 1];
    *there = match mirror.comments().iter().find(|other| other.line == line) {
        Some(_) => there.replacen("// ", &format!("{list}, "), 1),
        None => format!("{there} {list}"),
    };
    lines
}

/// Numbers that another statement says as well, in the same place of the order: an `attempt` inside
/// another one, `close_on` for `close`, another `use`.
const SAID_AGAIN: [(&str, usize); 14] = [
    ("nonblocking-server/examples/interval.rs", 35),
    ("nonblocking-server/examples/interval.rs", 41),
    ("nonblocking-server/examples/greet-once.rs", 37),
    ("nonblocking-server/examples/greet-once.rs", 42),
    ("select-server/src/main.rs", 209),
    ("select-server/examples/hello.rs", 153),
    ("epoll-server/src/main.rs", 262),
    ("epoll-server/src/main.rs", 266),
    ("epoll-server/src/main.rs", 268),
    ("epoll-server/src/main.rs", 272),
    ("epoll-server/src/main.rs", 274),
    ("selectors-server/examples/accept-only.rs", 201),
    ("selectors-server/examples/your-msg.rs", 249),
    ("threadpool-server/src/main.rs", 24),
];

#[test]
fn numbers_at_any_other_line_are_refused() {
    all_refused(20_000, |tried, mirror| {
        let comments = mirror.comments();
        for (position, comment) in comments.iter().enumerate() {
            let moved = mirror.numbers(comment);
            let is_said_again = SAID_AGAIN.contains(&(mirror.file.as_str(), moved[0]));
            // Where several statements say a line, one of them may go.
            if is_said_again || mirror.naming(*comment.numbers[0].start()).len() > 1 {
                continue;
            }
            let between = comments[position.saturating_sub(1)].line
                ..=comments.get(position + 1).map_or(comment.line, |next| next.line);
            for line in mirror.statements().filter(|line| *line != comment.line) {
                let there = comments.iter().find(|other| other.line == line);
                let there = there.map_or_else(Vec::new, |other| mirror.numbers(other));
                let said: Vec<_> = there.iter().flat_map(|number| mirror.said(*number)).collect();
                let is_told =
                    |number: &usize| mirror.said(*number).iter().all(|fact| said.contains(&fact));
                if moved.iter().all(is_told) {
                    continue;
                }
                let lines = with_numbers_at(mirror, comment, line);
                let what = format!("{moved:?} at line {line}");
                // Elsewhere they do not rise any more.
                if between.contains(&line) {
                    tried.moved(mirror, &what, &lines);
                }
                let differing = differing(&lines, &[moved.clone(), there].concat());
                tried.moved(mirror, &format!("{what}, as a departure"), &differing);
            }
        }
    });
}

#[test]
fn a_number_alone_is_refused() {
    all_refused(300, |tried, mirror| {
        for comment in mirror.comments() {
            let mut lines = mirror.lines();
            let line = lines[comment.line - 1].clone();
            let (code, text) = split(&line);
            lines[comment.line - 1] = code.to_owned();
            lines.insert(comment.line, format!("{}{text}", indent(&line)));
            tried.change(mirror, &format!("{text} alone"), &lines);
        }
    });
}

#[test]
fn a_header_that_became_a_plain_block_is_refused() {
    all_refused(50, |tried, mirror| {
        for comment in mirror.comments() {
            let mut lines = mirror.lines();
            let (code, text) = split(&lines[comment.line - 1]);
            let words = ["loop ", "for ", "while ", "if ", "match "];
            if words.iter().any(|word| code.trim().starts_with(word)) {
                let what = format!("a block instead of {}", code.trim());
                lines[comment.line - 1] = format!("{}{{ {text}", indent(code));
                tried.change_of(mirror, &mirror.numbers(comment), &what, &lines);
            }
        }
    });
}

/// Pairs of statements of one line each, one below the other, that are all that says their numbers.
fn neighbours(mirror: &Mirror) -> Vec<(&Comment, &Comment)> {
    let lines = &mirror.source.margin.lines;
    let is_short = |comment: &&Comment| {
        let first = comment.statement.as_ref().unwrap().tokens[0];
        mirror.source.tokens[first].start.line == comment.line
            && mirror.naming(*comment.numbers[0].start()).len() == 1
    };
    let short: Vec<&Comment> = mirror.comments().iter().filter(is_short).collect();
    let pairs = short.windows(2).map(|pair| (pair[0], pair[1]));
    pairs
        .filter(|(above, below)| {
            lines[above.line..below.line - 1].iter().all(String::is_empty)
                && indent(&lines[above.line - 1]) == indent(&lines[below.line - 1])
                && above.numbers != below.numbers
        })
        .collect()
}

#[test]
fn statements_exchanged_under_their_numbers_are_refused() {
    all_refused(120, |tried, mirror| {
        for (above, below) in neighbours(mirror) {
            let said = |comment: &Comment| mirror.said(*comment.numbers[0].start());
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
            tried.change_of(mirror, &numbers, &what, &lines);
        }
    });
}

#[test]
fn statements_exchanged_with_their_numbers_are_refused() {
    all_refused(120, |tried, mirror| {
        let in_order = |pair: &(&Comment, &Comment)| !pair.0.differs && !pair.1.differs;
        for (above, below) in neighbours(mirror).into_iter().filter(in_order) {
            let mut lines = mirror.lines();
            lines.swap(above.line - 1, below.line - 1);
            let what = format!("lines {} and {} exchanged", above.line, below.line);
            tried.change(mirror, &what, &lines);
        }
    });
}

#[test]
fn a_departure_of_any_line_may_be_told() {
    for mirror in Mirror::all() {
        for number in &mirror.listing.code {
            let lines = differing(&mirror.lines(), &[*number]);
            assert!(mirror.accepts(&lines), "{}: {number}", mirror.file);
        }
    }
}

#[test]
fn what_stands_for_try_has_one_name() {
    for mirror in Mirror::all() {
        for line in &mirror.source.margin.lines {
            let name =
                line.trim().strip_prefix("let ").and_then(|rest| rest.split_once(" = || ->"));
            let name = name.map(|(name, _)| name.trim_start_matches("mut "));
            assert!(name.is_none_or(|name| name == "attempt"), "{}: {line}", mirror.file);
        }
    }
}
