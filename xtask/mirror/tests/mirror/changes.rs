//! The real mirrors, and ways to change their text.

use std::fs;

use xtask::catalog::fact::{Fact, Facts};
use xtask::catalog::manifest::Listing;
use xtask::catalog::margin::{DIFFERS, Margin};
use xtask::catalog::{fact, manifest};
use xtask_mirror::mirror::check;
use xtask_mirror::mirror::rust::Token;
use xtask_mirror::mirror::source::{Comment, Source};

/// A file that mirrors a listing, as it is now.
pub struct Mirror {
    pub listing: Listing,
    pub facts: Facts,
    pub file: String,
    pub text: String,
    pub source: Source,
    /// What is wrong with it.
    faults: Vec<String>,
}

impl Mirror {
    /// All of them.
    pub fn all() -> Vec<Mirror> {
        let root = xtask::root();
        let manifest = manifest::read(root).unwrap();
        let facts = fact::read(root, &manifest).unwrap();
        let mut mirrors = Vec::new();
        for listing in manifest.listings {
            for file in listing.files.clone() {
                let text = fs::read_to_string(root.join(&file)).unwrap();
                let mut mirror = Mirror {
                    listing: listing.clone(),
                    facts: facts.clone(),
                    source: Source::parse(&text).unwrap(),
                    file,
                    text,
                    faults: Vec::new(),
                };
                mirror.faults = mirror.faults_of(&mirror.text);
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

    /// The comments with a statement that name a line of the note.
    pub fn naming(&self, number: usize) -> Vec<&Comment> {
        let comments = self.source.comments.iter();
        comments.filter(|one| one.names(number) && one.statement.is_ok()).collect()
    }

    /// The comments with a statement.
    pub fn comments(&self) -> impl Iterator<Item = &Comment> {
        self.source.comments.iter().filter(|comment| comment.statement.is_ok())
    }

    /// The lines of the note that a comment names.
    pub fn numbers(&self, comment: &Comment) -> Vec<usize> {
        let named = |number: &&usize| comment.names(**number);
        self.listing.code.iter().filter(named).copied().collect()
    }

    /// The positions of a comment's statement in the file's tokens.
    pub fn tokens(&self, comment: &Comment) -> Vec<usize> {
        comment.statement.as_ref().unwrap().tokens.clone()
    }

    /// What is wrong with a text in the file's place, without line numbers. How wide its lines are
    /// is not what these tests are about.
    fn faults_of(&self, text: &str) -> Vec<String> {
        let faults = check::check(&self.listing, &self.facts, &self.file, text);
        let message = |fault: String| fault.splitn(3, ':').nth(2).unwrap().to_owned();
        let messages = faults.iter().map(|fault| message(fault.to_string()));
        messages.filter(|message| !message.contains("columns, of at most")).collect()
    }

    /// Whether a text has a fault that the file has not.
    pub fn refuses(&self, text: &str) -> bool {
        let mut before = self.faults.clone();
        self.faults_of(text).into_iter().any(|fault| {
            let known = before.iter().position(|one| *one == fault);
            known.map(|known| before.swap_remove(known)).is_none()
        })
    }
}

/// Changes that were tried, and those that the check took for a mirror.
#[derive(Default)]
pub struct Tried {
    changes: usize,
    accepted: Vec<String>,
}

impl Tried {
    /// Tries one, its numbers in a margin again. A text that is not Rust proves nothing and is left
    /// out.
    pub fn change(&mut self, mirror: &Mirror, what: &str, lines: &[String]) {
        let text = aligned(lines);
        if Source::parse(&text).is_err() || text == mirror.text {
            return;
        }
        self.changes += 1;
        if !mirror.refuses(&text) {
            self.accepted.push(format!("{}: {what}", mirror.file));
        }
    }

    /// Tries one of the statements of some lines, as it is and as a departure of these lines.
    pub fn change_of(&mut self, mirror: &Mirror, numbers: &[usize], what: &str, lines: &[String]) {
        self.change(mirror, what, lines);
        if aligned(lines) != mirror.text {
            self.change(mirror, &format!("{what}, as a departure"), &differing(lines, numbers));
        }
    }

    /// Requires that every change was refused, and that there were as many as one would think.
    pub fn all_refused(self, at_least: usize) {
        println!("{} changes", self.changes);
        assert!(self.accepted.is_empty(), "accepted:\n{}", self.accepted.join("\n"));
        assert!(self.changes >= at_least, "only {} changes", self.changes);
    }
}

/// The text of some lines with all numbers of the margin at one column.
fn aligned(lines: &[String]) -> String {
    let margin = Margin::read(&lines.join("\n"));
    let marks = margin.marks.iter().filter(|mark| margin.is_in_margin(mark));
    let width = |line: usize| margin.code(line).chars().count();
    let column = marks.clone().map(|mark| width(mark.line) + 1).max().unwrap_or(0);
    let mut lines = margin.lines.clone();
    for mark in marks {
        let (code, text) = split(&margin.lines[mark.line - 1]);
        lines[mark.line - 1] = format!("{code:column$}{text}");
    }
    lines.join("\n") + "\n"
}

/// The same lines with some of the note's marked as departures, and a reason in the head.
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

/// A line's code, and its comment.
pub fn split(line: &str) -> (&str, &str) {
    let at = line.rfind("// ").expect("a number");
    (line[..at].trim_end(), &line[at..])
}

/// The white space that a line begins with.
pub fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

/// Puts `text` in the place of a token that is on one line.
pub fn replace(lines: &mut [String], token: &Token, text: &str) {
    assert_eq!(token.start.line, token.end.line);
    let line = &mut lines[token.start.line - 1];
    let characters: Vec<char> = line.chars().collect();
    let before: String = characters[..token.start.column].iter().collect();
    let behind: String = characters[token.end.column..].iter().collect();
    *line = before + text + &behind;
}
