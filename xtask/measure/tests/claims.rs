//! The command line of `cargo xtask claims`.
#![forbid(unsafe_code)]

use std::process::{Command, Output};

use xtask::checkout;

fn xtask(words: &[&str]) -> Output {
    Command::new(checkout::built("xtask-measure")).args(words).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_claim_is_measured_by_its_name() {
    let output = xtask(&["claims", "three-empty-lists"]);
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!((output.status.code(), stderr.as_str()), (Some(0), ""), "{stdout}");
    assert!(stdout.starts_with("holds three-empty-lists (002:84)\n  claim:    "), "{stdout}");
    let last = stdout.lines().last().unwrap();
    assert!(last.starts_with("1 holds, 0 false, 0 depend, 0 missing, 0 broken in "), "{stdout}");
    assert!(!stdout.contains('\x1b'), "{stdout}");
}

#[test]
fn an_unknown_name_is_answered_by_what_may_be_meant() {
    for (name, offer) in
        [("three-empty-list", "did you mean three-empty-lists"), ("xyzzy", "switching")]
    {
        let output = xtask(&["claims", name]);
        let stderr = text(&output.stderr);
        assert_eq!((output.status.code(), stderr.lines().count()), (Some(2), 1), "{stderr}");
        let expected = format!("error: no claim is called {name}; ");
        assert!(stderr.starts_with(&expected) && stderr.contains(offer), "{stderr}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn the_documentation_is_written_of_all_claims_only() {
    let output = xtask(&["claims", "three-empty-lists", "--markdown"]);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("--markdown") && stderr.contains("cannot be used with"), "{stderr}");
}
