//! The head, the line-number comments and the statements of a Rust file.

use std::ops::RangeInclusive;

use anyhow::Result;

use crate::mirror::evidence::Value;
use crate::mirror::rust::{self, Token};
use crate::mirror::statement::{Statement, Statements};
use xtask::catalog::numbers;

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
    /// The column at which it begins, in characters from 0.
    pub column: usize,
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
            let Some((column, alone, comment)) = comment_of(text, line, &tokens) else { continue };
            let Some((numbers, differs)) = parse_comment(&comment) else { continue };
            let statement = match alone {
                true => statements.opened_before(line, &tokens),
                false => statements.ending_on(line, &tokens),
            };
            comments.push(Comment { line, column, alone, numbers, differs, statement });
        }
        Ok(Source { head: head(&lines), comments, address: address(&tokens), tokens, lines })
    }
}

/// The first argument of `arguments!` or `client_arguments!`.
fn address(tokens: &[Token]) -> Option<Value> {
    let names = ["arguments", "client_arguments"];
    let is_call = |four: &&[Token]| names.iter().any(|name| four[0].is(name)) && four[1].is("!");
    tokens.windows(4).find(is_call).map(|four| Value::of(&four[3].text))
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

/// The comment that ends a line: where it begins, whether it stands alone there, and its text. Doc
/// comments are none.
fn comment_of(text: &str, line: usize, tokens: &[Token]) -> Option<(usize, bool, String)> {
    if tokens.iter().any(|token| token.start.line <= line && line < token.end.line) {
        return None;
    }
    let here = tokens.iter().filter(|token| token.end.line == line);
    let behind = here.map(|token| token.end.column).max();
    let rest: String = text.chars().skip(behind.unwrap_or(0)).collect();
    let blanks = rest.chars().take_while(|one| one.is_whitespace()).count();
    let column = behind.unwrap_or(0) + blanks;
    let comment = rest.trim_start().strip_prefix("//")?;
    let is_doc = comment.starts_with(['/', '!']);
    (!is_doc).then(|| (column, behind.is_none(), comment.trim().to_owned()))
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

    fn comment(text: &str) -> Option<(usize, bool, String)> {
        let file = format!("fn main() {{\n{text}\n}}\n");
        comment_of(text, 2, &rust::parse(&file).unwrap().0)
    }

    #[test]
    fn comments_are_found_behind_statements() {
        assert_eq!(comment("a(); // 170"), Some((5, false, "170".to_owned())));
        assert_eq!(
            comment("    // 170 differs: why"),
            Some((4, true, "170 differs: why".to_owned()))
        );
        assert_eq!(comment(r#"a("http://x \" // 1"); // 2"#), Some((23, false, "2".to_owned())));
        assert_eq!(comment("line.split('\"'); // 3"), Some((17, false, "3".to_owned())));
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
}
