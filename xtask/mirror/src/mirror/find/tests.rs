//! Reading side by side: every listing has its file, and every code line its place in it.

use std::path::PathBuf;

use super::*;
use xtask::checkout;

/// Lines without a number for each numbered line: in all files together, and in any of them.
const RATIO: f64 = 0.45;
const WORST_RATIO: f64 = 1.3;
/// Departures in all files.
const DEPARTURES: usize = 70;

#[test]
fn every_code_line_of_every_listing_is_said() {
    let findings = find(xtask::root(), None).unwrap();
    assert_eq!(faults(&findings), [""; 0]);
    assert_eq!((findings.complete, findings.listings), (26, 26));
    assert_eq!((findings.named, findings.to_name), (541, 541));
}

#[test]
fn mirrors_are_thin() {
    let findings = find(xtask::root(), None).unwrap();
    let total = findings.total();
    assert!(total.ratio() <= RATIO, "{:.2} in total", total.ratio());
    for row in &findings.rows {
        let figures = row.figures;
        assert!(!row.counts || figures.ratio() <= WORST_RATIO, "{}: {figures:?}", row.file);
    }
    let departures = findings.total().departures;
    assert!(departures <= DEPARTURES, "{departures} departures");
}

#[test]
fn a_missing_file_is_a_fault() {
    let root = workspace("missing", "001:9-9\tserver/src/none.rs\t9\n", "001:9\ta()\n");
    write(&root, "server/src/extra.rs", "//! A.\n//!\n//! Mirrors note 001, lines 9-9.\n");
    let findings = find(&root, None).unwrap();
    let faults = faults(&findings);
    let has = |begin: &str| faults.iter().any(|fault| fault.starts_with(begin));
    assert!(has("server/src/none.rs:1: mirrors 001:9:"), "{faults:?}");
    assert!(has("server/src/extra.rs:3: "), "{faults:?}");
    assert_eq!(findings.complete, 0);
}

const FACTS: &str = "001:1\ta()\n001:3\t:\twhile\n001:4\tb()\tx\t1024\n";

#[test]
fn the_manifest_is_checked_against_the_notes() {
    let root = workspace("notes", "001:1-4\tserver/src/main.rs\t1,3-4\n", FACTS);
    let notes = root.join("notes");
    let after = |text: &str| {
        write(&root, "notes/001_abc.txt", text);
        faults(&find(&root, Some(&notes)).unwrap())
    };
    let has = |faults: Vec<String>, fault: &str| {
        assert!(faults.iter().any(|one| one == fault), "{faults:?}");
    };
    let good = after("a()\n# a comment\nwhile True:\n    x = b(1024)\n");
    assert!(good.iter().all(|fault| !fault.starts_with("001_abc")), "{good:?}");
    has(
        after("a()\n# a comment\n\n    x = b(1024)\n"),
        "001_abc.txt:3: holds no code, which the manifest says it does",
    );
    has(
        after("a()\nc()\nwhile True:\n    x = b(1024)\n"),
        "001_abc.txt:2: holds code, which the manifest leaves out",
    );
    has(
        after("a()\n\nwhile True:\n    x = b(10)\n"),
        "001_abc.txt:4: says `b()` `x` `10`, and the manifest `b()` `x` `1024`",
    );
    has(after("a()\n"), "001_abc.txt:1: the note ends before 001:1-4");
}

#[test]
fn a_fact_of_no_code_line_is_an_error() {
    let root = workspace("facts", "001:1-2\tserver/src/main.rs\t1\n", "001:1\ta()\n001:2\tb()\n");
    let error = find(&root, None).err().unwrap();
    assert!(error.to_string().contains("says something of 001:2"), "{error}");
}

fn faults(findings: &Findings) -> Vec<String> {
    findings.faults.iter().map(ToString::to_string).collect()
}

/// A folder with a manifest, where a workspace would be.
fn workspace(name: &str, manifest: &str, facts: &str) -> PathBuf {
    let root = checkout::target().unwrap().join("tmp").join(name);
    write(&root, "xtask/data/mirrors.tsv", manifest);
    write(&root, "xtask/data/facts.tsv", facts);
    root
}

fn write(root: &Path, file: &str, text: &str) {
    let path = root.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
