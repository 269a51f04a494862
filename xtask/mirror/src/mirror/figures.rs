//! How much of a mirror is the listing.

use std::collections::BTreeSet;

use crate::mirror::rust::{Kind, Token};
use crate::mirror::source::Source;
use xtask::catalog::margin::columns;

/// How thin a file is. Its head, tests, comments in words, attributes, blank lines and lone closing
/// brackets are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Lines with a number.
    pub numbered: usize,
    /// Lines of Rust without one.
    pub without: usize,
    pub departures: usize,
    pub widest: usize,
}

impl Figures {
    /// Lines without a number for each numbered line.
    pub fn ratio(self) -> f64 {
        self.without as f64 / self.numbered.max(1) as f64
    }

    #[must_use]
    pub fn and(self, other: Figures) -> Figures {
        Figures {
            numbered: self.numbered + other.numbered,
            without: self.without + other.without,
            departures: self.departures + other.departures,
            widest: self.widest.max(other.widest),
        }
    }
}

pub fn figures(source: &Source) -> Figures {
    let tests = first_line_of_tests(&source.tokens).unwrap_or(usize::MAX);
    let numbered: BTreeSet<usize> = source.comments.iter().map(|comment| comment.line).collect();
    let lines: BTreeSet<usize> = source.tokens.iter().map(|token| token.start.line).collect();
    let counts = |line: &&usize| {
        let here = source.tokens.iter().filter(|token| token.start.line == **line);
        let here: Vec<&Token> = here.collect();
        let closing = |token: &&Token| {
            token.kind == Kind::Close || [";", ",", "?"].iter().any(|sign| token.is(sign))
        };
        **line < tests && !here[0].is("#") && !here.iter().all(closing)
    };
    let without = lines.iter().filter(counts);
    let without = without.filter(|line| !numbered.contains(line));
    Figures {
        numbered: numbered.len(),
        without: without.count(),
        departures: source.margin.departures().len(),
        widest: source.margin.lines.iter().map(String::as_str).map(columns).max().unwrap_or(0),
    }
}

/// Where `#[cfg(test)]` is; the tests are the end of a file.
fn first_line_of_tests(tokens: &[Token]) -> Option<usize> {
    let is = |window: &&[Token]| {
        let texts = window.iter().map(|token| token.text.as_str());
        texts.eq(["#", "[", "cfg", "(", "test", ")", "]"])
    };
    tokens.windows(7).find(is).map(|window| window[0].start.line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_rust_of_the_mirror_is_not_counted() {
        let text = "\
//! A head.
//!
//! Differs from the listing:
//! - 3: it is so.
#![forbid(unsafe_code)]

/// Words.
use a::b; // 1

fn main() {
    c();
    loop { // 2
        // Words.
        d(
            e,
        ); // 3 differs
    }
}

#[cfg(test)]
mod tests {
    fn f() {}
}
";
        let expected = Figures { numbered: 3, without: 4, departures: 1, widest: 29 };
        let figures = figures(&Source::parse(text).unwrap());
        assert_eq!(figures, expected);
        assert_eq!(figures.and(figures).departures, 2);
        assert!((figures.ratio() - 4.0 / 3.0).abs() < 1e-9);
    }
}
