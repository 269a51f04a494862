//! What the system does not give the tester is no verdict about a server.

use std::process::Command;

use xtask::checkout;
use xtask::harness::outcome::FEW_DESCRIPTORS;

/// What `test-all` says after `limit`, for example `ulimit -n 256`.
fn under(limit: &str, words: &str) -> String {
    let script = format!("{limit} && exec \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, "sh"]).arg(checkout::built("xtask"));
    let output = command.args(["test-all", "--explain"]).args(words.split(' ')).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains(" 0 failed in "), "{limit}: {words}: {text}{errors}");
    assert!(!errors.contains("warning"), "{limit}: {words}: {errors}");
    // A reason may be wrapped.
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn without_descriptors_for_its_clients_a_check_is_skipped() {
    // Both limits, so that none is left to raise.
    let text = under("ulimit -n 256", "selectors-server --check backlog");
    assert!(text.contains(&format!("skip backlog: {FEW_DESCRIPTORS}")), "{text}");
    let text = under("ulimit -n 64", "pre-forked epoll-server --check idle-cpu");
    let skipped = format!("skip idle-cpu: {FEW_DESCRIPTORS} (epoll-server, pre-forked)");
    assert!(text.contains(&skipped), "{text}");
    let text = under("ulimit -n 48", "process-per-connection --check unread-crowd");
    assert!(text.contains(&format!("skip unread-crowd: {FEW_DESCRIPTORS}")), "{text}");
}

#[test]
fn with_descriptors_for_its_clients_a_check_is_run() {
    let text = under("ulimit -n 1100", "selectors-server --check backlog");
    assert!(text.contains("backlog pass"), "{text}");
    let text = under("ulimit -n 256", "select-server pre-forked --check many-clients");
    assert!(!text.contains("skip many-clients"), "{text}");
}
