//! From a listing's tokens to its facts.

use std::collections::BTreeMap;

use crate::catalog::fact::Fact;
use crate::notes::python::{Kind, Token};

/// Modules of Python: before a dot they say where a name comes from, and nothing else.
const MODULES: [&str; 9] =
    ["socket", "select", "selectors", "logging", "time", "random", "queue", "errno", "threading"];
/// Calls whose texts only people read: a mirror says them in English.
const PRINTING: [&str; 5] = ["print", "input", "debug", "info", "error"];
/// Calls whose arguments say what is so anyway: the family of a socket, the encoding of text, and
/// what is removed, which `retain` says by a condition.
const WITHOUT_ARGUMENTS: [&str; 4] = ["socket", "encode", "decode", "remove"];
/// Calls that only make text of a value, which formatting does in Rust.
const FORMATTING: [&str; 3] = ["str", "type", "format"];
/// Keywords: they are no facts, except of a line that says nothing else.
const KEYWORDS: [&str; 22] = [
    "if", "elif", "else", "while", "try", "except", "break", "continue", "del", "global", "in",
    "not", "is", "_", "as", "from", "and", "or", "None", "pass", "lambda", "for",
];
/// Exceptions that stand for any error.
const ANY_ERROR: [&str; 3] = ["Exception", "NameError", "Empty"];

/// The facts of each line that has tokens.
pub fn facts(tokens: &[Token<'_>]) -> BTreeMap<usize, Vec<Fact>> {
    let mut listing = Deriving { tokens, at: 0, open: Vec::new(), facts: BTreeMap::new() };
    while listing.at < tokens.len() {
        listing.step();
    }
    for line in tokens.chunk_by(|a, b| a.line == b.line) {
        let facts = listing.facts.entry(line[0].line).or_default();
        if facts.is_empty() && line[0].kind == Kind::Name {
            facts.push(Fact::Name(line[0].text.to_owned()));
        }
        if line[line.len() - 1].text == ":" {
            facts.push(Fact::Block);
        }
    }
    listing.facts.retain(|_, facts| !facts.is_empty());
    for facts in listing.facts.values_mut() {
        facts.sort();
        facts.dedup();
    }
    listing.facts
}

struct Deriving<'a> {
    tokens: &'a [Token<'a>],
    at: usize,
    /// The brackets that are open, with what is called where it is a call.
    open: Vec<Option<&'a str>>,
    facts: BTreeMap<usize, Vec<Fact>>,
}

impl<'a> Deriving<'a> {
    fn text(&self, ahead: isize) -> &'a str {
        let at = self.at.checked_add_signed(ahead);
        at.and_then(|at| self.tokens.get(at)).map_or("", |token| token.text)
    }

    fn is_inside(&self, calls: &[&str]) -> bool {
        self.open.iter().flatten().any(|call| calls.contains(call))
    }

    /// The line of this token; behind the last one, of that.
    fn line(&self) -> usize {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(0, |token| token.line)
    }

    fn say(&mut self, fact: Fact) {
        self.facts.entry(self.line()).or_default().push(fact);
    }

    /// Goes to the next token with one of these texts on this line, or to the line's end.
    fn skip_to(&mut self, ends: &[&str]) {
        let line = self.line();
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        let end = |token: &Token<'_>| token.line != line || ends.contains(&token.text);
        self.at += rest.iter().position(end).unwrap_or(rest.len());
    }

    fn step(&mut self) {
        let token = &self.tokens[self.at];
        if self.at > 0 && self.tokens[self.at - 1].line != token.line {
            // A line inside the brackets of a call belongs to that call.
            for call in self.open.clone().into_iter().flatten() {
                self.say(Fact::Call(call.to_owned()));
            }
        }
        match token.kind {
            Kind::Sign => self.sign(token.text),
            _ if self.is_inside(&WITHOUT_ARGUMENTS) => {}
            Kind::Name => return self.name(token.text),
            Kind::Number => self.number(token.text),
            Kind::Bytes => self.say(Fact::Text(token.text.to_owned())),
            Kind::Text => self.string(token.text),
        }
        self.at += 1;
    }

    fn sign(&mut self, sign: &'a str) {
        match sign {
            "(" => {
                let call = self.at > 0 && self.tokens[self.at - 1].kind == Kind::Name;
                self.open.push(call.then(|| self.text(-1)));
            }
            "[" | "{" => self.open.push(None),
            ")" | "]" | "}" => drop(self.open.pop()),
            _ => {}
        }
    }

    fn number(&mut self, number: &str) {
        let is_index = self.text(-1) == "[" && self.text(1) == "]" && self.text(-2) != "=";
        match number.parse() {
            Ok(position) if is_index => self.say(Fact::Index(position)),
            Ok(truth) if self.is_inside(&["setblocking", "setsockopt"]) => {
                self.say(Fact::Truth(truth != 0));
            }
            _ => self.say(Fact::Number(number.to_owned())),
        }
    }

    fn string(&mut self, text: &str) {
        let is_host = text.is_empty() || text == "localhost" || text.contains('.');
        let is_port = self.tokens.get(self.at + 2).is_some_and(|next| next.kind == Kind::Number);
        if is_host && self.text(1) == "," && is_port {
            let host = match text {
                "" => "0.0.0.0",
                "localhost" => "127.0.0.1",
                host => host,
            };
            self.say(Fact::Address(format!("{host}:{}", self.text(2))));
            self.at += 2;
        } else if !self.is_inside(&PRINTING) && !text.is_empty() {
            self.say(Fact::Text(text.replace("%s", "{}")));
        }
    }

    fn name(&mut self, name: &'a str) {
        match name {
            "import" => return self.import(),
            "from" => {
                self.at += 1;
                self.say(Fact::Import(self.text(0).to_owned()));
                return self.skip_to(&[]);
            }
            "while" => self.at += usize::from(["True", "1"].contains(&self.text(1))),
            "if" if self.text(1) == "__name__" => {
                self.say(Fact::Name("main".to_owned()));
                self.skip_to(&[":"]);
            }
            "global" => return self.skip_to(&[]),
            "for" => return self.targets(),
            "def" => return self.definition(),
            "True" | "False" => self.say(Fact::Truth(name == "True")),
            _ if KEYWORDS.contains(&name) || ANY_ERROR.contains(&name) => {}
            _ => self.variable(name),
        }
        self.at += 1;
    }

    fn import(&mut self) {
        let line = self.line();
        self.at += 1;
        while self.at < self.tokens.len() && self.line() == line {
            let module = self.text(0);
            let uses = |pair: &[Token<'_>]| pair[0].text == module && pair[1].text == ".";
            if self.tokens.windows(2).any(uses) {
                self.say(Fact::Import(module.to_owned()));
            }
            self.at += 1;
        }
    }

    /// The names between `for` and `in`.
    fn targets(&mut self) {
        self.at += 1;
        while self.at < self.tokens.len() && self.text(0) != "in" {
            if self.tokens[self.at].kind == Kind::Name && self.text(0) != "_" {
                self.say(Fact::Name(self.text(0).to_owned()));
            }
            self.at += 1;
        }
        self.at += 1;
    }

    /// `def name(parameter: Type, …):`, without the types.
    fn definition(&mut self) {
        self.at += 1;
        self.say(Fact::Name(self.text(0).to_owned()));
        self.at += 1;
        let line = self.line();
        while self.at < self.tokens.len() && self.line() == line {
            if self.tokens[self.at].kind == Kind::Name {
                self.say(Fact::Name(self.text(0).to_owned()));
            }
            self.at += 1;
            if self.at < self.tokens.len() && self.text(0) == ":" {
                self.skip_to(&[",", ")"]);
            }
        }
    }

    fn variable(&mut self, name: &str) {
        let is_module = MODULES.contains(&name) && self.text(1) == "." && self.text(-1) != ".";
        let is_argument = self.text(1) == "=" && !self.open.is_empty();
        let is_error = name == "error" && self.text(1) != "(";
        if is_module || is_argument || is_error || FORMATTING.contains(&name) {
            return;
        }
        let fact = if self.text(1) == "(" { Fact::Call } else { Fact::Name };
        self.say(fact(name.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notes::python;
    use crate::tests::strange;

    /// The facts of the first line, as the manifest writes them.
    fn of(text: &str) -> String {
        let lines = text.lines().enumerate();
        let tokens: Vec<_> = lines.flat_map(|(line, text)| python::tokens(line, text)).collect();
        let facts = facts(&tokens).remove(&0).unwrap_or_default();
        facts.iter().map(Fact::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_call_has_its_names_and_literals() {
        assert_eq!(of("data = conn.recv(1024)"), "recv() conn data 1024");
        assert_eq!(of("sk = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0)"), "socket() sk");
        assert_eq!(of("s.setblocking(0)"), "setblocking() s False");
        assert_eq!(
            of("epoll.register(fd, select.EPOLLIN | select.EPOLLET)"),
            "register() EPOLLET EPOLLIN epoll fd"
        );
        assert_eq!(of("f(name=value)"), "f() value");
    }

    #[test]
    fn an_address_is_one_fact() {
        assert_eq!(of("s.bind((\"localhost\",6969))"), "bind() s 127.0.0.1:6969");
        assert_eq!(of("s.bind(('', 2003))"), "bind() s 0.0.0.0:2003");
        assert_eq!(of("Thread(args=('x',19)).start()"), "Thread() start() 19 \"x\"");
    }

    #[test]
    fn text_for_people_is_left_out() {
        assert_eq!(of("print('here', addr[0])"), "print() addr [0]");
        assert_eq!(of("s.send('here'.encode('utf8'))"), "encode() send() s \"here\"");
        assert_eq!(
            of("s.send((\"%s is in\"%addr).encode())"),
            "encode() send() addr s \"{} is in\""
        );
        assert_eq!(of("s.send(b'here')"), "send() s \"here\"");
    }

    #[test]
    fn a_keyword_is_a_fact_where_its_line_has_no_other() {
        assert_eq!(of("while True:"), ": while");
        assert_eq!(of("while 1:"), ": while");
        assert_eq!(of("except Exception:"), ": except");
        assert_eq!(of("break"), "break");
        assert_eq!(of("global loc"), "global");
        assert_eq!(of("for key, mask in events:"), ": events key mask");
        assert_eq!(of("if s not in outputs:"), ": outputs s");
        assert_eq!(of("if s is server:"), ": s server");
        assert_eq!(of("except socket.error as msg:"), ": msg");
        assert_eq!(of("def accept(sock:socket.socket, mask):"), ": accept mask sock");
        assert_eq!(of("if __name__ == '__main__': a=1"), "a main 1");
    }

    #[test]
    fn a_module_that_is_not_used_needs_no_counterpart() {
        assert_eq!(of("import socket,time\nsocket.socket()"), "import socket");
        assert_eq!(of("from threading import Thread,local"), "import threading");
    }

    #[test]
    fn a_line_inside_brackets_belongs_to_the_call() {
        let lines = [python::tokens(1, "print(a,"), python::tokens(2, "b)")].concat();
        let expected = [Fact::Call("print".to_owned()), Fact::Name("b".to_owned())];
        assert_eq!(facts(&lines)[&2], expected);
    }

    #[test]
    fn no_text_is_too_strange() {
        let pieces = "a 0 = : , . ' \" ( ) [ ] \n from def for in import".split(' ');
        let pieces: Vec<&str> = pieces.chain([" "]).collect();
        strange(&pieces, |text| drop(of(text)));
    }
}
