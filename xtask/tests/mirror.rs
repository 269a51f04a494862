//! Reading side by side: every listing has its file, and every code line its place in it.
#![forbid(unsafe_code)]

use xtask::mirror;

#[test]
fn every_code_line_of_every_listing_is_named() {
    let findings = mirror::run(xtask::root(), None).unwrap();
    let faults: Vec<String> = findings.faults.iter().map(ToString::to_string).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!((findings.complete, findings.listings), (26, 26));
    assert_eq!((findings.named, findings.to_name), (541, 541));
}

#[test]
fn a_missing_file_is_a_fault() {
    let root = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mirror");
    std::fs::create_dir_all(root.join("xtask")).unwrap();
    std::fs::create_dir_all(root.join("server/src")).unwrap();
    std::fs::write(
        root.join("xtask/mirrors.tsv"),
        "001:9-9\tserver/src/none.rs\t9\n",
    )
    .unwrap();
    std::fs::write(
        root.join("server/src/extra.rs"),
        "//! A.\n//!\n//! Mirrors note 001, lines 9-9.\n",
    )
    .unwrap();
    let findings = mirror::run(&root, None).unwrap();
    let faults: Vec<String> = findings.faults.iter().map(ToString::to_string).collect();
    assert!(
        faults
            .iter()
            .any(|fault| fault.starts_with("server/src/none.rs:1: mirrors 001:9-9")),
        "{faults:?}"
    );
    assert!(
        faults
            .iter()
            .any(|fault| fault.starts_with("server/src/extra.rs:3: ")),
        "{faults:?}"
    );
    assert_eq!(findings.complete, 0);
}
