//! The program of note 004, lines 7-25: two threads, two values, and none sees the other's; and the
//! note's own contrast, one value for both.

use std::process::Command;

use xtask::harness::build;

/// What the program prints, its lines in order, once for each of `runs`.
fn lines(words: &[&str], runs: usize) -> Vec<Vec<String>> {
    let binaries =
        build::build(&["--package", "threadpool-server", "--example", "local"], false).unwrap();
    let run = |_| {
        let program = binaries.get("threadpool-server", "local").unwrap();
        let output = Command::new(program).args(["--pause", "20"]).args(words).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    (0..runs).map(run).collect()
}

#[test]
fn each_thread_prints_its_own_values() {
    for lines in lines(&[], 5) {
        assert_eq!(lines, ["小弟 17", "明哥 19"]);
    }
}

#[test]
fn a_shared_value_is_that_of_the_thread_that_set_it_last() {
    let runs = lines(&["--shared"], 10);
    // A thread may print before the other one has begun, but not each time.
    assert!(runs.iter().any(|lines| lines[0] == lines[1]), "{runs:?}");
    let values = ["小弟 17", "明哥 19"];
    assert!(runs.iter().all(|run| run.iter().all(|line| values.contains(&line.as_str()))));
}
