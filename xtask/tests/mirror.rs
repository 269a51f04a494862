//! Reading side by side: every listing has its file, and every code line its place in it.
#![forbid(unsafe_code)]

use std::fs;
use std::path::{Path, PathBuf};

use xtask::mirror;

#[test]
fn every_code_line_of_every_listing_is_named() {
    let findings = mirror::find(xtask::root(), None).unwrap();
    let faults: Vec<String> = findings.faults.iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!((findings.complete, findings.listings), (26, 26));
    assert_eq!((findings.named, findings.to_name), (541, 541));
}

#[test]
fn a_missing_file_is_a_fault() {
    let root = workspace("missing", "001:9-9\tserver/src/none.rs\t9\n");
    write(&root, "server/src/extra.rs", "//! A.\n//!\n//! Mirrors note 001, lines 9-9.\n");
    let findings = mirror::find(&root, None).unwrap();
    let faults: Vec<String> = findings.faults.iter().map(ToString::to_string).collect();
    assert!(
        faults.iter().any(|fault| fault.starts_with("server/src/none.rs:1: mirrors 001:9-9")),
        "{faults:?}"
    );
    assert!(faults.iter().any(|fault| fault.starts_with("server/src/extra.rs:3: ")), "{faults:?}");
    assert_eq!(findings.complete, 0);
}

#[test]
fn the_manifest_is_checked_against_the_notes() {
    let root = workspace("notes", "001:1-4\tserver/src/main.rs\t1,3-4\n");
    write(&root, "server/src/main.rs", "a(); // 1\nloop {\n    // 3\n    b(); // 4\n}\n");
    write(&root, "notes/001_abc.txt", "a()\n# a comment\n\n    b()\n");
    let notes = root.join("notes");
    let findings = mirror::find(&root, Some(&notes)).unwrap();
    let faults: Vec<String> = findings.faults.iter().map(ToString::to_string).collect();
    assert!(
        faults
            .contains(&"001_abc.txt:3: holds no code, which the manifest says it does".to_owned()),
        "{faults:?}"
    );

    write(&root, "notes/001_abc.txt", "a()\nc()\nwhile True:\n    b()\n");
    let findings = mirror::find(&root, Some(&notes)).unwrap();
    let faults: Vec<String> = findings.faults.iter().map(ToString::to_string).collect();
    assert!(
        faults.contains(&"001_abc.txt:2: holds code, which the manifest leaves out".to_owned()),
        "{faults:?}"
    );

    let shown = mirror::show(&root, &notes, "001:3").unwrap();
    let lines: Vec<&str> = shown.lines().map(str::trim).collect();
    assert_eq!(lines, ["001:3      while True:", "server/src/main.rs:2", "loop {"]);
    for place in ["001", "001:x", "001:2", "002:1"] {
        assert!(mirror::show(&root, &notes, place).is_err(), "{place}");
    }
}

/// A folder with a manifest, where a workspace would be.
fn workspace(name: &str, manifest: &str) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    write(&root, "xtask/src/catalog/mirrors.tsv", manifest);
    root
}

fn write(root: &Path, file: &str, text: &str) {
    let path = root.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
