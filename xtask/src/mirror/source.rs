//! The head, the line-number comments and the statements of a Rust file.

use std::ops::RangeInclusive;

use anyhow::Result;

use crate::catalog::numbers;
use crate::mirror::evidence::Value;
use crate::mirror::rust::{self, Token};
use crate::mirror::statement::{Statement, Statements};

/// A Rust file that mirrors a listing.
pub struct Source {
    /// The paragraphs of the head, with the line on which each begins.
    pub head: Vec<(usize, String)>,
    /// The line-number comments, in the file's order.
    pub comments: Vec<Comment>,
    /// The address that the file's `arguments!` or `client_arguments!` has as default.
    pub address: Option<Value>,
    /// The file's tokens.
    pub tokens: Vec<Token>,
    /// The file's lines.
    pub lines: Vec<String>,
}

/// A comment that names lines of the note.
pub struct Comment {
    /// The Rust line that it stands on, from 1.
    pub line: usize,
    /// Whether the line has nothing else.
    pub alone: bool,
    /// The lines of the note.
    pub numbers: Vec<RangeInclusive<usize>>,
    /// Why the statement departs from the listing, if it does.
    pub differs: Option<String>,
    /// The statement that says these lines, or why there is none.
    pub statement: Result<Statement, &'static str>,
}

impl Comment {
    /// Whether it names line `number` of the note.
    pub fn names(&self, number: usize) -> bool {
        self.numbers.iter().any(|range| range.contains(&number))
    }
}

impl Source {
    /// Takes a file apart.
    ///
    /// # Errors
    /// When it is not Rust.
    pub fn parse(text: &str) -> Result<Source> {
        let (tokens, file) = rust::parse(text)?;
        let statements = Statements::new(&file, &tokens);
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut comments = Vec::new();
        for (index, text) in lines.iter().enumerate() {
            let line = index + 1;
            let Some((alone, comment)) = comment_of(text, line, &tokens) else { continue };
            let Some((numbers, differs)) = parse_comment(&comment) else { continue };
            let statement = match alone {
                true => statements.opened_before(line, &tokens),
                false => statements.ending_on(line, &tokens),
            };
            comments.push(Comment { line, alone, numbers, differs, statement });
        }
        Ok(Source { head: head(&lines), comments, address: address(&tokens), tokens, lines })
    }

    /// The first line of each statement that says line `number`, and its text.
    pub fn statements(&self, number: usize) -> Vec<(usize, String)> {
        let named = self.comments.iter().filter(|comment| comment.names(number));
        let said = named.filter_map(|comment| comment.statement.as_ref().ok());
        said.map(|statement| {
            let lines = statement.lines(&self.tokens);
            (lines.start, undented(&self.lines[lines.start - 1..lines.end - 1]))
        })
        .collect()
    }
}

/// The first argument of `arguments!` or `client_arguments!`.
fn address(tokens: &[Token]) -> Option<Value> {
    let names = ["arguments", "client_arguments"];
    let is_call = |four: &&[Token]| names.iter().any(|name| four[0].is(name)) && four[1].is("!");
    tokens.windows(4).find(is_call).map(|four| Value::of(&four[3].text))
}

/// Lines without the white space that all of them begin with.
fn undented(lines: &[String]) -> String {
    let indent = |line: &&String| line.len() - line.trim_start().len();
    let least = lines.iter().filter(|line| !line.trim().is_empty()).map(|line| indent(&line)).min();
    let cut = |line: &String| line.get(least.unwrap_or(0)..).unwrap_or_default().to_owned();
    lines.iter().map(cut).collect::<Vec<_>>().join("\n")
}

/// The paragraphs of the `//!` lines that the file begins with.
fn head(lines: &[String]) -> Vec<(usize, String)> {
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

/// The comment that ends a line, and whether it stands alone there; doc comments are none.
fn comment_of(text: &str, line: usize, tokens: &[Token]) -> Option<(bool, String)> {
    if tokens.iter().any(|token| token.start.line <= line && line < token.end.line) {
        return None;
    }
    let here = tokens.iter().filter(|token| token.end.line == line);
    let behind = here.map(|token| token.end.column).max();
    let rest: String = text.chars().skip(behind.unwrap_or(0)).collect();
    let comment = rest.trim_start().strip_prefix("//")?;
    (!comment.starts_with(['/', '!'])).then(|| (behind.is_none(), comment.trim().to_owned()))
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

    fn comment(text: &str) -> Option<(bool, String)> {
        let file = format!("fn main() {{\n{text}\n}}\n");
        comment_of(text, 2, &rust::parse(&file).unwrap().0)
    }

    #[test]
    fn comments_are_found_behind_statements() {
        assert_eq!(comment("a(); // 170"), Some((false, "170".to_owned())));
        assert_eq!(comment("    // 170 differs: why"), Some((true, "170 differs: why".to_owned())));
        assert_eq!(comment(r#"a("http://x \" // 1"); // 2"#), Some((false, "2".to_owned())));
        assert_eq!(comment("line.split('\"'); // 3"), Some((false, "3".to_owned())));
        assert_eq!(comment("a / b"), None);
        assert_eq!(comment("/// 170\nlet x = 1;"), None);
        assert_eq!(comment("a(\"b\n// 2\n\");"), None);
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
        let source = Source::parse("//! One\n//! sentence.\n//!\n//! Try: it.\n\n//! not this\n");
        let head = [(1, "One\nsentence.".to_owned()), (4, "Try: it.".to_owned())];
        assert_eq!(source.unwrap().head, head);
    }

    #[test]
    fn a_statement_is_shown_whole() {
        let text = "fn f() {\n    loop {\n        // 10\n        b(\n            1,\n        \
                    ); // 11-12\n    }\n}\n";
        let source = Source::parse(text).unwrap();
        assert_eq!(source.statements(10), [(2, "loop {".to_owned())]);
        assert_eq!(source.statements(12), [(4, "b(\n    1,\n); // 11-12".to_owned())]);
        assert_eq!(source.statements(13), []);
    }
}
