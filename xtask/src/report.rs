//! Printing, nothing else.

use std::time::Duration;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use console::style;

use crate::matrix::{Cell, Plan};
use crate::mirror::Findings;
use crate::servers::SERVERS;
use crate::verdict::{Failure, Verdict};

/// The table of `cargo xtask list`.
pub fn servers() -> String {
    let mut table = plain_table();
    table.set_header(["server", "model", "listing", "address", "command"]);
    for server in SERVERS {
        let command = server.command();
        table.add_row([
            server.name,
            server.model,
            server.listing,
            server.addr,
            &command,
        ]);
    }
    trimmed(&table)
}

/// The table of `cargo xtask mirror`, what is wrong, and how much is mirrored.
pub fn mirrors(findings: &Findings) -> String {
    let mut table = plain_table();
    table.set_header(["listing", "file", "lines", "departures"]);
    for row in &findings.rows {
        let lines = format!("{} of {}", row.named, row.to_name);
        table.add_row([&row.listing, &row.file, &lines, &row.departures.to_string()]);
    }
    let faults: String = findings
        .faults
        .iter()
        .map(|fault| format!("{fault}\n"))
        .collect();
    let separator = if faults.is_empty() { "" } else { "\n" };
    format!(
        "{}{separator}{faults}\n{} of {} listings, {} of {} code lines\n",
        trimmed(&table),
        findings.complete,
        findings.listings,
        findings.named,
        findings.to_name,
    )
}

/// The matrix with a word in each cell, and below it why cells were skipped.
pub fn matrix(plan: &Plan, cells: &[Cell]) -> String {
    let mut table = plain_table();
    let names = plan
        .servers
        .iter()
        .map(|server| server.name.trim_end_matches("-server"));
    table.set_header([""].into_iter().chain(names));
    for (check, row) in plan.checks.iter().zip(cells.chunks(plan.servers.len())) {
        let words = row.iter().map(|cell| word(cell).to_string());
        table.add_row([check.name.to_owned()].into_iter().chain(words));
    }
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Left);
    }
    format!("{}\n{}", trimmed(&table), skips(cells))
}

/// Each failure with its requirement, what was expected, what happened, what the server printed last, and the
/// command that runs it again.
pub fn failures(cells: &[Cell]) -> String {
    let failed = cells
        .iter()
        .filter_map(|cell| Some((cell, cell.outcome.as_ref().err()?)));
    failed
        .map(|(cell, failure)| one_failure(cell, failure))
        .collect()
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
    text + &format!(
        "  run again:   cargo xtask test-all {} --check {}\n",
        server.name, check.name
    )
}

/// How many cells had which answer, and how long it took.
pub fn summary(plan: &Plan, cells: &[Cell], time: Duration) -> String {
    let count = |word: &str| cells.iter().filter(|cell| plain_word(cell) == word).count();
    format!(
        "{} pass, {} waits, {} polls, {} skip, {} failed in {:.1} s, seed {}\n",
        count("pass"),
        count("waits"),
        count("polls"),
        count("skip"),
        count("FAIL"),
        time.as_secs_f64(),
        plan.seed,
    )
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
    let lines = lines
        .iter()
        .map(|(line, servers)| format!("{line} ({})\n", servers.join(", ")));
    lines.collect()
}

fn plain_table() -> Table {
    let mut table = Table::new();
    table.load_preset(NOTHING);
    table
}

/// The table without the blanks at the ends of its lines.
fn trimmed(table: &Table) -> String {
    table
        .lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}
