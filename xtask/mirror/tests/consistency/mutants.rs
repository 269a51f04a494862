//! The command line of `cargo xtask mutants`.

use std::process::Command;

use xtask::checkout;

#[test]
fn a_name_that_is_like_no_other_exits_2_and_lists_the_valid_ones() {
    for (arguments, known) in
        [(["mutants", "x"], "epoll-server"), (["mutants", "--defect=x"], "epoll-no-reuseaddr")]
    {
        let mut command = Command::new(checkout::built("xtask-mirror"));
        let output = command.args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains(known), "{stderr}");
    }
}

#[test]
fn the_document_is_written_for_all_defects_only() {
    let mut command = Command::new(checkout::built("xtask-mirror"));
    let output = command.args(["mutants", "epoll-server", "--markdown"]);
    let output = output.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("--markdown"), "{stderr}");
}
