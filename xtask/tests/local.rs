//! The program of note 004, lines 7-25: two threads, two values, and none sees the other's.
#![forbid(unsafe_code)]

use std::process::Command;

use xtask::harness::build;

#[test]
fn each_thread_prints_its_own_values() {
    let binaries =
        build::build(&["--package", "threadpool-server", "--example", "local"], false).unwrap();
    for _ in 0..5 {
        let output = Command::new(binaries.get("threadpool-server", "local").unwrap())
            .args(["--pause", "20"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        lines.sort_unstable();
        assert_eq!(lines, ["小弟 17", "明哥 19"]);
    }
}
