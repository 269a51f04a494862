//! The kinds of words in a line of code, for colours.

use std::str::FromStr;
use std::sync::LazyLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Language {
    Python,
    Rust,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Class {
    Plain,
    Comment,
    Text,
    Number,
    Keyword,
    Function,
}

impl Class {
    /// Its name in the style sheet.
    pub fn name(self) -> &'static str {
        match self {
            Class::Plain => "",
            Class::Comment => "c",
            Class::Text => "s",
            Class::Number => "n",
            Class::Keyword => "k",
            Class::Function => "f",
        }
    }
}

pub type Piece = (Class, String);

/// The beginnings of the scopes of each class; the first one that fits counts.
const SCOPES: [(&str, Class); 14] = [
    ("comment", Class::Comment),
    ("punctuation.definition.comment", Class::Comment),
    ("string", Class::Text),
    ("punctuation.definition.string", Class::Text),
    ("constant.numeric", Class::Number),
    ("constant.language", Class::Number),
    ("keyword.operator.logical", Class::Keyword),
    ("keyword.control", Class::Keyword),
    ("keyword.other", Class::Keyword),
    ("storage", Class::Keyword),
    ("entity.name.function", Class::Function),
    ("support.function", Class::Function),
    ("support.macro", Class::Function),
    ("variable.function", Class::Function),
];

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);
static CLASSES: LazyLock<Vec<(Scope, Class)>> = LazyLock::new(|| {
    let scope = |(text, class): (&str, Class)| {
        (Scope::from_str(text).expect("a scope is well formed"), class)
    };
    SCOPES.into_iter().map(scope).collect()
});

/// The pieces of each line; what begins on one line and ends on a later one is known in all.
pub fn highlight<'a>(
    language: Language,
    lines: impl IntoIterator<Item = &'a str>,
) -> Vec<Vec<Piece>> {
    let mut state = ParseState::new(syntax(language));
    let mut scopes = ScopeStack::new();
    lines.into_iter().map(|line| pieces(line, &mut state, &mut scopes)).collect()
}

fn syntax(language: Language) -> &'static SyntaxReference {
    let extension = match language {
        Language::Python => "py",
        Language::Rust => "rs",
    };
    SYNTAXES.find_syntax_by_extension(extension).expect("the default syntaxes have both languages")
}

fn pieces(line: &str, state: &mut ParseState, scopes: &mut ScopeStack) -> Vec<Piece> {
    let text = format!("{line}\n");
    // A line that the grammar cannot read stays as it is, and the next one is read again.
    let changes = state.parse_line(&text, &SYNTAXES).unwrap_or_default();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut from = 0;
    let mut push = |until: usize, scopes: &ScopeStack| {
        let (class, text) = (class(scopes), &line[from..until]);
        match pieces.last_mut() {
            _ if text.is_empty() => {}
            Some((before, piece)) if *before == class => piece.push_str(text),
            _ => pieces.push((class, text.to_owned())),
        }
        from = until;
    };
    for (at, change) in changes {
        push(at.min(line.len()), scopes);
        // A grammar that closes more than it opened leaves the scopes as they are.
        let _ = scopes.apply(&change);
    }
    push(line.len(), scopes);
    pieces
}

fn class(scopes: &ScopeStack) -> Class {
    let class = |scope: &Scope| {
        let found = CLASSES.iter().find(|(prefix, _)| prefix.is_prefix_of(*scope));
        found.map(|(_, class)| *class)
    };
    scopes.scopes.iter().rev().find_map(class).unwrap_or(Class::Plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_on_one_line_is_known_on_the_next() {
        let lines = highlight(Language::Python, ["x = '''a", "b''' #"]);
        assert_eq!(lines[1][0], (Class::Text, "b'''".to_owned()), "{lines:?}");
    }

    #[test]
    fn no_text_is_lost() {
        let text = "\u{a0} x = '明\u{1F600}' \"\n]})>\n\t#\n明 明";
        let lines = highlight(Language::Python, text.lines());
        let joined: Vec<String> =
            lines.iter().map(|line| line.iter().map(|(_, text)| text.as_str()).collect()).collect();
        assert_eq!(joined, text.lines().collect::<Vec<_>>());
    }
}
