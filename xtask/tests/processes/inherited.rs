//! Signals that the parent of `cargo xtask` ignored or blocked: they are nothing to what it starts.

use std::process::{Command, Output};

use xtask::harness::outcome::not_tested;

/// What `cargo xtask` does behind `env` with that option; `None` where env(1) has it not.
fn test_behind_env(option: &str) -> Option<Output> {
    let known = Command::new("env").args([option, "true"]).output().unwrap().status.success();
    if !known {
        not_tested(option, "env(1) does not know it");
        return None;
    }
    let checks = ["test-all", "pre-forked", "--check", "killed-child", "--check", "termination"];
    let xtask = xtask::checkout::built("xtask");
    Some(Command::new("env").arg(option).arg(xtask).args(checks).output().unwrap())
}

#[test]
fn servers_are_built_launched_and_ended_whatever_a_parent_ignored_or_blocked() {
    for option in
        ["--ignore-signal=CHLD", "--ignore-signal=INT,TERM,HUP", "--block-signal=CHLD,INT,TERM,IO"]
    {
        if let Some(output) = test_behind_env(option) {
            assert!(output.status.success(), "{option}: {output:?}");
        }
    }
}
