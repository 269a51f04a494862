//! The matrix, its failures and its summary as text.

use std::time::Duration;

use console::style;

use crate::catalog::{Server, Target};
use crate::harness::outcome::{Failure, Verdict};
use crate::terminal::{plain_table, trimmed};
use crate::test_all::matrix::{Cell, Plan};

/// Cells whose time the summary names.
const SLOWEST: usize = 5;

/// The matrix, and below it why cells were skipped.
pub fn matrix(plan: &Plan, cells: &[Cell]) -> String {
    tables(plan, cells) + &skips(cells)
}

/// A word in each cell: a table for the crates' own servers, and one for each crate's examples.
pub fn tables(plan: &Plan, cells: &[Cell]) -> String {
    let tables = plan.servers.chunk_by(|a, b| group(a) == group(b)).map(|servers| {
        let title = match group(servers[0]) {
            Some(package) => format!("examples of {package}"),
            None => String::new(),
        };
        let mut table = plain_table();
        let names = servers.iter().map(|server| server.name.trim_end_matches("-server"));
        table.set_header([title.as_str()].into_iter().chain(names));
        for check in &plan.checks {
            let row = servers.iter().map(|server| {
                let cell = cells
                    .iter()
                    .find(|cell| cell.server.name == server.name && cell.check.name == check.name);
                cell.map_or_else(String::new, |cell| word(cell).to_string())
            });
            table.add_row([check.name.to_owned()].into_iter().chain(row));
        }
        format!("{}\n", trimmed(&table))
    });
    tables.collect()
}

/// The crate whose example a server is.
fn group(server: &Server) -> Option<&'static str> {
    (server.target == Target::Example).then_some(server.package)
}

/// Each failure with its requirement, what was expected, what happened, what the server printed last, and the
/// command that runs it again.
pub fn failures(cells: &[Cell]) -> String {
    let failed = cells.iter().filter_map(|cell| Some((cell, cell.outcome.as_ref().err()?)));
    failed.map(|(cell, failure)| one_failure(cell, failure)).collect()
}

fn one_failure(cell: &Cell, Failure { expected, actual }: &Failure) -> String {
    let (server, check) = (cell.server, cell.check);
    let mut text = format!(
        "\n{} {} of {}\n  requirement: {}\n  expected:    {expected}\n  actual:      {actual}\n",
        style("FAIL").red().bold(),
        check.name,
        server.name,
        check.requirement,
    );
    for line in &cell.output {
        text += &format!("  server said: {line}\n");
    }
    text + &format!("  run again:   cargo xtask test-all {} --check {}\n", server.name, check.name)
}

/// How many cells had which answer, how long it took, and what took longest.
pub fn summary(plan: &Plan, cells: &[Cell], time: Duration) -> String {
    let mut by_time: Vec<&Cell> = cells.iter().collect();
    by_time.sort_by_key(|cell| std::cmp::Reverse(cell.time));
    let slowest = by_time.iter().take(SLOWEST).map(|cell| {
        let time = cell.time.as_secs_f64();
        format!("{} of {} {time:.1} s", cell.check.name, cell.server.name)
    });
    let slowest = slowest.collect::<Vec<_>>().join(", ");
    let time = time.as_secs_f64();
    format!("{} in {time:.1} s, seed {}\nslowest: {slowest}\n", counts(cells), plan.seed)
}

/// How many cells had which answer.
pub fn counts(cells: &[Cell]) -> String {
    let words = ["pass", "waits", "polls", "skip", "FAIL"];
    let count = |word: &str| cells.iter().filter(|cell| plain_word(cell) == word).count();
    let counts = words.map(|word| format!("{} {}", count(word), word.replace("FAIL", "failed")));
    counts.join(", ")
}

fn plain_word(cell: &Cell) -> &'static str {
    match cell.outcome {
        Ok(Verdict::Pass) => "pass",
        Ok(Verdict::Waits) => "waits",
        Ok(Verdict::Polls) => "polls",
        Ok(Verdict::Skip(_)) => "skip",
        Err(_) => "FAIL",
    }
}

fn word(cell: &Cell) -> console::StyledObject<&'static str> {
    let word = style(plain_word(cell));
    match cell.outcome {
        Ok(Verdict::Pass) => word.green(),
        Ok(Verdict::Waits | Verdict::Polls) => word.yellow(),
        Ok(Verdict::Skip(_)) => word.dim(),
        Err(_) => word.red().bold(),
    }
}

/// A line for each reason, with the cells that it explains.
fn skips(cells: &[Cell]) -> String {
    let mut lines: Vec<(String, Vec<&str>)> = Vec::new();
    for cell in cells {
        let Ok(Verdict::Skip(reason)) = cell.outcome else {
            continue;
        };
        let line = format!("skip {}: {reason}", cell.check.name);
        match lines.iter_mut().find(|(known, _)| *known == line) {
            Some((_, servers)) => servers.push(cell.server.name),
            None => lines.push((line, vec![cell.server.name])),
        }
    }
    let lines = lines.iter().map(|(line, servers)| format!("{line} ({})\n", servers.join(", ")));
    lines.collect()
}
