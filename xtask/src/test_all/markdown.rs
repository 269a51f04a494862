//! The matrix in the documentation: written by `--markdown`, never by hand.

use std::fs;

use anyhow::{Context, Result};

use crate::catalog::{Server, Target};
use crate::harness::machine::{date, machine};
use crate::harness::outcome::Verdict;
use crate::terminal::wrapped_within;
use crate::test_all::checks::Check;
use crate::test_all::matrix::{Cell, Plan};
use crate::test_all::report;

/// What the six servers' matrix stands between in the README.
const BEGIN: &str = "<!-- the matrix: cargo xtask test-all --markdown -->\n";
const END: &str = "<!-- the end of the matrix -->\n";

/// Columns of the documentation's lines.
const WIDTH: usize = 120;

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
    let matrix = report::tables(plan, cells, WIDTH).join("\n") + "\n" + &report::skips(cells);
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

/// The crates' own servers only, without the reasons for what was skipped: a row for each check
/// that tells them apart, and the names of those that all pass. Checks of which none is asked are
/// left out: they are the examples'.
fn own(plan: &Plan, cells: &[Cell]) -> String {
    let servers = plan.servers.iter().copied();
    let servers: Vec<&Server> = servers.filter(|server| server.target == Target::Bin).collect();
    let all = |check: &Check, is_it: fn(&Cell) -> bool| {
        let mut of_check = cells
            .iter()
            .filter(|cell| cell.check.name == check.name && cell.server.target == Target::Bin);
        of_check.all(is_it)
    };
    let asked = plan.checks.iter().copied();
    let asked =
        asked.filter(|check| !all(check, |cell| matches!(cell.outcome, Ok(Verdict::Skip(_)))));
    let (passed, others) =
        asked.partition(|check| all(check, |cell| cell.outcome == Ok(Verdict::Pass)));
    let plan = Plan { servers, checks: others, settings: plan.settings };
    let tables = report::tables(&plan, cells, WIDTH);
    format!(
        "```\n{}\n```\n{}",
        console::strip_ansi_codes(&tables.concat()).trim_end(),
        passed_by_all(&passed)
    )
}

/// The checks that all servers pass, by their names.
fn passed_by_all(checks: &[&Check]) -> String {
    if checks.is_empty() {
        return String::new();
    }
    let names: Vec<String> = checks.iter().map(|check| format!("`{}`", check.name)).collect();
    let text = format!("All six pass {}.", names.join(", "));
    format!("\n{}", wrapped_within(WIDTH, &text, ""))
}

/// The text with something else between the two marks.
fn replaced(text: &str, matrix: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_old, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{matrix}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::test_all::checks::CHECKS;
    use crate::test_all::matrix::Settings;

    #[test]
    fn what_stands_between_the_marks_is_replaced() {
        let text = format!("a\n{BEGIN}old\n{END}b\n");
        assert_eq!(replaced(&text, "new\n"), Some(format!("a\n{BEGIN}new\n{END}b\n")));
        assert_eq!(replaced("a\n", "new\n"), None);
    }

    #[test]
    fn the_readme_shows_what_tells_the_servers_apart_and_names_the_rest() {
        let settings = Settings { seed: 1, release: false };
        let names = ["blocking-server".to_owned(), "interval".to_owned()];
        let checks = [0, 1, 2].map(|check| CHECKS[check].name.to_owned());
        let plan = Plan::new(&names, &checks, settings).unwrap();
        let cell = |server: usize, check: usize, outcome| Cell {
            server: plan.servers[server],
            check: plan.checks[check],
            outcome,
            output: Vec::new(),
            line: None,
            time: Duration::ZERO,
        };
        let cells = [
            cell(0, 0, Ok(Verdict::Pass)),
            cell(1, 0, Ok(Verdict::Waits)),
            cell(0, 1, Ok(Verdict::Waits)),
            cell(1, 1, Ok(Verdict::Pass)),
            cell(0, 2, Ok(Verdict::Skip("it is no such server"))),
            cell(1, 2, Ok(Verdict::Pass)),
        ];
        let [passed, other, of_none] = [0, 1, 2].map(|check| CHECKS[check].name);
        let text = own(&plan, &cells);
        assert!(text.ends_with(&format!("\nAll six pass `{passed}`.\n")), "{text}");
        let row = text.lines().find(|line| line.starts_with(other)).unwrap();
        assert_eq!(row.split_whitespace().collect::<Vec<_>>(), [other, "waits"]);
        assert_eq!(text.lines().filter(|line| line.starts_with(passed)).count(), 0);
        assert!(!text.contains(of_none), "{text}");
    }

    #[test]
    fn the_readme_has_a_place_for_the_matrix() {
        let readme = fs::read_to_string(crate::root().join("README.md")).unwrap();
        assert!(replaced(&readme, "").is_some());
    }
}
