//! The checkout that is tested is the one in which the command runs.

mod tree;

use std::fs;
use std::path::Path;

use xtask::catalog::SERVERS;
use xtask::checkout;
use xtask::harness::build::{self, Binaries};
use xtask::harness::outcome::{Verdict, not_tested};
use xtask::harness::strace;
use xtask::test_all::checks::CHECKS;
use xtask::test_all::matrix;

use crate::run::{binaries, run};
use tree::{Folder, MODEL, break_server, copy, files, passes, write, xtask};
use tree::{started, started_without_writing};

#[test]
fn a_copy_is_tested_and_not_the_checkout_that_was_copied() {
    let folder = Folder::new("copy");
    let (checkout, other) = (folder.path("checkout"), folder.path("other"));
    write(&checkout);
    assert!(passes(&checkout, &[]));
    copy(&checkout, &other);
    break_server(&other);
    assert!(!passes(&other, &[]), "the copy's server is broken");
    assert!(!passes(&other.join("blocking-server/examples"), &[]), "from a folder in it");
    assert!(passes(&checkout, &[]), "the first one's server is right");

    let moved = folder.path("moved");
    fs::rename(&other, &moved).unwrap();
    assert!(!passes(&moved, &[]), "the same at another place");
}

#[test]
fn cargo_says_which_checkout_it_is_unless_it_speaks_of_another_workspace() {
    let folder = Folder::new("told");
    let (right, broken) = (folder.path("right"), folder.path("broken"));
    write(&right);
    write(&broken);
    break_server(&broken);
    // As `cargo run --manifest-path` does, in a folder that is in no checkout.
    let told = |root: &Path| root.join("xtask");
    assert!(passes(&folder.path(""), &[("CARGO_MANIFEST_DIR", &told(&right))]));
    assert!(!passes(&folder.path(""), &[("CARGO_MANIFEST_DIR", &told(&broken))]));

    let foreign = folder.path("foreign");
    fs::create_dir_all(foreign.join("xtask/src")).unwrap();
    fs::write(foreign.join("Cargo.toml"), "[workspace]\nmembers = [\"xtask\"]\n").unwrap();
    fs::write(foreign.join("xtask/Cargo.toml"), "[package]\nname = \"xtask\"\n").unwrap();
    for inherited in [told(&foreign), foreign, folder.path("nowhere")] {
        let inherited: &[(&str, &Path)] = &[("CARGO_MANIFEST_DIR", &inherited)];
        assert!(!passes(&broken, inherited), "{inherited:?}");
    }
}

/// Cargo takes a program that another checkout put there later than the sources were written.
#[test]
fn checkouts_that_share_a_target_folder_are_tested_each() {
    let folder = Folder::new("shared");
    let (broken, right) = (folder.path("broken"), folder.path("right"));
    write(&broken);
    break_server(&broken);
    write(&right);
    let target = folder.path("target");
    let shared: &[(&str, &Path)] = &[("CARGO_TARGET_DIR", &target)];
    assert!(passes(&right, shared));
    assert!(!passes(&broken, shared), "its server is broken");

    // A link is as good as a variable.
    for root in [&right, &broken] {
        std::os::unix::fs::symlink(&target, root.join("target")).unwrap();
    }
    assert!(passes(&right, &[]));
    assert!(!passes(&broken, &[]), "its server is broken");
}

#[test]
fn a_path_may_have_blanks_colons_and_dollar_signs() {
    let row = SERVERS.iter().find(|server| server.name == MODEL).unwrap();
    let check = CHECKS.iter().find(|check| check.name == "short-writes").unwrap();
    for name in ["a blank", "a:colon", "a$LIB"] {
        let folder = Folder::new(name);
        let mut copies = Binaries::default();
        for (package, name) in [("blocking-server", MODEL), ("xtask", "preload")] {
            let path = folder.path(name);
            fs::copy(binaries().get(package, name).unwrap(), &path).unwrap();
            copies.insert(package, name, path);
        }
        let outcome = matrix::run(row, check, &copies, 1).outcome;
        assert_eq!(outcome, Ok(Verdict::Pass), "{name}");
    }
}

#[test]
fn a_checkout_that_cannot_be_written_is_read_and_no_more() {
    let folder = Folder::new("read-only");
    let (root, target) = (folder.path("root"), folder.path("target"));
    write(&root);
    // Cargo's list of packages has to be there.
    let target_dir: &[(&str, &Path)] = &[("CARGO_TARGET_DIR", &target)];
    assert!(passes(&root, target_dir));
    let before = files(&root);
    // This claim is measured without a file; what trace records is written.
    let mut commands = vec![("claims cached-io-copies", false)];
    match strace::refused() {
        None => commands.push(("trace thread-per-connection", true)),
        Some(reason) => not_tested("trace", reason),
    }
    let measure = ["--package", "xtask-measure", "--bin", "xtask-measure"];
    let measure = build::build(&measure, false).unwrap();
    let measure = measure.get("xtask-measure", "xtask-measure").unwrap();
    for (command, writes) in commands {
        let within = |target: &Path| {
            let without_writing = started_without_writing(measure, &root);
            let mut program = without_writing.unwrap_or_else(|| started(measure, &root));
            let ran = run(program.args(command.split(' ')).env("CARGO_TARGET_DIR", target));
            (ran.code, ran.stderr)
        };
        assert_eq!(within(&target), (Some(0), String::new()), "{command}");
        assert_eq!(files(&root), before, "{command} writes into the checkout");
        if started_without_writing(measure, &root).is_none() {
            not_tested(command, "no mount of this user can be made read-only");
        } else if writes {
            let (code, text) = within(&root.join("target"));
            assert_eq!(code, Some(1), "{command}: {text}");
            assert!(text.contains("Read-only") && !text.contains("panicked"), "{command}: {text}");
        }
    }
}

#[test]
fn outside_of_a_checkout_every_command_says_so() {
    let folder = Folder::new("none");
    for command in ["test-all", "soak", "mutants", "mirror", "trace epoll-server", "read 002:308"] {
        let ran = run(xtask(&folder.path("")).args(command.split(' ')));
        assert_eq!((ran.code, ran.stderr.lines().count()), (Some(2), 1), "{command}: {ran:?}");
        assert!(ran.stderr.contains("is in no checkout"), "{command}: {ran:?}");
    }
}

#[test]
fn no_file_finds_another_by_where_it_was_compiled() {
    let names = ["CARGO_MANIFEST_DIR", "CARGO_TARGET_TMPDIR", "CARGO_BIN_EXE_", "OUT_DIR"];
    let compiled = |text: &str| names.iter().any(|name| text.contains(&format!("env!(\"{name}")));
    let sources = files(checkout::root()).into_iter();
    let sources = sources.filter(|path| path.extension().is_some_and(|end| end == "rs"));
    let found: Vec<_> =
        sources.filter(|path| compiled(&fs::read_to_string(path).unwrap())).collect();
    assert!(found.is_empty(), "{found:?}");
}
