//! The tester is right: every server of the workspace passes, each defect fails its check, no check
//! waits long for a silent server, and a soak counts what is lost.
//!
//! What runs servers takes turns: what is in time on a free processor may be late on a full one.
#![forbid(unsafe_code)]

mod defects;
mod silence;
mod soak;

use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use xtask::checkout;

static TURN: Mutex<()> = Mutex::new(());

fn take_turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn every_server_passes_every_check_that_applies() {
    let _turn = take_turn();
    let output = Command::new(checkout::built("xtask")).arg("test-all").output().unwrap();
    let [stdout, stderr] =
        [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(output.status.success(), "{stdout}{stderr}");
    assert!(stdout.contains(", 0 failed in "), "{stdout}");
    assert!(!stdout.contains('\x1b'), "no colour without a terminal: {stdout}");
}
