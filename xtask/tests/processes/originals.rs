//! `cargo xtask test-all --originals`: what is said of programs in a note that nobody wrote.

use std::fs;
use std::path::{Path, PathBuf};

use xtask::catalog::SERVERS;
use xtask::checkout;
use xtask::harness::outcome::{Verdict, not_tested};
use xtask::test_all::checks::OF_ORIGINALS;
use xtask::test_all::matrix;
use xtask::test_all::originals::python;

use crate::run::{binaries, run, side_by_side, xtask};

/// The listing in whose place the programs are, and its first line.
const LISTING: &str = "001:9-19";
const FIRST: usize = 9;

/// A folder with a note 001 that has this program. Its last three lines are within two loops.
fn note(name: &str, last: [&str; 3]) -> PathBuf {
    const BEGIN: &str = "import socket, time\nserver = socket.socket()\n\
                         server.bind((\"localhost\", 6969))\nserver.listen()\n\nwhile True:\n\
                         conn, addr = server.accept()\nwhile True:\n";
    let folder = checkout::target().unwrap().join("made-up-originals").join(name);
    fs::create_dir_all(&folder).unwrap();
    let text = format!("{}{BEGIN}{}\n", "\n".repeat(FIRST - 1), last.join("\n"));
    fs::write(folder.join("001_made_up.txt"), text).unwrap();
    folder
}

fn test(folder: &Path, words: &[&str], path: Option<&str>) -> (Option<i32>, String) {
    let mut command = xtask(["test-all", "--originals", LISTING, "--notes"]);
    command.arg(folder).args(words).envs(path.map(|path| ("PATH", path)));
    let ran = run(&mut command);
    (ran.code, ran.words())
}

#[test]
fn what_a_program_does_is_one_word_with_its_line() {
    if let Err(error) = python::version() {
        return not_tested("originals", format!("{error:#}"));
    }
    const GREETS: &str = "conn.send((\"%s:%d have connected to server\" % addr).encode())";
    const ANSWERS: [&str; 3] =
        [GREETS, "data = conn.recv(1024)", "if not data: conn.close(); break"];
    let dies = ["raise ValueError(\"made up\")", "", ""];
    let spins = ["pass", "", ""];
    let sleeps = ["time.sleep(60)", "", ""];
    let differs = ["conn.send(b\"good day\")", "time.sleep(60)", ""];
    let in_vain = "its client waits in vain; it is at line 17";
    let programs = [
        ("dies", dies, "first-message", "dies", "it dies at line 17: ValueError: made up"),
        ("spins", spins, "first-message", "spins", "it spins at line 1"),
        ("silent", sleeps, "first-message", "silent", in_vain),
        ("fails", differs, "first-message", "FAIL", "have connected to server\""),
        ("pass", ANSWERS, "conversation", "pass", "passes what it was asked"),
        ("second", ANSWERS, "second-client", "waits", "passes what it was asked"),
    ];
    side_by_side(programs, |(name, last, check, word, verdict)| {
        let (code, text) = test(&note(name, last), &["--check", check], None);
        assert_eq!(code, Some(0), "{text}");
        assert!(text.contains(&format!(" {check} {word} {LISTING}: ")), "{name}: {text}");
        assert!(text.contains(verdict), "{name}: {text}");
    });
}

#[test]
fn without_python_or_the_listing_one_line_says_so() {
    let folder = note("missing", ["pass", "", ""]);
    let (code, text) = test(&folder, &[], Some("/nowhere"));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.starts_with("error: python3") && text.contains("No such file"), "{text}");
    if python::version().is_ok() {
        let (code, text) = test(&folder, &["002:146-224"], None);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("no note 002"), "{text}");
        let (code, text) = test(&folder, &["001:10"], None);
        assert_eq!(code, Some(2), "{text}");
    }
}

#[test]
fn the_mirrors_listen_on_the_loopback_interface_alone() {
    for server in SERVERS.iter().filter(|server| !server.in_words) {
        let outcome = matrix::run(server, &OF_ORIGINALS[0], binaries(), 1).outcome;
        assert_eq!(outcome, Ok(Verdict::Pass), "{}", server.name);
    }
}
