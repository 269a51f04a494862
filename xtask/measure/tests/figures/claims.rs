//! The command line of `cargo xtask claims`.

use std::process::Command;

use xtask::checkout;

/// The status, standard output and standard error.
fn claims(words: &[&str]) -> (Option<i32>, String, String) {
    let program = checkout::built("xtask-measure");
    let output =
        Command::new(program).arg("claims").args(words).env("LC_ALL", "C").output().unwrap();
    let [stdout, stderr] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code(), stdout, stderr)
}

#[test]
fn a_claim_is_measured_by_its_name() {
    let (status, stdout, stderr) = claims(&["three-empty-lists"]);
    assert_eq!((status, stderr.as_str()), (Some(0), ""), "{stdout}");
    assert!(stdout.starts_with("holds three-empty-lists (002:84)\n  claim:    "), "{stdout}");
    let last = stdout.lines().last().unwrap();
    assert!(last.starts_with("1 holds, 0 false, 0 depend, 0 missing, 0 broken in "), "{stdout}");
    assert!(!stdout.contains('\x1b'), "{stdout}");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    for (words, refusal) in [
        (&["three-empty-list"][..], "error: no claim is called three-empty-list; did you mean "),
        (&["xyzzy"], "error: no claim is called xyzzy; there are switching, "),
        (
            &["three-empty-lists", "--markdown"],
            "error: the argument '[NAME]...' cannot be used with '--markdown'",
        ),
    ] {
        let (status, stdout, stderr) = claims(words);
        assert_eq!((status, stdout.as_str()), (Some(2), ""), "{stderr}");
        assert!(stderr.starts_with(refusal), "{stderr}");
    }
}
