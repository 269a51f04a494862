//! Printing, nothing else.

use std::time::Duration;

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use console::style;

use crate::matrix::{Cell, Plan};
use crate::mirror::Findings;
use crate::servers::{SERVERS, Server, Target};
use crate::soak::Soaked;
use crate::verdict::{Failure, Verdict};

/// Cells whose time the summary names.
const SLOWEST: usize = 5;

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

/// The matrix with a word in each cell, a table for the crates' own servers and one for each crate's examples,
/// and below it why cells were skipped.
pub fn matrix(plan: &Plan, cells: &[Cell]) -> String {
    let tables = plan
        .servers
        .chunk_by(|a, b| group(a) == group(b))
        .map(|servers| {
            let title = match group(servers[0]) {
                Some(package) => format!("examples of {package}"),
                None => String::new(),
            };
            let mut table = plain_table();
            let names = servers
                .iter()
                .map(|server| server.name.trim_end_matches("-server"));
            table.set_header([title.as_str()].into_iter().chain(names));
            for check in &plan.checks {
                let row = servers.iter().map(|server| {
                    let cell = cells.iter().find(|cell| {
                        cell.server.name == server.name && cell.check.name == check.name
                    });
                    cell.map_or_else(String::new, |cell| word(cell).to_string())
                });
                table.add_row([check.name.to_owned()].into_iter().chain(row));
            }
            format!("{}\n", trimmed(&table))
        });
    tables.collect::<String>() + &skips(cells)
}

/// The crate whose example a server is.
fn group(server: &Server) -> Option<&'static str> {
    (server.target == Target::Example).then_some(server.package)
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

/// The table of `cargo xtask soak`, and what was lost first.
pub fn soaked(soaked: &[Soaked]) -> String {
    let mut table = plain_table();
    table.set_header([
        "server",
        "served",
        "refused",
        "lost",
        "peak memory",
        "descriptors: before, peak, after",
    ]);
    for one in soaked {
        let (before, after) = one.descriptors;
        table.add_row([
            one.server.name.to_owned(),
            one.served.to_string(),
            one.refused.to_string(),
            one.lost.to_string(),
            format!("{:.1} MiB", one.peak_memory as f64 / 1024.0 / 1024.0),
            format!("{before}, {}, {after}", one.peak_descriptors),
        ]);
    }
    let lost = soaked
        .iter()
        .filter_map(|one| Some((one.server.name, one.first_lost.as_ref()?)));
    let lost = lost.map(|(name, failure)| {
        format!(
            "first lost of {name}: expected {}, got {}\n",
            failure.expected, failure.actual
        )
    });
    trimmed(&table) + &lost.collect::<String>()
}

/// How many cells had which answer, how long it took, and what took longest.
pub fn summary(plan: &Plan, cells: &[Cell], time: Duration) -> String {
    let words = ["pass", "waits", "polls", "skip", "FAIL"];
    let count = |word: &str| cells.iter().filter(|cell| plain_word(cell) == word).count();
    let counts = words.map(|word| format!("{} {}", count(word), word.replace("FAIL", "failed")));
    let mut by_time: Vec<&Cell> = cells.iter().collect();
    by_time.sort_by_key(|cell| std::cmp::Reverse(cell.time));
    let slowest = by_time.iter().take(SLOWEST).map(|cell| {
        let time = cell.time.as_secs_f64();
        format!("{} of {} {time:.1} s", cell.check.name, cell.server.name)
    });
    let slowest = slowest.collect::<Vec<_>>().join(", ");
    let time = time.as_secs_f64();
    format!(
        "{} in {time:.1} s, seed {}\nslowest: {slowest}\n",
        counts.join(", "),
        plan.seed
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

/// The table without the blanks around its lines.
fn trimmed(table: &Table) -> String {
    let lines = table
        .lines()
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(&line).trim_end()));
    lines.collect()
}
