//! Every exercise: its starter compiles and fails the check that it names, and the real server
//! passes all of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

use crate::exercise::folder::Folder;
use crate::exercise::table::{self, Exercise};
use xtask::checkout;
use xtask::test_all::matrix::side_by_side;

/// `cargo xtask exercise`, as a learner types it.
fn exercise(words: &[&str]) -> Output {
    let mut command = Command::new(checkout::built("xtask-read"));
    command.arg("exercise").args(words).env("LC_ALL", "C").output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Gives a learner's own exercises back after the test, as they were.
struct Kept(PathBuf, Option<PathBuf>);

impl Kept {
    fn new() -> Kept {
        let own = checkout::root().join("exercises");
        let aside = checkout::root().join("exercises.kept");
        assert!(!aside.exists(), "a test was killed, and these are yours: {}", aside.display());
        let kept = own.exists().then(|| fs::rename(&own, &aside).map(|()| aside).unwrap());
        Kept(own, kept)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if self.0.exists() {
            fs::remove_dir_all(&self.0).unwrap();
        }
        if let Some(aside) = &self.1 {
            fs::rename(aside, &self.0).unwrap();
        }
    }
}

#[test]
fn every_starter_fails_the_check_that_it_names_and_every_solution_passes() {
    let _kept = Kept::new();
    let root = checkout::root();
    let all = table::read(root).unwrap();
    let wrong = Mutex::new(Vec::new());
    // Most of each is the silence that a starter's client waits through.
    side_by_side(all.iter().collect(), |one| {
        if let Err(why) = try_starter(one).and_then(|()| try_solution(root, one)) {
            wrong.lock().unwrap().push(why);
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));

    // Those that are started are checked again.
    for one in &all[1..] {
        fs::remove_dir_all(root.join("exercises").join(&one.name)).unwrap();
    }
    let output = exercise(&["grade", "--json"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    let count = |words: &str| text.matches(words).count();
    let counts = [" is done. ", "\"done\": true", "\"started\": false"].map(count);
    assert_eq!(counts, [1, 1, all.len() - 1], "{text}");
}

/// Puts the real server's text into an exercise, which is done then.
fn try_solution(root: &Path, row: &Exercise) -> Result<(), String> {
    fs::write(Folder::of(root, &row.name).main(), row.solution(root).unwrap()).unwrap();
    let checked = exercise(&["check", &row.name]);
    let text = stdout(&checked);
    let is_done = checked.status.success() && text.contains(&format!("{} is done. ", row.name));
    is_done.then_some(()).ok_or(format!("{}: {text}", row.name))
}

/// Starts an exercise and checks what is there then: it compiles, and fails its first check.
fn try_starter(row: &Exercise) -> Result<(), String> {
    let name = row.name.as_str();
    let said = |output: &Output| {
        format!("{name}: {}{}", stdout(output), String::from_utf8_lossy(&output.stderr))
    };
    let started = exercise(&["start", name, "--lang", "en"]);
    if !started.status.success() || !stdout(&started).contains(&row.words.english.title) {
        return Err(said(&started));
    }
    let again = exercise(&["start", name]);
    if again.status.success() {
        return Err(format!("{name}: started twice"));
    }
    let checked = exercise(&["check", name]);
    let text = stdout(&checked);
    // The heading of each report; the table above has more blanks.
    let failed = text.lines().filter_map(|line| line.strip_prefix("FAIL "));
    let failed: Vec<&str> = failed.filter(|name| !name.starts_with(' ')).collect();
    if checked.status.code() != Some(1) || failed != [&row.checks[0]] {
        return Err(format!("expected FAIL {}\n{}", row.checks[0], said(&checked)));
    }
    Ok(())
}
