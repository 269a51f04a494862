//! The real mirrors, and ways to change their text.

use std::fs;

use xtask::catalog::fact::{Fact, Facts};
use xtask::catalog::manifest::Listing;
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
}

impl Mirror {
    /// All of them.
    pub fn all() -> Vec<Mirror> {
        let root = xtask::root();
        let manifest = manifest::read(root).unwrap();
        let mut mirrors = Vec::new();
        for listing in manifest.listings {
            for file in listing.files.clone() {
                let text = fs::read_to_string(root.join(&file)).unwrap();
                mirrors.push(Mirror {
                    listing: listing.clone(),
                    facts: fact::read(root, &manifest::read(root).unwrap()).unwrap(),
                    source: Source::parse(&text).unwrap(),
                    file,
                    text,
                });
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
        self.source.lines.clone()
    }

    /// The comments with a statement that name a line of the note.
    pub fn naming(&self, number: usize) -> Vec<&Comment> {
        let comments = self.source.comments.iter();
        comments.filter(|one| one.names(number) && one.statement.is_ok()).collect()
    }

    /// The comments behind a statement.
    pub fn behind(&self) -> impl Iterator<Item = &Comment> {
        self.source.comments.iter().filter(|comment| !comment.alone && comment.statement.is_ok())
    }

    /// The positions of a comment's statement in the file's tokens.
    pub fn tokens(&self, comment: &Comment) -> Vec<usize> {
        comment.statement.as_ref().unwrap().tokens.clone()
    }

    /// What is wrong with a text in the file's place, without line numbers.
    fn faults(&self, text: &str) -> Vec<String> {
        let faults = check::check(&self.listing, &self.facts, &self.file, text);
        let message = |fault: String| fault.splitn(3, ':').nth(2).unwrap().to_owned();
        faults.iter().map(|fault| message(fault.to_string())).collect()
    }

    /// Whether a text has a fault that the file has not.
    pub fn refuses(&self, text: &str) -> bool {
        let mut before = self.faults(&self.text);
        self.faults(text).into_iter().any(|fault| {
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
    /// Tries one. A text that is not Rust any more proves nothing and is left out.
    pub fn change(&mut self, mirror: &Mirror, what: &str, lines: &[String]) {
        let text = lines.join("\n") + "\n";
        if Source::parse(&text).is_err() || text == mirror.text {
            return;
        }
        self.changes += 1;
        if !mirror.refuses(&text) {
            self.accepted.push(format!("{}: {what}", mirror.file));
        }
    }

    /// Requires that every change was refused, and that there were as many as one would think.
    pub fn all_refused(self, at_least: usize) {
        println!("{} changes", self.changes);
        assert!(self.accepted.is_empty(), "accepted:\n{}", self.accepted.join("\n"));
        assert!(self.changes >= at_least, "only {} changes", self.changes);
    }
}

/// A line's code, and its comment.
pub fn split(line: &str) -> (&str, &str) {
    let at = line.rfind("// ").unwrap();
    (line[..at].trim_end(), &line[at..])
}

/// The white space that a line begins with.
pub fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

/// Puts `text` in the place of a token that stands on one line.
pub fn replace(lines: &mut [String], token: &Token, text: &str) {
    assert_eq!(token.start.line, token.end.line);
    let line = &mut lines[token.start.line - 1];
    let characters: Vec<char> = line.chars().collect();
    let before: String = characters[..token.start.column].iter().collect();
    let behind: String = characters[token.end.column..].iter().collect();
    *line = before + text + &behind;
}
