//! `cargo xtask read` on a terminal with few lines: what its pager is given, and what it shows.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, ExitStatus, Stdio};

use console::strip_ansi_codes;

/// A listing that is longer than the terminal, without its note.
const SHOWN: &str = "002:226-355";

/// The last line of it, with its number.
fn last() -> String {
    let file = xtask::root().join("epoll-server/src/main.rs");
    format!("{} }}", std::fs::read_to_string(file).unwrap().lines().count())
}

/// What a terminal of 12 lines shows, without its colours, and how the command ends. The keys are
/// pressed as soon as the first line is there.
fn press(keys: &str, variables: &[(&str, &str)]) -> Option<(String, ExitStatus)> {
    let line = format!(
        "stty rows 12 cols 110; exec {} read {SHOWN}",
        xtask::checkout::built("xtask-read").display()
    );
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    for name in ["PAGER", "LESS", "LESSCHARSET", "LV", "MORE", "NO_COLOR"] {
        command.env_remove(name);
    }
    command.env("TERM", "xterm").envs(variables.iter().copied());
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut script = child.inspect_err(|error| eprintln!("skip: script(1): {error}")).ok()?;
    let mut keyboard = script.stdin.take().unwrap();
    let mut screen = BufReader::new(script.stdout.take().unwrap());
    let mut shown = Vec::new();
    screen.read_until(b'\n', &mut shown).unwrap();
    // A pager that waits for no key may have ended.
    let _ = keyboard.write_all(keys.as_bytes());
    screen.read_to_end(&mut shown).unwrap();
    let shown = String::from_utf8(shown).unwrap();
    Some((strip_ansi_codes(&shown).into_owned(), script.wait().unwrap()))
}

#[test]
fn colours_and_text_are_readable_in_less() {
    if let Err(error) = Command::new("less").arg("--version").output() {
        eprintln!("skip: less(1): {error}");
        return;
    }
    for variables in [
        &[("PAGER", "less")][..],
        &[("PAGER", "less"), ("LC_ALL", "C")],
        &[("PAGER", "less -N"), ("LC_ALL", "C")],
        &[("LC_ALL", "POSIX")],
    ] {
        let Some((shown, status)) = press("q", variables) else { return };
        assert!(status.success(), "{variables:?}: {shown}");
        assert!(shown.contains("epoll-server/src/main.rs"), "{variables:?}: {shown}");
        for unreadable in ["ESC", "<E2>", &last()] {
            assert!(!shown.contains(unreadable), "{unreadable} by {variables:?}: {shown}");
        }
    }
}

#[test]
fn what_a_pager_is_given_and_what_is_shown_without_it() {
    let settings = r#"cat > /dev/null; echo "$LESS|$LV|$LESSCHARSET""#;
    for (pager, variables, first, is_whole) in [
        // What the reader has set stays.
        (settings, &[][..], "FRX|-c|utf-8", false),
        (settings, &[("LESS", "-R")], "-R|-c|utf-8", false),
        (settings, &[("LESSCHARSET", "latin1"), ("LV", "")], "FRX||latin1", false),
        // Without a pager all of it is printed.
        ("", &[], "002:226-355", true),
        ("cat", &[], "002:226-355", true),
        ("no-such-pager -x", &[], "not found", true),
        // A pager may end before it has read all, or fail.
        ("more", &[], "002:226-355", false),
        ("head -n 2", &[], "002:226-355", false),
        ("sed 3q; exit 3", &[], "002:226-355", false),
    ] {
        let all = [variables, &[("PAGER", pager)]].concat();
        let Some((shown, status)) = press("q", &all) else { return };
        assert!(
            status.success() && shown.lines().next().unwrap().contains(first),
            "{all:?}: {shown}"
        );
        assert_eq!(shown.contains(&last()), is_whole, "{all:?}: {shown}");
    }
}

#[test]
fn ctrl_c_is_for_the_pager() {
    // A command that ends before its pager leaves two readers of one keyboard. A shell that has a
    // signal just before it waits goes on waiting, so this one waits again and again.
    let pager = "trap 'echo interrupted; exit' INT; head -n 1; while :; do sleep 0.1; done";
    let Some((shown, status)) = press("\x03", &[("PAGER", pager)]) else { return };
    assert!(status.success() && shown.contains("interrupted"), "{status}: {shown}");
}
