//! The command line of `cargo xtask`.

use std::process::{Command, Output};

use xtask::catalog::{PROGRAMS, SERVERS};
use xtask::checkout;
use xtask::test_all::checks::CHECKS;

fn xtask(arguments: &[&str]) -> Output {
    let mut command = Command::new(checkout::built("xtask"));
    command.args(arguments).env_remove("NO_COLOR").output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn an_unknown_name_exits_2_and_says_which_may_be_meant() {
    const COMMANDS: [(&[&str], &str); 5] = [
        (&["test-all", "epol"], "did you mean epoll-server"),
        (&["test-all", "--check", "size"], "did you mean sizes"),
        (&["soak", "blockin"], "did you mean blocking-server"),
        (&["mutants", "--defect", "bytes-printed-ra"], "did you mean bytes-printed-raw"),
        (&["tes-all"], "'test-all'"),
    ];
    for (arguments, meant) in COMMANDS {
        let output = xtask(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(text(&output.stdout), "");
        let stderr = text(&output.stderr);
        assert!(stderr.contains(meant), "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_name_that_is_like_no_other_exits_2_and_lists_the_valid_ones() {
    for arguments in [["test-all", "x"], ["test-all", "--check=x"]] {
        let output = xtask(&arguments);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(text(&output.stdout), "");
        let stderr = text(&output.stderr);
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains("epoll-server") || stderr.contains("conversation"), "{stderr}");
    }
}

#[test]
fn what_is_no_number_says_what_is_expected() {
    const COMMANDS: [&[&str]; 7] = [
        &["soak", "--minutes", "x"],
        &["soak", "--clients", "x"],
        &["soak", "--clients", "20001"],
        &["test-all", "--seed", "x"],
        &["mutants", "--seed", "x"],
        &["read", "002:x"],
        &["trace", "epoll-server", "--clients", "x"],
    ];
    for arguments in COMMANDS {
        let output = xtask(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let stderr = text(&output.stderr);
        assert!(stderr.contains("expected "), "{arguments:?}: {stderr}");
    }
}

#[test]
fn too_few_descriptors_for_so_many_clients_are_one_line() {
    for (limit, clients) in [(64, "0"), (256, "2000"), (1024, "1000")] {
        let shell = format!("ulimit -n {limit}; exec \"$0\" soak --clients {clients}");
        let output = Command::new("sh").args(["-c", &shell]).arg(checkout::built("xtask")).output();
        let output = output.unwrap();
        let stderr = text(&output.stderr);
        assert_eq!((output.status.code(), stderr.lines().count()), (Some(1), 1), "{stderr}");
        assert!(stderr.contains(&format!("the limit is {limit} (ulimit -Hn)")), "{stderr}");
    }
}

#[test]
fn the_version_is_told() {
    let version = format!("xtask {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(text(&xtask(&["--version"]).stdout), version);
}

#[test]
fn nothing_that_applies_is_an_error() {
    let output = xtask(&["test-all", "blocking-server", "--check", "sizes"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stdout).contains("skip sizes: does not answer byte for byte"));
    assert_eq!(text(&output.stderr), "error: none of these checks applies\n");
}

#[test]
fn the_list_shows_how_to_run_every_program() {
    let list = text(&xtask(&["list"]).stdout);
    let lines: Vec<&str> = list.lines().collect();
    let row = |name: &str| {
        let row = lines.iter().position(|line| line.split_whitespace().next() == Some(name));
        let row = row.unwrap_or_else(|| panic!("no {name} in {list}"));
        // A cell may be wrapped.
        let end = lines[row..].iter().position(|line| line.starts_with("    cargo ")).unwrap();
        (lines[row..row + end].join(" "), lines[row + end].trim())
    };
    for server in SERVERS {
        let (row, command) = row(server.name);
        let words = [server.listing, server.addr].into_iter().chain(server.model.split(' '));
        for word in words {
            assert!(row.contains(word), "{word} in {row}");
        }
        assert_eq!(command, server.command());
    }
    for program in PROGRAMS {
        let (row, command) = row(program.name);
        assert!(row.contains(program.listing), "{row}");
        assert_eq!(command, program.command());
    }
}

#[test]
fn the_list_of_checks_shows_every_requirement() {
    let list = text(&xtask(&["list", "--checks"]).stdout);
    let words: Vec<&str> = list.split_whitespace().collect();
    for check in CHECKS {
        let row: Vec<&str> =
            [check.name].into_iter().chain(check.requirement.split_whitespace()).collect();
        assert!(words.windows(row.len()).any(|found| found == row), "{} in {list}", check.name);
    }
}

#[test]
fn what_is_to_be_read_fits_80_columns() {
    const COMMANDS: [&[&str]; 12] = [
        &["--help"],
        &["help", "test-all"],
        &["help", "mutants"],
        &["help", "soak"],
        &["help", "mirror"],
        &["help", "read"],
        &["help", "trace"],
        &["help", "list"],
        &["list"],
        &["list", "--checks"],
        &["list", "--defects"],
        &["mirror"],
    ];
    for arguments in COMMANDS {
        let output = xtask(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        for line in text(&output.stdout).lines() {
            assert!(line.chars().count() <= 80, "{arguments:?}: {line}");
        }
    }
}
