//! A Rust file as tokens with their places.

use std::fmt::Display;

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, Group, LexError, LineColumn, Span, TokenStream, TokenTree};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Word,
    Literal,
    /// One character of an operator, a comma, a semicolon.
    Sign,
    Open,
    Close,
}

#[derive(Clone, Debug)]
pub struct Token {
    pub kind: Kind,
    pub text: String,
    /// Where it begins: a line from 1, a column in characters from 0.
    pub start: LineColumn,
    pub end: LineColumn,
}

impl Token {
    fn new(kind: Kind, text: impl Into<String>, span: Span) -> Token {
        Token { kind, text: text.into(), start: span.start(), end: span.end() }
    }

    /// Whether it is this word or sign.
    pub fn is(&self, text: &str) -> bool {
        self.kind != Kind::Literal && self.text == text
    }
}

/// The tokens of a text without its doc comments; an error names the line that is not Rust.
pub fn parse(text: &str) -> Result<Vec<Token>> {
    let failed = |error: &dyn Display, span: Span| anyhow!("line {}: {error}", span.start().line);
    let stream: Result<TokenStream, LexError> = text.parse();
    let stream = stream.map_err(|error| failed(&error, error.span()))?;
    let mut tokens = Vec::new();
    collect(stream.clone(), &mut tokens);
    syn::parse2::<syn::File>(stream).map_err(|error| failed(&error, error.span()))?;
    Ok(tokens)
}

/// The position of the bracket that closes the one at `open`.
pub fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0;
    let closes = |at: &usize| {
        depth += match tokens[*at].kind {
            Kind::Open => 1,
            Kind::Close => -1,
            _ => 0,
        };
        depth == 0
    };
    (open..tokens.len()).find(closes)
}

fn collect(stream: TokenStream, tokens: &mut Vec<Token>) {
    for tree in stream {
        let span = tree.span();
        match tree {
            TokenTree::Ident(it) => tokens.push(Token::new(Kind::Word, it.to_string(), span)),
            TokenTree::Literal(it) => tokens.push(Token::new(Kind::Literal, it.to_string(), span)),
            TokenTree::Punct(it) => tokens.push(Token::new(Kind::Sign, it.as_char(), span)),
            TokenTree::Group(group) if is_doc_comment(&group) => {
                let before = tokens.iter().rposition(|token| !token.is("#") && !token.is("!"));
                tokens.truncate(before.map_or(0, |before| before + 1));
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                tokens.push(Token::new(Kind::Open, open, group.span_open()));
                collect(group.stream(), tokens);
                tokens.push(Token::new(Kind::Close, close, group.span_close()));
            }
        }
    }
}

/// The lexer makes an attribute of a doc comment, whose tokens all lie where the comment does.
fn is_doc_comment(group: &Group) -> bool {
    let first = group.stream().into_iter().next();
    group.delimiter() == Delimiter::Bracket
        && first.is_some_and(|first| first.span().start() == group.span().start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_places() {
        let tokens =
            parse("//! a\n/// b\nfn f(x: u8) {\n    // c\n    g(\"//\"); // d\n}\n").unwrap();
        let texts: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        assert_eq!(texts.join(" "), "fn f ( x : u8 ) { g ( \"//\" ) ; }");
        assert_eq!((tokens[8].start.line, tokens[8].start.column), (5, 4));
    }

    #[test]
    fn what_is_not_rust_is_named() {
        assert!(parse("fn f() {}\n)\n").err().unwrap().to_string().starts_with("line 2: "));
        assert!(parse("fn f() {}\nx y\n").err().unwrap().to_string().starts_with("line 2: "));
    }
}
