//! The head and the line-number comments of a Rust file.

use std::ops::RangeInclusive;

use crate::catalog::manifest::Listing;
use crate::catalog::numbers;

/// A Rust file that mirrors a listing.
pub struct Source<'a> {
    /// The paragraphs of the head, with the line on which each begins.
    pub head: Vec<(usize, String)>,
    /// The line-number comments, in the file's order.
    pub comments: Vec<Comment>,
    lines: Vec<&'a str>,
}

/// A comment that names lines of the note.
pub struct Comment {
    /// The Rust line that it stands on, from 1.
    pub line: usize,
    /// The lines of the note.
    pub numbers: Vec<RangeInclusive<usize>>,
    /// Why the statement departs from the listing, if it does.
    pub differs: Option<String>,
}

impl<'a> Source<'a> {
    /// Takes a file apart.
    pub fn parse(text: &'a str) -> Source<'a> {
        let lines: Vec<&str> = text.lines().collect();
        let comments = lines.iter().enumerate().filter_map(|(index, line)| {
            let (numbers, differs) = parse_comment(comment_of(line)?)?;
            Some(Comment { line: index + 1, numbers, differs })
        });
        Source { head: head(&lines), comments: comments.collect(), lines }
    }

    /// The Rust lines whose comment names line `number`, or, where the comment stands alone, the line above it:
    /// rustfmt puts a comment after `{` on a line of its own.
    pub fn statements(&self, number: usize, listing: &Listing) -> Vec<(usize, &'a str)> {
        let names =
            |comment: &&Comment| comment.numbers.iter().any(|range| range.contains(&number));
        let comments =
            self.comments.iter().filter(|comment| listing.code.contains(&number) && names(comment));
        let statement = |comment: &Comment| {
            let alone = self.lines[comment.line - 1].trim_start().starts_with("//");
            let line = if alone && comment.line > 1 { comment.line - 1 } else { comment.line };
            (line, self.lines[line - 1])
        };
        comments.map(statement).collect()
    }
}

/// The paragraphs of the `//!` lines that the file begins with.
fn head(lines: &[&str]) -> Vec<(usize, String)> {
    let mut paragraphs: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (index, line) in lines.iter().enumerate() {
        let Some(text) = line.strip_prefix("//!") else {
            break;
        };
        let text = text.strip_prefix(' ').unwrap_or(text);
        match paragraphs.last_mut() {
            _ if text.is_empty() => open = false,
            Some((_, paragraph)) if open => *paragraph += &format!("\n{text}"),
            _ => {
                paragraphs.push((index + 1, text.to_owned()));
                open = true;
            }
        }
    }
    paragraphs
}

/// The text after `//` in a line of Rust, but for doc comments and for `//` inside a string.
fn comment_of(line: &str) -> Option<&str> {
    let mut in_string = false;
    let mut characters = line.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' if in_string => drop(characters.next()),
            '\'' if line[at..].starts_with("'\"'") => drop(characters.nth(1)),
            '"' => in_string = !in_string,
            '/' if !in_string && line[at..].starts_with("//") => {
                let comment = &line[at + 2..];
                return (!comment.starts_with(['/', '!'])).then(|| comment.trim());
            }
            _ => {}
        }
    }
    None
}

/// Reads `170`, `170, 172` or `170 differs: why`; `None` for a comment in words.
fn parse_comment(text: &str) -> Option<(Vec<RangeInclusive<usize>>, Option<String>)> {
    match text.split_once(" differs: ") {
        Some((list, why)) => Some((numbers::parse(list)?, Some(why.to_owned()))),
        None => Some((numbers::parse(text)?, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_found_behind_statements() {
        assert_eq!(comment_of("a(); // 170"), Some("170"));
        assert_eq!(comment_of("    // 170 differs: why"), Some("170 differs: why"));
        assert_eq!(comment_of(r#"a("http://x \" // 1"); // 2"#), Some("2"));
        assert_eq!(comment_of("line.split('\"') // 3"), Some("3"));
        assert_eq!(comment_of("a / b"), None);
        assert_eq!(comment_of("/// 170"), None);
        assert_eq!(comment_of("//! 170"), None);
    }

    #[test]
    fn a_comment_in_words_names_nothing() {
        assert!(parse_comment("10 bytes at a time").is_none());
        assert!(parse_comment("the listener").is_none());
        let (numbers, differs) = parse_comment("17, 19-20 differs: one text").unwrap();
        assert_eq!(numbers, [17..=17, 19..=20]);
        assert_eq!(differs.as_deref(), Some("one text"));
    }

    #[test]
    fn the_head_has_paragraphs() {
        let source = Source::parse("//! One\n//! sentence.\n//!\n//! Try: it.\n\n//! not this");
        assert_eq!(source.head, [(1, "One\nsentence.".to_owned()), (4, "Try: it.".to_owned())]);
    }

    #[test]
    fn a_statement_is_shown_by_the_number_it_ends_with() {
        let listing =
            crate::catalog::manifest::parse("001:9-12\ta.rs\t9-12\n").unwrap().listings.remove(0);
        let source = Source::parse("a(); // 9\nloop {\n    // 10\n    b(); // 11-12\n}\n");
        assert_eq!(source.statements(9, &listing), [(1, "a(); // 9")]);
        assert_eq!(source.statements(10, &listing), [(2, "loop {")]);
        assert_eq!(source.statements(12, &listing), [(4, "    b(); // 11-12")]);
    }
}
