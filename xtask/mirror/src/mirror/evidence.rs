//! What a statement of Rust says, and whether it says a fact of a listing.

use std::net::SocketAddrV4;

use syn::Lit;

use crate::mirror::names;
use crate::mirror::rust::{Kind, Token};
use crate::mirror::source::Source;
use xtask::catalog::fact::Fact;

#[derive(Default)]
pub struct Evidence {
    words: Vec<Word>,
    values: Vec<Value>,
    has_bytes: bool,
    opens: bool,
}

struct Word {
    /// As [`plain`] makes it.
    text: String,
    /// Whether it is called, or is at an end of a path.
    called: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Number(String),
    /// A string, or bytes; `{}` stands for each value that is put in.
    Text(String),
    /// Anything else.
    Other,
}

impl Value {
    /// Reads a literal as it is in a file.
    pub fn of(literal: &str) -> Value {
        match syn::parse_str(literal) {
            Ok(Lit::Int(number)) => Value::Number(number.base10_digits().to_owned()),
            Ok(Lit::Float(number)) => {
                let digits = number.base10_digits();
                Value::Number(digits.strip_suffix(".0").unwrap_or(digits).to_owned())
            }
            Ok(Lit::Str(text)) => Value::Text(without_values(&text.value())),
            Ok(Lit::ByteStr(text)) => {
                Value::Text(String::from_utf8_lossy(&text.value()).into_owned())
            }
            _ => Value::Other,
        }
    }
}

impl Evidence {
    /// Adds what some tokens of a file say; `args.addr` says the address in the file's
    /// `arguments!`.
    pub fn add(&mut self, tokens: &[usize], source: &Source) {
        let statement: Vec<&Token> = tokens.iter().map(|at| &source.tokens[*at]).collect();
        for (at, token) in statement.iter().enumerate() {
            let next = |ahead: usize| statement.get(at + ahead);
            match token.kind {
                Kind::Word => {
                    let follows =
                        |ahead: usize, text: &str| next(ahead).is_some_and(|one| one.is(text));
                    let called = follows(1, "(")
                        || follows(1, "!")
                        || follows(1, ":") && follows(2, ":")
                        || follows(1, ")") && follows(2, "(")
                        || at > 1 && statement[at - 1].is(":") && statement[at - 2].is(":");
                    self.words.push(Word { text: plain(&token.text), called });
                    let is_address = token.text == "args" && follows(2, "addr");
                    if is_address {
                        self.values.extend(source.address.clone());
                    }
                }
                Kind::Literal => self.literal(&token.text),
                Kind::Sign | Kind::Open | Kind::Close => {}
            }
        }
        self.opens |= statement.last().is_some_and(|last| last.is("{"));
    }

    fn literal(&mut self, text: &str) {
        let value = Value::of(text);
        self.has_bytes |= text.starts_with("b\"");
        if let Ok(Lit::Str(text)) = syn::parse_str(text) {
            for name in put_in(&text.value()) {
                self.words.push(Word { text: plain(&name), called: false });
            }
        }
        self.values.push(value);
    }

    /// Whether the statements say that.
    pub fn says(&self, fact: &Fact) -> bool {
        match fact {
            Fact::Block => self.opens,
            Fact::Import(module) => {
                self.has_any(&["use"]) && self.has_any(names::of_module(module))
            }
            Fact::Call(name) => self.calls(name),
            Fact::Name(name) => {
                let ways = [&[name.as_str()], names::of_name(name)].concat();
                let is_only = |way: &&str| self.words.is_empty() && self.has_text(way);
                self.has_any(&ways) || ways.iter().any(is_only)
            }
            Fact::Number(number) => self.values.contains(&Value::Number(number.clone())),
            Fact::Truth(true) => self.has_any(&["true"]),
            Fact::Truth(false) => self.has_any(&["false"]),
            Fact::Index(0) => self.has_any(&["ip"]),
            Fact::Index(1) => self.has_any(&["port"]),
            Fact::Index(_) => false,
            Fact::Address(address) => self.has_text(address),
            Fact::Text(text) => self.has_text(text) || self.has_parts(text),
        }
    }

    pub fn address(&self) -> Option<&str> {
        self.values.iter().find_map(|value| match value {
            Value::Text(text) if text.parse::<SocketAddrV4>().is_ok() => Some(text.as_str()),
            _ => None,
        })
    }

    fn calls(&self, name: &str) -> bool {
        let ways = names::of_call(name);
        let ways = if ways.is_empty() { &[name] } else { ways };
        let is = |way: &str, word: &Word| {
            // A constant is called by nobody.
            let constant = way.chars().all(char::is_uppercase);
            word.text == plain(way) && (word.called || constant)
        };
        (name == "encode" && self.has_bytes)
            || ways.iter().any(|way| self.words.iter().any(|word| is(way, word)))
    }

    fn has_text(&self, text: &str) -> bool {
        self.values.contains(&Value::Text(text.to_owned()))
    }

    /// Whether text with a value in it is put together from its parts.
    fn has_parts(&self, text: &str) -> bool {
        text.contains("{}") && text.split("{}").all(|part| part.is_empty() || self.has_text(part))
    }

    fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.words.iter().any(|word| word.text == plain(name)))
    }
}

/// A name without case and underscores: Python's `sendLen` is Rust's `send_len`, and `_addr` is an
/// unused `addr`.
pub fn plain(name: &str) -> String {
    let kept = name.chars().filter(|one| *one != '_');
    kept.flat_map(char::to_lowercase).collect()
}

/// A format string with `{}` for each value.
fn without_values(text: &str) -> String {
    let mut parts = text.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| match part.split_once('}') {
        Some((_, rest)) => text + "{}" + rest,
        None => text + "{" + part,
    })
}

/// The names that a format string puts in: `{conn}`, `{conn:?}`.
fn put_in(text: &str) -> impl Iterator<Item = String> + '_ {
    let parts = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
    parts.map(|(inside, _)| inside.split(':').next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mirror::source::Source;
    use xtask::catalog::fact;

    /// Whether the statement with the number 1 says a fact, as the manifest writes it.
    fn says(text: &str, said: &str) -> bool {
        let source = Source::parse(text).unwrap();
        let mut evidence = Evidence::default();
        for comment in &source.comments {
            evidence.add(&comment.statement.as_ref().unwrap().tokens, &source);
        }
        let facts = fact::parse(&format!("001:1\t{said}\n")).unwrap();
        facts.of("001", 1).iter().all(|fact| evidence.says(fact))
    }

    fn body(statement: &str) -> String {
        format!("fn main() {{\n{statement} // 1\n}}\n")
    }

    #[test]
    fn names_are_alike_in_both_languages() {
        assert!(says(&body("let (send_len, _addr) = f();"), "sendLen\taddr"));
        assert!(says(&body("say!(\"{conn} {addr:?}\");"), "print()\tconn\taddr"));
        assert!(!says(&body("say!(\"conn\");"), "conn"));
        assert!(says(&body("(callback.function)(conn);"), "callback()"));
        assert!(!says(&body("let recv = conn;"), "recv()"));
        assert!(!says(&body("let m = [b\"a \", x].concat();"), "\"a {} b\""));
    }

    #[test]
    fn an_address_stands_in_the_command_line() {
        let text = "fn main() {\n    let args = arguments!(\"127.0.0.1:6969\", \"a\");\n    \
                    server.bind(args.addr)?; // 1\n}\n";
        assert!(says(text, "bind()\t127.0.0.1:6969"));
        assert!(!says(text, "127.0.0.1:6968"));
    }

    #[test]
    fn a_block_is_opened_and_flags_and_modules_are_words() {
        assert!(says(&body("modify(fd, EPOLLIN | EPOLLET);"), "EPOLLIN\tEPOLLET"));
        assert!(!says(&body("modify(fd, EPOLLIN);"), "EPOLLET"));
        assert!(says("fn main() {\n    loop { // 1\n    }\n}\n", ":"));
        assert!(!says(&body("a();"), ":"));
        assert!(says("use common::Socket; // 1\n", "import socket"));
        assert!(!says("use std::thread; // 1\n", "import socket"));
        assert!(!says(&body("let common = 1;"), "import socket"));
    }

    #[test]
    fn a_name_may_be_the_value_of_a_block() {
        assert!(says(
            "fn best() -> &'static str {\n    \"PollSelector\" // 1\n}\n",
            "PollSelector"
        ));
    }
}
