//! What `cargo xtask trace` says where strace(1) may not watch.
#![forbid(unsafe_code)]

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{self, Command};

use xtask::checkout;

/// The exit status and the error where `strace` is this shell script.
fn told_with(strace: &str) -> (Option<i32>, String) {
    let folder = env::temp_dir().join(format!("xtask-trace-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("strace");
    fs::write(&path, format!("#!/bin/sh\n{strace}\n")).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(checkout::built("xtask-measure"));
    let output = command.args(["trace", "epoll-server"]).env("PATH", &folder).output().unwrap();
    fs::remove_dir_all(&folder).unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_strace_that_may_not_watch_is_told_with_what_allows_it() {
    // What strace 6.1 says where ptrace(2) is refused, and where its last line is about its own end.
    let refused = [
        "echo 'strace: test_ptrace_get_syscall_info: PTRACE_TRACEME: Operation not permitted' >&2",
        "echo 'strace: ptrace(PTRACE_TRACEME, ...): Operation not permitted' >&2",
        "echo 'strace: detach: waitpid(9104): No child processes' >&2",
        "exit 1",
    ];
    let (code, error) = told_with(&refused.join("\n"));
    assert_eq!(code, Some(1), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.starts_with("error: this system refuses ptrace(2)"), "{error}");
    assert!(error.contains("sysctl kernel.yama.ptrace_scope"), "{error}");
    let (code, error) = told_with("echo 'strace: out of memory' >&2; exit 1");
    assert_eq!((code, error.as_str()), (Some(1), "error: strace fails: strace: out of memory\n"));
}
