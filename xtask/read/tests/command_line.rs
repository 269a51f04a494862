//! What `cargo xtask exercise` cannot do. As a test of the program, it also has cargo build the program, which the
//! package's other tests run.
#![forbid(unsafe_code)]

use std::process::Command;

use xtask::checkout;

#[test]
fn a_command_that_cannot_be_done_is_one_line() {
    let mut exercise = Command::new(checkout::built("xtask-read"));
    let output = exercise.args(["exercise", "start", "no-such-exercise"]).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), text.lines().count()), (Some(1), 1), "{text}");
    assert!(text.contains("there are thread-for-each, "), "{text}");
}
