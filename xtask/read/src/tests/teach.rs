//! Every command of the lesson and of the way through can be run: its options are known, and so is
//! what it names.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::exercise::table;
use xtask::catalog::{SERVERS, claim};
use xtask::harness::build;
use xtask::test_all::checks::CHECKS;

const DOCUMENTS: [&str; 3] = ["docs/teach", "docs/stations", "docs/phases"];

/// What is code in the documents, and a command of this project or a name in the table of the lab.
fn code() -> BTreeSet<String> {
    let mut code = BTreeSet::new();
    for (document, end) in DOCUMENTS.iter().flat_map(|it| [(it, "md"), (it, "zh-CN.md")]) {
        let text = fs::read_to_string(xtask::root().join(format!("{document}.{end}"))).unwrap();
        let text = text.replace("```", "`");
        let pieces: Vec<&str> = text.split('`').collect();
        let pairs = pieces.windows(2).step_by(2);
        let is_ours = |before: &str, code: &str| {
            code.trim().starts_with("cargo run ")
                || code.trim().starts_with("cargo xtask ")
                || before.ends_with("\n| ")
        };
        let ours = pairs.filter(|pair| is_ours(pair[0], pair[1]));
        code.extend(ours.map(|pair| pair[1].trim().to_owned()));
    }
    code
}

#[test]
fn every_command_of_the_documents_can_be_run() {
    let claims = claim::read(xtask::root()).unwrap();
    let exercises = table::read(xtask::root()).unwrap();
    let mut names: BTreeSet<&str> = SERVERS.iter().map(|server| server.name).collect();
    names.extend(CHECKS.iter().map(|check| check.name));
    names.extend(claims.iter().map(|claim| claim.name.as_str()));
    names.extend(exercises.iter().map(|exercise| exercise.name.as_str()));
    let servers = build::build(build::SERVERS, false).unwrap();
    let all = code();
    assert!(all.len() > 35, "{all:?}");
    for code in all {
        let words = shlex::split(&code).unwrap();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (begin, named) = match words.as_slice() {
            ["cargo", "xtask", "exercise", _, named @ ..] => (4, named),
            ["cargo", "xtask", _, named @ ..] => (3, named),
            // What was built knows its options.
            ["cargo", ..] => (words.len(), [].as_slice()),
            named => (0, named),
        };
        let is_name = |word: &&&str| word.bytes().all(|it| it.is_ascii_lowercase() || it == b'-');
        let mut named = named.iter().filter(|word| is_name(word) && !word.starts_with("--"));
        let unknown = named.find(|word| !names.contains(**word));
        assert_eq!(unknown, None, "{code}");
        if begin == 0 {
            continue;
        }
        // An option or a value that is not known ends the command before its last word is read.
        let mut command = match words.as_slice() {
            ["cargo", "run", "-p", package, words @ ..] => {
                let (name, words) = match words {
                    ["--example", name, words @ ..] => (name, words),
                    words => (package, words),
                };
                let program = servers.get(package, name).unwrap_or_else(|| panic!("{code}"));
                let mut command = Command::new(program);
                command.args(words.iter().filter(|word| **word != "--"));
                command
            }
            words => {
                let mut command = Command::new("cargo");
                command.args(&words[1..]).current_dir(xtask::root());
                command
            }
        };
        let output = command.arg("--help").output();
        let output = output.unwrap();
        assert!(output.status.success(), "{code}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
