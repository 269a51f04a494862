//! The exercises: data, and how one becomes the text that a learner starts with.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use maud::{Markup, html};
use serde::Deserialize;

use crate::exercise::bug;
use crate::page::words;
use xtask::catalog::language::Language;
use xtask::catalog::{SERVERS, Server, Target, data};

/// Where they are, from the workspace's root.
const FILE: &str = "xtask/data/exercises.toml";

/// A server with a piece missing. Texts are plain.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// Its name in kebab-case.
    pub name: String,
    /// What it is about, in a few words.
    pub title: String,
    /// The server that it is made of.
    pub server: String,
    /// The text that is taken out, which is once in the server's file.
    pub from: String,
    /// The text that is there instead: it compiles, and does not suffice.
    pub to: String,
    /// What to do.
    pub task: String,
    /// Three hints, each of which says more.
    pub hints: Vec<String>,
    /// Where to read: lines of the notes, manual pages.
    pub read: Vec<String>,
    /// The checks in their order. The first one fails at the start.
    pub checks: Vec<String>,
    /// The same in Chinese.
    pub zh: Chinese,
}

/// An exercise in Chinese.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chinese {
    /// The fingerprint of the English that it translates.
    pub of: String,
    title: String,
    task: String,
    hints: Vec<String>,
}

/// What an exercise says, in one language.
pub struct Words<'a> {
    /// What it is about.
    pub title: &'a str,
    /// What to do.
    pub task: &'a str,
    /// The hints.
    pub hints: &'a [String],
}

impl Exercise {
    /// What it says.
    pub fn words(&self, language: Language) -> Words<'_> {
        let Exercise { title, task, hints, zh, .. } = self;
        match language {
            Language::Chinese if !zh.title.is_empty() => {
                Words { title: &zh.title, task: &zh.task, hints: &zh.hints }
            }
            _ => Words { title, task, hints },
        }
    }

    /// What it is about, in both languages.
    pub fn both(&self) -> Markup {
        words(&self.title, &self.zh.title)
    }

    /// The row of its server.
    pub fn row(&self) -> Result<&'static Server> {
        let server = SERVERS.iter().find(|server| server.name == self.server);
        server.with_context(|| format!("{}: no server is called {}", self.name, self.server))
    }

    /// The file of its server, from the workspace's root.
    pub fn file(&self) -> Result<String> {
        let row = self.row()?;
        Ok(match row.target {
            Target::Bin => format!("{}/src/main.rs", row.package),
            _ => format!("{}/examples/{}.rs", row.package, row.name),
        })
    }

    /// The real server's text.
    pub fn solution(&self, root: &Path) -> Result<String> {
        let file = self.file()?;
        fs::read_to_string(root.join(&file)).with_context(|| format!("read {file}"))
    }

    /// The text that a learner starts with.
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

/// All exercises of the workspace at `root`, in their order.
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
                    b { (words("Exercise: ", "练习：")) (exercise.both()) }
                }
                p { (words(&exercise.task, &exercise.zh.task)) }
                p { code { "cargo xtask exercise start " (exercise.name) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use xtask::catalog::language::fingerprint;
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
            assert_eq!(exercise.hints.len(), 3, "{name}");
            assert!(!exercise.checks.is_empty() && !exercise.read.is_empty(), "{name}");
            for check in &exercise.checks {
                assert!(CHECKS.iter().any(|known| known.name == check), "{name}: {check}");
            }
        }
    }

    #[test]
    fn every_translation_is_one_of_today_s_english() {
        for Exercise { name, title, task, hints, zh, .. } in read(xtask::root()).unwrap() {
            let english = [&title, &task].into_iter().chain(&hints).map(String::as_str);
            let today = fingerprint(english);
            assert_eq!(zh.of, today, "{name}: translate it anew, or check the translation");
            assert_eq!(zh.hints.len(), hints.len(), "{name}");
        }
    }
}
