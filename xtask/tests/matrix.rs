//! The whole matrix, and the command line of `cargo xtask`.
#![forbid(unsafe_code)]

use std::process::{Command, Output};

fn xtask(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments).env_remove("NO_COLOR").output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn every_server_passes_every_check_that_applies() {
    let output = xtask(&["test-all"]);
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{stdout}{stderr}");
    assert!(stdout.contains(", 0 failed in "), "{stdout}");
    assert!(!stdout.contains('\x1b'), "no colour without a terminal: {stdout}");
}

#[test]
fn an_unknown_name_exits_2_and_lists_the_valid_ones() {
    for arguments in [["test-all", "no-server"], ["test-all", "--check=no-check"]] {
        let output = xtask(&arguments);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(text(&output.stdout), "");
        let stderr = text(&output.stderr);
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains("epoll-server") || stderr.contains("conversation"), "{stderr}");
    }
}

#[test]
fn nothing_that_applies_is_an_error() {
    let output = xtask(&["test-all", "blocking-server", "--check", "sizes"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stdout).contains("skip sizes: does not answer byte for byte"));
    assert_eq!(text(&output.stderr), "error: none of these checks applies\n");
}

#[test]
fn the_list_shows_how_to_run_every_server() {
    let list = text(&xtask(&["list"]).stdout);
    for server in xtask::catalog::SERVERS {
        let row = list.lines().find(|line| line.contains(server.name)).unwrap();
        for word in [server.model, server.listing, server.addr, &server.command()] {
            assert!(row.contains(word), "{word} in {row}");
        }
    }
}

#[test]
fn the_list_of_checks_shows_every_requirement_within_80_columns() {
    let list = text(&xtask(&["list", "--checks"]).stdout);
    let words: Vec<&str> = list.split_whitespace().collect();
    for check in xtask::test_all::checks::CHECKS {
        let row: Vec<&str> =
            [check.name].into_iter().chain(check.requirement.split_whitespace()).collect();
        assert!(words.windows(row.len()).any(|found| found == row), "{} in {list}", check.name);
    }
    for line in list.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}
