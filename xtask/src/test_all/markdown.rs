//! The matrix in the documentation: written by `--markdown`, never by hand.

use std::fs;

use anyhow::{Context, Result};

use crate::catalog::Target;
use crate::harness::machine::{date, machine};
use crate::test_all::matrix::{Cell, Plan};
use crate::test_all::report;

/// What the six servers' matrix stands between in the README.
const BEGIN: &str = "<!-- the matrix: cargo xtask test-all --markdown -->\n";
const END: &str = "<!-- the end of the matrix -->\n";

/// Writes `docs/matrix.md`, and the six servers' part of it into the README.
///
/// # Errors
/// When a file cannot be read or written, or the README has no place for the matrix.
pub fn write(plan: &Plan, cells: &[Cell]) -> Result<()> {
    let docs = crate::root().join("docs");
    fs::create_dir_all(&docs).context("create docs")?;
    fs::write(docs.join("matrix.md"), all(plan, cells)).context("write docs/matrix.md")?;
    let path = crate::root().join("README.md");
    let readme = fs::read_to_string(&path).context("read README.md")?;
    let readme = replaced(&readme, &own(plan, cells)).context("README.md: no place for it")?;
    fs::write(path, readme).context("write README.md")
}

fn all(plan: &Plan, cells: &[Cell]) -> String {
    let matrix = report::matrix(plan, cells);
    format!(
        "# What each server can do\n\n\
         `cargo xtask test-all --markdown` wrote this file on {}, on {}. What each check requires: \
         `cargo xtask list --checks`.\n\n\
         ```\n{}```\n\n{}\n",
        date(),
        machine(),
        console::strip_ansi_codes(&matrix),
        report::counts(cells),
    )
}

/// The crates' own servers only, without the reasons for what was skipped.
fn own(plan: &Plan, cells: &[Cell]) -> String {
    let servers = plan.servers.iter().copied();
    let plan = Plan {
        servers: servers.filter(|server| server.target == Target::Bin).collect(),
        checks: plan.checks.clone(),
        settings: plan.settings,
    };
    let tables = report::tables(&plan, cells);
    format!("```\n{}\n```\n", console::strip_ansi_codes(&tables).trim_end())
}

/// The text with something else between the two marks.
fn replaced(text: &str, matrix: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_old, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{matrix}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_the_marks_is_replaced() {
        let text = format!("a\n{BEGIN}old\n{END}b\n");
        assert_eq!(replaced(&text, "new\n"), Some(format!("a\n{BEGIN}new\n{END}b\n")));
        assert_eq!(replaced("a\n", "new\n"), None);
    }

    #[test]
    fn the_readme_has_a_place_for_the_matrix() {
        let readme = fs::read_to_string(crate::root().join("README.md")).unwrap();
        assert!(replaced(&readme, "").is_some());
    }
}
