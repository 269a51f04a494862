//! The command line of `cargo xtask`.

use std::process::Command;

use xtask::catalog::{PROGRAMS, SERVERS};
use xtask::checkout;
use xtask::test_all::checks::CHECKS;

use crate::run::{run, xtask};

#[test]
fn an_unknown_name_is_one_line_that_says_which_may_be_meant_or_lists_all() {
    for (words, meant) in [
        ("test-all epol", "did you mean epoll-server"),
        ("test-all --check size", "did you mean sizes"),
        ("soak blockin", "did you mean blocking-server"),
        ("test-all x", "epoll-server"),
        ("test-all --check=x", "conversation"),
    ] {
        let ran = run(&mut xtask(words.split(' ')));
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{words}: {ran:?}");
        assert_eq!(ran.stderr.lines().count(), 1, "{words}: {ran:?}");
        assert!(ran.stderr.contains(meant), "{words}: {ran:?}");
    }
}

#[test]
fn what_clap_or_another_package_does_not_know_says_what_is_expected() {
    for (words, meant) in [
        ("tes-all", "'test-all'"),
        ("mutants --defect bytes-printed-ra", "did you mean bytes-printed-raw"),
        ("soak --minutes x", "expected "),
        ("soak --clients x", "expected "),
        ("soak --clients 20001", "expected "),
        ("test-all --seed x", "expected "),
        ("mutants --seed x", "expected "),
        ("read 002:x", "expected "),
        ("trace epoll-server --clients x", "expected "),
    ] {
        let ran = run(&mut xtask(words.split(' ')));
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{words}: {ran:?}");
        assert!(ran.stderr.contains(meant), "{words}: {ran:?}");
    }
}

#[test]
fn too_few_descriptors_for_so_many_clients_are_one_line() {
    for (limit, clients) in [(64, "0"), (256, "2000"), (1024, "1000")] {
        let shell = format!("ulimit -n {limit}; exec \"$0\" soak --clients {clients}");
        let ran = run(Command::new("sh").args(["-c", &shell]).arg(checkout::built("xtask")));
        assert_eq!((ran.code, ran.stderr.lines().count()), (Some(1), 1), "{ran:?}");
        assert!(ran.stderr.contains(&format!("the limit is {limit} (ulimit -Hn)")), "{ran:?}");
    }
}

#[test]
fn nothing_that_applies_is_an_error() {
    let ran = run(&mut xtask(["test-all", "blocking-server", "--check", "sizes"]));
    assert_eq!(ran.code, Some(2));
    assert!(ran.stdout.contains("skip sizes: does not answer byte for byte"));
    assert_eq!(ran.stderr, "error: none of these checks applies\n");
}

#[test]
fn the_list_shows_how_to_run_every_program() {
    let list = run(&mut xtask(["list"])).stdout;
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
    let list = run(&mut xtask(["list", "--checks"])).words();
    for check in CHECKS {
        let row = format!("{} {}", check.name, check.requirement);
        assert!(list.contains(&row), "{row} in {list}");
    }
}

#[test]
fn what_is_to_be_read_fits_80_columns() {
    for words in [
        "--help",
        "help test-all",
        "help mutants",
        "help soak",
        "help mirror",
        "help read",
        "help trace",
        "help list",
        "list",
        "list --checks",
        "list --defects",
        "mirror",
    ] {
        let ran = run(&mut xtask(words.split(' ')));
        assert_eq!(ran.code, Some(0), "{words}: {ran:?}");
        let is_wide = |line: &&str| line.chars().count() > 80;
        assert_eq!(ran.stdout.lines().find(is_wide), None, "{words}");
    }
}
