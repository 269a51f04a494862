//! Files with each kind of fault.

use super::*;
use xtask::catalog::{fact, manifest};

const FACTS: &str = "\
001:9\ta()
001:10\t:
001:11\tb()\t5
001:13\tc()\tx
001:14\t1024
";

const GOOD: &str = "\
//! A server.
//!
//! Mirrors note 001, lines 9-14.
//!
//! Try: it.
//!
//! Differs from the listing:
//! - 11: 6 instead of 5, of which the listing dies.
//!
//! Experiment: with it.
#[rustfmt::skip]
fn main() {
    a();            // 9
    loop {          // 10
        b(6);       // 11 differs
        c(x, 1024); // 13-14
    }
}
";

fn faults(text: &str) -> Vec<String> {
    let manifest = manifest::parse("001:9-14\ta.rs\t9-11,13-14\n").unwrap();
    let facts = fact::parse(FACTS).unwrap();
    let faults = check(&manifest.listings[0], &facts, "a.rs", text);
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
    assert_eq!(after("          // 10\n", "\n"), ["a.rs:1: no comment names line 10 of 001:9-14"]);
}

#[test]
fn a_number_outside_the_listing_is_a_fault() {
    assert_eq!(
        after("// 9", "// 9, 15"),
        [
            "a.rs:13: 15 is not a code line of 001:9-14",
            "a.rs:14: 10 is after 15, and does not differ",
            "a.rs:16: 13 is after 15, and does not differ",
        ]
    );
    assert_eq!(
        after("b(6);   ", "d();        // 12\n        b(6);   "),
        [
            "a.rs:15: 12 is not a code line of 001:9-14",
            "a.rs:16: no statement of 11 is where the listing has it",
        ]
    );
}

#[test]
fn a_wrong_order_is_a_fault_unless_another_statement_of_the_departure_is_in_order() {
    let line = "    a();            // 9\n";
    let moved = GOOD.replace(line, "").replace("    }\n}", &format!("    }}\n{line}}}"));
    assert_eq!(faults(&moved), ["a.rs:17: 9 is after 14, and does not differ"]);
    let told = moved.replace("- 11:", "- 9: Rust wants it.\n//! - 11:");
    let differs = told.replace("// 9", "// 9 differs");
    assert_eq!(faults(&differs), ["a.rs:18: no statement of 9 is where the listing has it"]);
    let twice = differs.replace("    loop {", "    a();            // 9 differs\n    loop {");
    assert_eq!(faults(&twice), [""; 0]);
}

#[test]
fn a_departure_stands_in_the_head_and_in_the_body() {
    assert_eq!(after("// 9", "// 9 differs"), ["a.rs:13: differs, and the head does not say why"]);
    assert_eq!(
        after("b(6);       // 11 differs", "b(5);       // 11"),
        ["a.rs:8: the head says that 11 differs, and no line does"]
    );
    assert_eq!(
        after("- 11: 6", "- 6"),
        [
            "a.rs:8: expected `- LINES: why`, not `6 instead of 5, of which the listing dies.`",
            "a.rs:15: differs, and the head does not say why",
            "a.rs:7: expected `Differs from the listing: nowhere.` or a list",
            "a.rs:15: line 11 says `5`, and no statement of it does",
        ]
    );
    assert_eq!(
        after("6 instead of 5, of which the listing dies.", "of 5.")[0],
        "a.rs:8: a reason has three words or more"
    );
}

#[test]
fn a_departure_says_its_line_but_for_what_the_head_names() {
    assert_eq!(after("b(6)", "z(5)"), ["a.rs:15: line 11 says `b()`, and no statement of it does"]);
    let replaced = GOOD.replace("instead of 5", "instead of `b()` and 5");
    assert_eq!(faults(&replaced.replace("b(6)", "z(5)")), [""; 0]);
    assert_eq!(
        faults(&replaced.replace("b(6)", "z(6)")),
        ["a.rs:15: the statement says nothing of line 11"]
    );
    assert_eq!(
        after("of 5,", "of 51,"),
        ["a.rs:15: line 11 says `5`, and no statement of it does"]
    );
    assert_eq!(
        after("6 instead of 5,", "not 5,"),
        ["a.rs:15: line 11 says `5`, and no statement of it does"]
    );
}

#[test]
fn a_number_has_a_statement_that_says_its_line() {
    assert_eq!(
        after("a(); ", "b(); "),
        [
            "a.rs:13: line 9 says `a()`, and no statement of it does",
            "a.rs:13: the statement says nothing of line 9",
        ]
    );
    assert_eq!(
        after("c(x, 1024)", "c(x, 1025)"),
        [
            "a.rs:16: line 14 says `1024`, and no statement of it does",
            "a.rs:16: the statement says nothing of line 14",
        ]
    );
    assert_eq!(
        after("// 9", "// 9\n    z();            // 9"),
        ["a.rs:14: the statement says nothing of line 9"]
    );
}

#[test]
fn several_statements_may_carry_the_same_numbers() {
    let (call, twice) =
        ("c(x, 1024); // 13-14", "c(x, 1024); // 13-14\n        c(x, 1024); // 13-14");
    assert_eq!(after(call, twice), [""; 0]);
    let other = "c(x, 10);   // 13\n        c(x, 1024); // 13-14";
    assert_eq!(after(call, other), [""; 0]);
    assert_eq!(
        after("// 9", "// 9\n    b(5);           // 11\n    b(6);           // 11")[1..],
        [
            "a.rs:15: this call of line 11 is without `5`",
            "a.rs:17: this call of line 11 is without `5`",
        ]
    );
}

#[test]
fn a_wide_line_is_a_fault() {
    let wide = format!("// {}\n    a(); ", "ä".repeat(97));
    assert_eq!(after("    a(); ", &wide), [""; 0]);
    assert_eq!(after("    a(); ", &format!(" {wide}")), ["a.rs:13: 101 columns, of at most 100"]);
}

#[test]
fn a_number_outside_the_margin_is_a_fault() {
    assert_eq!(
        after("            // 9", " // 9"),
        ["a.rs:13: the number is at column 10, the margin at 21"]
    );
    assert_eq!(
        after("          // 10\n", "\n                    // 10\n")[0],
        "a.rs:15: the number is on a line of its own"
    );
}

#[test]
fn what_is_not_rust_is_a_fault() {
    assert_eq!(
        after("loop {", "loop"),
        ["a.rs:1: is not Rust: line 18: cannot parse string into token stream"]
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
