//! The command line of `cargo xtask read`, on the workspace itself and without notes.

use std::path::Path;
use std::process::{Command, Output};

use xtask::checkout;

use crate::tests::made_up::Workspace;

fn read(words: &[&str]) -> Output {
    let mut command = Command::new(checkout::built("xtask-read"));
    command.arg("read").args(words).env("COLUMNS", "120").env("CLICOLOR", "1");
    command.output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn without_notes_the_pages_are_written_and_it_is_said_what_they_lack() {
    let workspace = Workspace::new("without");
    let out = workspace.root.join("out");
    let output = read(&["--out", out.to_str().unwrap()]);
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success() && out.join("index.html").exists(), "{}", stderr(&output));
    assert!(text.contains("--notes DIR adds") && text.contains("004_….txt"), "{text}");
}

#[test]
fn without_a_note_of_this_edition_nothing_is_written() {
    let workspace = Workspace::new("command");
    let out = workspace.root.join("out");
    let sources = workspace.root.join("blocking-server/src");
    for (folder, lines, words) in [
        (sources.to_str().unwrap(), 1, "000_….txt"),
        ("/proc/none", 1, "000_….txt"),
        ("/dev/null", 1, "000_….txt"),
        // A line for each of the five: two are of another edition, three are not there.
        (workspace.notes.to_str().unwrap(), 5, "no note 000: "),
        (workspace.notes.to_str().unwrap(), 5, "001_a.txt:"),
    ] {
        let output = read(&["--notes", folder, "--out", out.to_str().unwrap()]);
        let message = stderr(&output);
        assert_eq!((output.status.code(), message.lines().count()), (Some(1), lines), "{message}");
        assert!(message.contains(words), "{message}");
        assert!(output.stdout.is_empty() && !out.exists());
    }
}

#[test]
fn a_malformed_place_says_what_was_expected() {
    let output = read(&["002:x"]);
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("for example 002, 002:308 or 002:226-355"), "{message}");
}

#[test]
fn without_notes_the_rust_stands_alone() {
    let output = read(&["002:308"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("002:226-355  epoll-server/src/main.rs\n"), "{text}");
    assert!(text.lines().any(|line| line.trim_start().starts_with("308 ")), "{text}");
    assert!(text.contains(".recv(10)") && !text.contains('\x1b'), "{text}");
}

#[test]
fn the_pages_are_written_below_the_target_folder_that_cargo_names() {
    let workspace = Workspace::new("below-target");
    std::fs::write(workspace.root.join("Cargo.toml"), "[workspace]\n").unwrap();
    for target in ["target", "elsewhere"] {
        let target = workspace.root.with_file_name("below").join(target);
        let mut command = Command::new(checkout::built("xtask-read"));
        command.args(["read", "--notes"]).arg(&workspace.notes).current_dir(&workspace.root);
        command.env("CARGO_MANIFEST_DIR", &workspace.root).env("CARGO_TARGET_DIR", &target);
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stdout.clone()).unwrap();
        let (index, _) = text.split_once(": ").unwrap_or_else(|| panic!("{}", stderr(&output)));
        assert!(Path::new(index).starts_with(&target), "{text}");
        assert!(Path::new(index).is_file() && !workspace.root.join("target").exists(), "{text}");
    }
}
