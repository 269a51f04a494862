//! A listing's lines as tokens of Python.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A name or a keyword.
    Name,
    /// A number.
    Number,
    /// A string; its text is what is between the quotes.
    Text,
    /// The same, with `b` before it.
    Bytes,
    /// An operator, a bracket, a comma.
    Sign,
}

/// A token of a listing.
#[derive(Clone, Debug, PartialEq)]
pub struct Token<'a> {
    /// The note's line.
    pub line: usize,
    /// What it is.
    pub kind: Kind,
    /// Its text, for strings without quotes.
    pub text: &'a str,
}

/// The tokens of one line; a comment ends it. Strings end on the line on which they begin, as in
/// all listings.
pub fn tokens(line: usize, text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next().filter(|first| *first != '#') {
        let (kind, skipped, length, after) = next(rest, first);
        tokens.push(Token { line, kind, text: &rest[skipped..skipped + length] });
        rest = rest[skipped + length + after..].trim_start();
    }
    tokens
}

/// A token's kind, the bytes before its text, the bytes of its text, and those behind it.
fn next(rest: &str, first: char) -> (Kind, usize, usize, usize) {
    let while_it_is = |is: fn(char) -> bool| rest.find(|one| !is(one)).unwrap_or(rest.len());
    match first {
        '\'' | '"' => quoted(rest, 0, first, Kind::Text),
        'b' if rest[1..].starts_with(['\'', '"']) => {
            quoted(rest, 1, rest.as_bytes()[1].into(), Kind::Bytes)
        }
        '0'..='9' => {
            (Kind::Number, 0, while_it_is(|one| one.is_ascii_alphanumeric() || one == '.'), 0)
        }
        _ if is_of_name(first) => (Kind::Name, 0, while_it_is(is_of_name), 0),
        _ if rest[first.len_utf8()..].starts_with('=') => (Kind::Sign, 0, first.len_utf8() + 1, 0),
        _ => (Kind::Sign, 0, first.len_utf8(), 0),
    }
}

fn quoted(rest: &str, prefix: usize, quote: char, kind: Kind) -> (Kind, usize, usize, usize) {
    let inner = &rest[prefix + 1..];
    match inner.find(quote) {
        Some(end) => (kind, prefix + 1, end, 1),
        None => (kind, prefix + 1, inner.len(), 0),
    }
}

fn is_of_name(one: char) -> bool {
    one.is_alphanumeric() || one == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::strange;

    fn texts(text: &str) -> Vec<(Kind, &str)> {
        tokens(7, text).iter().map(|token| (token.kind, token.text)).collect()
    }

    #[test]
    fn a_line_has_tokens() {
        use Kind::{Bytes, Name, Number, Sign, Text};
        assert_eq!(
            texts("  a += b'x'.f(\"#\", 10) # no"),
            [
                (Name, "a"),
                (Sign, "+="),
                (Bytes, "x"),
                (Sign, "."),
                (Name, "f"),
                (Sign, "("),
                (Text, "#"),
                (Sign, ","),
                (Number, "10"),
                (Sign, ")"),
            ]
        );
        assert_eq!(texts("'open"), [(Text, "open")]);
        assert_eq!(texts("# only"), []);
    }

    #[test]
    fn no_text_is_too_strange() {
        strange(&["a", "明", "0", "'", "\"", "b", "=", "#", " ", "\u{301}"], |text| {
            drop(tokens(1, text));
        });
    }
}
