//! Files with each kind of fault.

use super::*;
use crate::catalog::manifest;

const GOOD: &str = "\
//! A server.
//!
//! Mirrors note 001, lines 9-14.
//!
//! Try: it.
//!
//! Differs from the listing:
//! - 11: as the listing dies.
//!
//! Experiment: with it.
a(); // 9
loop {
    // 10
    b(); // 11 differs: it dies
    c(); // 13-14
}
";

fn faults(text: &str) -> Vec<String> {
    let listing = manifest::parse("001:9-14\ta.rs\t9-11,13-14\n").unwrap().listings.remove(0);
    let faults = check(&listing, "a.rs", &Source::parse(text));
    faults.iter().map(Fault::to_string).collect()
}

/// What is wrong when `from` is replaced by `to`.
fn after(from: &str, to: &str) -> Vec<String> {
    assert!(GOOD.contains(from));
    faults(&GOOD.replace(from, to))
}

#[test]
fn a_mirror_has_no_fault() {
    assert_eq!(faults(GOOD), [""; 0]);
}

#[test]
fn a_line_that_nobody_names_is_a_fault() {
    assert_eq!(after("    // 10\n", ""), ["a.rs:1: no comment names line 10 of 001:9-14"]);
}

#[test]
fn a_number_outside_the_listing_is_a_fault() {
    assert_eq!(
        after("a(); // 9", "a(); // 9, 15"),
        [
            "a.rs:11: 15 is not a code line of 001:9-14",
            "a.rs:13: 10 stands after 15, and no `differs` says why",
            "a.rs:15: 13 stands after 15, and no `differs` says why",
        ]
    );
    assert_eq!(
        after("b(); // 11 differs", "d(); // 12\n    b(); // 11 differs"),
        ["a.rs:14: 12 is not a code line of 001:9-14"]
    );
}

#[test]
fn a_wrong_order_is_a_fault_unless_it_differs() {
    let swapped = GOOD.replace("// 9", "// X").replace("// 10", "// 9").replace("// X", "// 10");
    assert_eq!(faults(&swapped), ["a.rs:13: 9 stands after 10, and no `differs` says why"]);
    let excused =
        swapped.replace("    // 9", "    // 9 differs: Rust wants it").replace("- 11:", "- 9, 11:");
    assert_eq!(faults(&excused), [""; 0]);
}

#[test]
fn a_departure_stands_in_the_head_and_in_the_body() {
    assert_eq!(
        after("// 9", "// 9 differs: so"),
        ["a.rs:11: 9 differs, and the head does not say why"]
    );
    assert_eq!(
        after(" differs: it dies", ""),
        ["a.rs:7: the head says that 11 differs, and no comment there does"]
    );
    assert_eq!(
        after("- 11: as", "- as"),
        [
            "a.rs:8: expected `- LINES: why`",
            "a.rs:14: 11 differs, and the head does not say why",
            "a.rs:7: expected `Differs from the listing: nowhere.` or a list",
        ]
    );
}

#[test]
fn a_head_of_another_shape_is_a_fault() {
    assert_eq!(
        after("Try: it.", "Run it."),
        ["a.rs:5: the head's paragraph 3 begins with `Try: `"]
    );
    assert_eq!(
        after("9-14.", "9-15."),
        ["a.rs:3: the head's paragraph 2 begins with `Mirrors note 001, lines 9-14`"]
    );
    assert_eq!(after("9-14.", "9-149."), ["a.rs:3: expected `Mirrors note 001, lines 9-14.`"]);
    assert_eq!(
        after("//!\n//! Experiment: with it.\n", ""),
        ["a.rs:1: the head has a paragraph that begins with `Experiment: `"]
    );
    assert_eq!(
        after("with it.", "with it.\n//!\n//! More."),
        ["a.rs:12: the head ends with the experiment"]
    );
}
