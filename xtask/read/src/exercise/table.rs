//! The exercises: data, and how one becomes the text that a learner starts with.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use maud::{Markup, html};
use serde::Deserialize;

use crate::exercise::bug;
use crate::page::words;
use xtask::catalog::language::Both;
use xtask::catalog::{SERVERS, Server, data};

const FILE: &str = "xtask/data/exercises.toml";

/// A server with a piece missing.
#[derive(Clone, Debug, Deserialize)]
pub struct Exercise {
    pub name: String,
    /// The server that it is made of.
    pub server: String,
    /// The text that is taken out, which is once in the server's file.
    pub from: String,
    /// The text that is there instead: it compiles, and does not suffice.
    pub to: String,
    /// Where to read: lines of the notes, manual pages.
    pub read: Vec<String>,
    /// The checks in their order. The first one fails at the start.
    pub checks: Vec<String>,
    #[serde(flatten)]
    pub words: Both<Words>,
}

/// What an exercise says, as plain text.
#[derive(Clone, Debug, Deserialize)]
pub struct Words {
    pub title: String,
    pub task: String,
    /// Three hints, each of which says more.
    pub hints: Vec<String>,
}

impl Exercise {
    /// What it is about, in both languages.
    pub fn title(&self) -> Markup {
        words(&self.words.english.title, &self.words.zh.words.title)
    }

    pub fn row(&self) -> Result<&'static Server> {
        let server = SERVERS.iter().find(|server| server.name == self.server);
        server.with_context(|| format!("{}: no server is called {}", self.name, self.server))
    }

    /// The file of its server, from the workspace's root.
    pub fn file(&self) -> Result<String> {
        self.row()?.file().with_context(|| format!("{} has no file", self.server))
    }

    pub fn solution(&self, root: &Path) -> Result<String> {
        let file = self.file()?;
        fs::read_to_string(root.join(&file)).with_context(|| format!("read {file}"))
    }

    pub fn starter(&self, root: &Path) -> Result<String> {
        let text = self.solution(root)?;
        let count = text.matches(&self.from).count();
        ensure!(count == 1, "{}: {:?} is {count} times in its server", self.name, self.from);
        Ok(text.replacen(&self.from, &self.to, 1))
    }
}

#[derive(Deserialize)]
struct File {
    exercise: Vec<Exercise>,
}

pub fn read(root: &Path) -> Result<Vec<Exercise>> {
    Ok(data::read::<File>(root, FILE)?.exercise)
}

/// The exercise of that name, also one that [`bug::choose`] has made.
pub fn named(root: &Path, exercises: &[Exercise], name: &str) -> Result<Exercise> {
    if let Some(exercise) = exercises.iter().find(|exercise| exercise.name == name) {
        return Ok(exercise.clone());
    }
    if let Some(exercise) = bug::named(root, name)? {
        return Ok(exercise);
    }
    let names: Vec<&str> = exercises.iter().map(|exercise| exercise.name.as_str()).collect();
    bail!("no exercise is called {name}; there are {}", names.join(", "))
}

/// The exercises that are made of a file, for the page that shows it.
pub fn beside(exercises: &[Exercise], file: &str) -> Markup {
    let is_of_file = |one: &&Exercise| one.file().is_ok_and(|known| known == file);
    html! {
        @for exercise in exercises.iter().filter(is_of_file) {
            aside.model {
                p {
                    b { (words("Exercise: ", "练习：")) (exercise.title()) }
                }
                p { (words(&exercise.words.english.task, &exercise.words.zh.words.task)) }
                p { code { "cargo xtask exercise start " (exercise.name) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use xtask::test_all::checks::CHECKS;

    #[test]
    fn every_exercise_fits_its_server_and_has_its_checks() {
        let mut names = BTreeSet::new();
        for exercise in read(xtask::root()).unwrap() {
            let name = &exercise.name;
            assert!(names.insert(name.clone()), "{name} is there twice");
            assert_ne!(
                exercise.starter(xtask::root()).unwrap(),
                exercise.solution(xtask::root()).unwrap(),
                "{name}"
            );
            for hints in [&exercise.words.english.hints, &exercise.words.zh.words.hints] {
                assert_eq!(hints.len(), 3, "{name}");
            }
            assert!(!exercise.checks.is_empty() && !exercise.read.is_empty(), "{name}");
            for check in &exercise.checks {
                assert!(CHECKS.iter().any(|known| known.name == check), "{name}: {check}");
            }
        }
    }
}
