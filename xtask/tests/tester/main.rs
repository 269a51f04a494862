//! The tester is right: every server of the workspace passes, each defect fails its check, no check
//! waits long for a silent server, and a soak counts what is lost.
//!
//! What runs servers takes turns: what is in time on a free processor may be late on a full one.
#![forbid(unsafe_code)]

mod defects;
mod silence;
mod soak;

use std::process::Command;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use xtask::checkout;
use xtask::harness::build::{self, Binaries};

static TURN: Mutex<()> = Mutex::new(());

fn take_turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The broken server, which is also the silent one, a client of the notes, and what is preloaded.
static BINARIES: LazyLock<Binaries> = LazyLock::new(|| {
    let server = ["--package", "xtask", "--example", "broken-server"];
    let client = ["--package", "select-server", "--example", "hello-client"];
    let mut binaries = build::build(&[&server, build::PRELOAD].concat(), false).unwrap();
    binaries.extend(build::build(&client, false).unwrap());
    // It stands in for a client of the broken server's own package.
    let client = binaries.get("select-server", "hello-client").unwrap().to_owned();
    binaries.insert("xtask", "hello-client", client);
    binaries
});

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
