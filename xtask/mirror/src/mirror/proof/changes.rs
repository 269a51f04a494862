//! The real mirrors, and ways to change their text.

use std::fs;

use crate::mirror::check;
use crate::mirror::rust::Token;
use crate::mirror::source::{Comment, Source};
use crate::mirror::statement::Statement;
use xtask::catalog::fact::{self, Fact, Facts};
use xtask::catalog::manifest::{self, Listing};
use xtask::catalog::margin::{DIFFERS, Margin, Mark};

/// A file that mirrors a listing, as it is now.
pub struct Mirror {
    pub listing: Listing,
    pub file: String,
    pub source: Source,
    facts: Facts,
    text: String,
    /// What a number at each line would belong to.
    statements: Vec<Result<Statement, &'static str>>,
    /// What is wrong with it.
    faults: Vec<String>,
}

impl Mirror {
    pub fn all() -> Vec<Mirror> {
        let root = xtask::root();
        let manifest = manifest::read(root).unwrap();
        let facts = fact::read(root, &manifest).unwrap();
        let mut mirrors = Vec::new();
        for listing in manifest.listings {
            for file in listing.files.clone() {
                let text = fs::read_to_string(root.join(&file)).unwrap();
                let source = Source::parse(&text).unwrap();
                let at_line = |line| {
                    let mark = Mark { line, column: 0, numbers: Vec::new(), differs: false };
                    Statement::of(&mark, &source.margin, &source.tokens)
                };
                let mut mirror = Mirror {
                    listing: listing.clone(),
                    facts: facts.clone(),
                    statements: (1..=text.lines().count()).map(at_line).collect(),
                    source,
                    file,
                    text,
                    faults: Vec::new(),
                };
                mirror.faults = mirror.faults_of(&mirror.source);
                mirrors.push(mirror);
            }
        }
        mirrors
    }

    /// The facts of a line of the note.
    pub fn said(&self, number: usize) -> &[Fact] {
        self.facts.of(&self.listing.note, number)
    }

    /// The file's lines.
    pub fn lines(&self) -> Vec<String> {
        self.source.margin.lines.clone()
    }

    /// The lines at which a statement ends, or opens a block.
    pub fn statements(&self) -> impl Iterator<Item = usize> {
        let lines = self.statements.iter().enumerate();
        lines.filter_map(|(index, statement)| statement.is_ok().then_some(index + 1))
    }

    /// The comments, each of which has a statement.
    pub fn comments(&self) -> &[Comment] {
        &self.source.comments
    }

    /// The comments that name a line of the note.
    pub fn naming(&self, number: usize) -> Vec<&Comment> {
        self.comments().iter().filter(|one| one.names(number)).collect()
    }

    /// The lines of the note that a comment names.
    pub fn numbers(&self, comment: &Comment) -> Vec<usize> {
        let named = |number: &&usize| comment.names(**number);
        self.listing.code.iter().filter(named).copied().collect()
    }

    /// The tokens of the statements that say a line of the note, as positions in their order.
    pub fn tokens(&self, number: usize) -> Vec<usize> {
        let statements = self.naming(number).into_iter().flat_map(|one| &one.statement);
        let mut tokens: Vec<usize> = statements.flat_map(|one| one.tokens.clone()).collect();
        tokens.sort_unstable();
        tokens.dedup();
        tokens
    }

    /// What is wrong with a changed file, without line numbers. How wide its lines are and where its
    /// margin is are not what these tests are about.
    fn faults_of(&self, source: &Source) -> Vec<String> {
        let faults = check::of_source(&self.listing, &self.facts, &self.file, source);
        let message = |fault: String| fault.splitn(3, ':').nth(2).unwrap().to_owned();
        let messages = faults.iter().map(|fault| message(fault.to_string()));
        let of_layout = ["columns, of at most", "the number is at column"];
        let is_of_layout = |message: &String| of_layout.iter().any(|words| message.contains(words));
        messages.filter(|message| !is_of_layout(message)).collect()
    }

    /// Whether a changed file has a fault that the file has not.
    fn refuses(&self, source: &Source) -> bool {
        let mut before = self.faults.clone();
        self.faults_of(source).into_iter().any(|fault| {
            let known = before.iter().position(|one| *one == fault);
            known.map(|known| before.swap_remove(known)).is_none()
        })
    }

    /// Whether lines in the file's place are a mirror.
    pub fn accepts(&self, lines: &[String]) -> bool {
        !self.refuses(&Source::parse(&joined(lines)).unwrap())
    }

    /// The file when only its numbers have moved, and its head may have more lines.
    fn with_numbers_of(&self, lines: &[String]) -> Source {
        let margin = Margin::read(&joined(lines));
        let moved = lines.len() - self.statements.len();
        let comment = |mark: &Mark| Comment {
            mark: mark.clone(),
            statement: self.statements[mark.line - 1 - moved].clone(),
        };
        let comments = margin.marks.iter().map(comment).collect();
        let (address, tokens) = (self.source.address.clone(), self.source.tokens.clone());
        Source { margin, comments, address, tokens }
    }
}

/// Changes that were tried, and those that the check took for a mirror.
#[derive(Default)]
pub struct Tried {
    changes: usize,
    accepted: Vec<String>,
}

impl Tried {
    fn add(&mut self, mirror: &Mirror, what: &str, source: &Source) {
        self.changes += 1;
        if !mirror.refuses(source) {
            self.accepted.push(format!("{}: {what}", mirror.file));
        }
    }

    /// Tries a change. A text that is not Rust proves nothing and is left out.
    pub fn change(&mut self, mirror: &Mirror, what: &str, lines: &[String]) {
        let text = joined(lines);
        if text != mirror.text {
            Source::parse(&text).iter().for_each(|source| self.add(mirror, what, source));
        }
    }

    /// Tries a change of the statements of some lines, as it is and as a departure of these lines.
    pub fn change_of(&mut self, mirror: &Mirror, numbers: &[usize], what: &str, lines: &[String]) {
        self.change(mirror, what, lines);
        if joined(lines) != mirror.text {
            self.change(mirror, &format!("{what}, as a departure"), &differing(lines, numbers));
        }
    }

    /// Tries numbers at another line.
    pub fn moved(&mut self, mirror: &Mirror, what: &str, lines: &[String]) {
        self.add(mirror, what, &mirror.with_numbers_of(lines));
    }
}

/// Requires that every change of every mirror is refused, and that there are as many as one would
/// think.
pub fn all_refused(at_least: usize, change: impl Fn(&mut Tried, &Mirror)) {
    let mut tried = Tried::default();
    for mirror in Mirror::all() {
        change(&mut tried, &mirror);
    }
    println!("{} changes", tried.changes);
    assert!(tried.accepted.is_empty(), "accepted:\n{}", tried.accepted.join("\n"));
    assert!(tried.changes >= at_least, "only {} changes", tried.changes);
}

/// The text of a file of these lines.
fn joined(lines: &[String]) -> String {
    lines.join("\n") + "\n"
}

/// Lines with some of the note's marked as departures, and a reason in the head.
pub fn differing(lines: &[String], numbers: &[usize]) -> Vec<String> {
    let margin = Margin::read(&lines.join("\n"));
    let mut lines = margin.lines.clone();
    for mark in &margin.marks {
        if !mark.differs && numbers.iter().any(|number| mark.names(*number)) {
            lines[mark.line - 1] += " differs";
        }
    }
    let departures = margin.departures();
    let is_new = |number: &&usize| !departures.iter().any(|one| one.is_of(**number));
    let items = numbers.iter().filter(is_new);
    let items = items.map(|number| format!("//! - {number}: there is a good reason."));
    let paragraph = lines.iter().position(|line| line.starts_with(&format!("//! {DIFFERS}")));
    let paragraph = paragraph.unwrap();
    lines[paragraph] = format!("//! {DIFFERS}");
    lines.splice(paragraph + 1..paragraph + 1, items);
    lines
}

/// A line's code, and its comment; none where there is no number.
pub fn split(line: &str) -> (&str, &str) {
    let at = line.rfind("// ").unwrap_or(line.len());
    (line[..at].trim_end(), &line[at..])
}

/// The white space that a line begins with.
pub fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

/// Puts `text` in the place of what is from one token to another one of the same line.
pub fn replace(lines: &mut [String], first: &Token, last: &Token, text: &str) {
    let line = &mut lines[first.start.line - 1];
    let characters: Vec<char> = line.chars().collect();
    let before: String = characters[..first.start.column].iter().collect();
    let after: String = characters[last.end.column..].iter().collect();
    *line = before + text + &after;
}
