//! One of the known defects as an exercise: what it breaks is for the learner to find.

use std::path::Path;

use anyhow::{Context, Result};

use crate::exercise::folder::Folder;
use crate::exercise::table::{Exercise, Words};
use xtask::catalog::defect::{self, Defect};
use xtask::catalog::language::{Both, Chinese, fingerprint};

const NAME: &str = "bug-";

/// Chooses a defect of a server's own file that is not there yet.
pub fn choose(root: &Path) -> Result<Exercise> {
    let mut defects: Vec<Defect> = suitable(root)?;
    defects.retain(|defect| !Folder::of(root, &name(defect)).exists());
    let chosen = fastrand::choice(&defects).context("every bug has been started")?;
    Ok(exercise(chosen))
}

pub fn named(root: &Path, wanted: &str) -> Result<Option<Exercise>> {
    let is_it = |defect: &&Defect| name(defect) == wanted;
    Ok(suitable(root)?.iter().find(is_it).map(exercise))
}

/// Those that a client can see, and that are in the one file which a learner gets.
fn suitable(root: &Path) -> Result<Vec<Defect>> {
    let mut defects = defect::read(root)?;
    defects.retain(|defect| {
        let is_whole = |exercise: Exercise| exercise.file().is_ok_and(|file| file == defect.file);
        defect.equivalent.is_none() && is_whole(exercise(defect))
    });
    Ok(defects)
}

/// A name that does not tell what is broken.
fn name(defect: &Defect) -> String {
    format!("{NAME}{}", &fingerprint([defect.name.as_str()])[..6])
}

/// The exercise of a defect; it is in English alone.
fn exercise(defect: &Defect) -> Exercise {
    let Defect { server, from, to, .. } = defect.clone();
    let words = Words {
        title: format!("A bug in {server}"),
        task: format!(
            "This is {server} with one small edit that breaks it. Run the checks, read what fails, \
             and repair it."
        ),
        hints: vec![
            "The report names what was expected and what came. Which line of the file does that?"
                .to_owned(),
            "Read the head of the file: its experiment shows how the server should behave."
                .to_owned(),
            defect.breaks.clone(),
        ],
    };
    let zh = Chinese { of: String::new(), words: words.clone() };
    Exercise {
        name: name(defect),
        server,
        from,
        to,
        read: vec!["cargo xtask list --checks".to_owned()],
        // All that applies to the server.
        checks: Vec::new(),
        words: Both { english: words, zh },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bug_is_found_again_by_a_name_that_does_not_tell_it() {
        let root = xtask::root();
        let defects = suitable(root).unwrap();
        assert!(!defects.is_empty());
        for defect in defects {
            let exercise = named(root, &name(&defect)).unwrap().unwrap();
            assert_eq!((exercise.from, exercise.to), (defect.from, defect.to), "{}", defect.name);
            assert!(!exercise.name.contains(&defect.name));
        }
    }
}
