//! The matrix in the documentation: written by `--markdown`, never by hand.

use std::fs;

use anyhow::{Context, Result};

use crate::catalog::{Server, Target};
use crate::harness::machine::{date, machine};
use crate::harness::outcome::Verdict;
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

/// Of a check that so few of the crates' own servers are asked, and pass, the README has no row.
const FEW: usize = 2;

/// The crates' own servers only, without the reasons for what was skipped: a row for each check
/// that tells them apart, and how many more all pass, or the few that are asked. Checks of which
/// none is asked are left out: they are the examples'.
fn own(plan: &Plan, cells: &[Cell]) -> String {
    let servers = plan.servers.iter().copied();
    let servers: Vec<&Server> = servers.filter(|server| server.target == Target::Bin).collect();
    let (mut rows, mut of_all, mut of_few) = (Vec::new(), 0, 0);
    for check in plan.checks.iter().copied() {
        let own = cells
            .iter()
            .filter(|cell| cell.check.name == check.name && cell.server.target == Target::Bin);
        let asked: Vec<&Cell> =
            own.filter(|cell| !matches!(cell.outcome, Ok(Verdict::Skip(_)))).collect();
        match asked.iter().all(|cell| cell.outcome == Ok(Verdict::Pass)) {
            true if asked.is_empty() => {}
            true if asked.len() == servers.len() => of_all += 1,
            true if asked.len() <= FEW => of_few += 1,
            _ => rows.push(check),
        }
    }
    let plan = Plan { servers, checks: rows, settings: plan.settings };
    let tables = report::tables(&plan, cells, WIDTH);
    format!(
        "```\n{}\n```\n\n\
         All six pass {of_all} more checks; {of_few} concern only one or two, which pass them.\n",
        console::strip_ansi_codes(&tables.concat()).trim_end(),
    )
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
    fn the_readme_shows_what_tells_the_servers_apart_and_counts_the_rest() {
        let settings = Settings { seed: 1, release: false };
        let names = ["blocking-server", "epoll-server", "interval"].map(str::to_owned);
        let checks = [0, 1, 2, 3].map(|check| CHECKS[check].name.to_owned());
        let plan = Plan::new(&names, &checks, settings).unwrap();
        let skip = || Ok(Verdict::Skip("it is no such server"));
        let (pass, waits) = (|| Ok(Verdict::Pass), || Ok(Verdict::Waits));
        let outcomes = [
            [pass(), pass(), waits()],
            [waits(), pass(), pass()],
            [skip(), pass(), waits()],
            [skip(), skip(), pass()],
        ];
        let cells: Vec<Cell> = outcomes
            .into_iter()
            .zip(&plan.checks)
            .flat_map(|(outcomes, check)| {
                plan.servers.iter().zip(outcomes).map(|(server, outcome)| Cell {
                    server,
                    check,
                    outcome,
                    output: Vec::new(),
                    line: None,
                    time: Duration::ZERO,
                })
            })
            .collect();
        let [of_all, row, of_few, of_none] = [0, 1, 2, 3].map(|check| CHECKS[check].name);
        let text = own(&plan, &cells);
        let more = "\n\nAll six pass 1 more checks; 1 concern only one or two, which pass them.\n";
        assert!(text.ends_with(more), "{text}");
        let rows: Vec<&str> = text.lines().skip(2).take_while(|line| *line != "```").collect();
        let words = rows.iter().flat_map(|row| row.split_whitespace());
        assert_eq!(words.collect::<Vec<_>>(), [row, "waits", "pass"], "{text}");
        assert!([of_all, of_few, of_none].iter().all(|name| !text.contains(name)), "{text}");
    }

    #[test]
    fn the_readme_has_a_place_for_the_matrix() {
        let readme = fs::read_to_string(crate::root().join("README.md")).unwrap();
        assert!(replaced(&readme, "").is_some());
    }
}
