//! A user who may lock little memory: the io_uring server says so, and the tester says why it
//! leaves that server out.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use rustix::process::geteuid;
use xtask::harness::build;
use xtask::harness::outcome::not_tested;

/// What a reader has to find.
const ADVICE: &str = "`ulimit -l`";

/// Runs a program that may lock 64 KiB, as many systems allow their users. The superuser may lock
/// all of it, so that right is taken away; `None` where this system has no program for that.
fn run(program: &Path, arguments: &[&str]) -> Option<Output> {
    let limited = ["sh", "-c", "ulimit -l 64; exec \"$0\" \"$@\""];
    let as_user = ["setpriv", "--inh-caps=-ipc_lock", "--bounding-set=-ipc_lock"];
    let as_user: &[&str] = if geteuid().is_root() { &as_user } else { &[] };
    let words = [as_user, &limited].concat();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).arg(program).args(arguments);
    command.stdin(Stdio::null()).output().ok()
}

#[test]
fn too_little_locked_memory_is_named() {
    let binaries =
        build::build(&["--package", "epoll-server", "--example", "io-uring"], false).unwrap();
    let server = binaries.get("epoll-server", "io-uring").unwrap();
    // It cannot bind that address: where it has its ring, it ends as well.
    let Some(output) = run(server, &["192.0.2.1:1"]) else {
        return not_tested("locked memory", "there is no setpriv(1)");
    };
    let errors = String::from_utf8(output.stderr).unwrap();
    if errors.contains("bind ") {
        return not_tested("locked memory", "this kernel does not count a ring as such");
    }
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(errors.starts_with("Error: io_uring_setup: Cannot allocate memory"), "{errors}");
    assert!(errors.contains(ADVICE), "{errors}");

    let tester = xtask::checkout::built("xtask");
    let output = run(&tester, &["test-all", "io-uring", "--check", "conversation"]).unwrap();
    let matrix = String::from_utf8(output.stdout).unwrap();
    assert!(matrix.contains("io_uring_setup: Cannot allocate memory"), "{matrix}");
    assert!(matrix.contains(ADVICE), "{matrix}");
}
