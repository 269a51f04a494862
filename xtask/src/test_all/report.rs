//! The matrix and its summary as text.

use std::time::Duration;

use console::style;

use crate::catalog::{Server, Target};
use crate::terminal::{WIDTH, plain_table_within, tightened, trimmed, wrapped};
use crate::test_all::checks::Check;
use crate::test_all::failures::failures;
use crate::test_all::matrix::{self, Cell, Plan, word};
use crate::test_all::results::{Skipped, skipped};

/// Cells whose time the summary names.
const SLOWEST: usize = 5;

/// Columns of the longest word in a cell, and between two of them.
const WORD: usize = 5;
const GAP: usize = 2;

/// All that there is to say of a run, the most important last: the tables of the examples, why
/// cells were skipped, if that is to be explained, the table of the crates' own servers, the
/// failures, the summary.
pub fn text(plan: &Plan, cells: &[Cell], explain: bool, time: Duration) -> String {
    let mut parts = tables(&plan.servers, &plan.checks, WIDTH, |server, check| {
        let is_it =
            |cell: &&Cell| cell.server.key() == server.key() && cell.check.name == check.name;
        cells.iter().find(is_it).map(|cell| coloured(word(&cell.outcome)).to_string())
    });
    if plan.servers[0].target == Target::Bin {
        // The table of the crates' own servers, which come first.
        parts.rotate_left(1);
    }
    if explain {
        parts.insert(parts.len() - 1, skips(&skipped(cells)));
    }
    parts.extend([failures(cells, plan.settings), summary(plan, cells, time)]);
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// A word in each cell: a table for the crates' own servers, then one for each crate's examples,
/// and one for each crate's models; none is wider than `width`.
pub fn tables(
    servers: &[&Server],
    checks: &[&Check],
    width: usize,
    word: impl Fn(&Server, &Check) -> Option<String>,
) -> Vec<String> {
    let groups = servers.chunk_by(|a, b| group(a) == group(b));
    groups.map(|servers| table(servers, checks, width, &word)).collect()
}

/// The tables of one group of servers: the columns of one fit into `width`.
fn table(
    servers: &[&Server],
    checks: &[&Check],
    width: usize,
    word: &impl Fn(&Server, &Check) -> Option<String>,
) -> String {
    let mut text = match group(servers[0]) {
        Some((package, true)) => format!("models of {package}\n"),
        Some((package, false)) => format!("examples of {package}\n"),
        None => String::new(),
    };
    let names = checks.iter().map(|check| check.name.len()).max().unwrap_or_default();
    let parts = |gap| fitting(servers, width - names, gap);
    let is_tight = parts(GAP).len() > 1 && parts(1).len() == 1;
    for servers in parts(if is_tight { 1 } else { GAP }) {
        let mut table = plain_table_within(width);
        table.set_header([""].into_iter().chain(servers.iter().map(|server| column(server))));
        for check in checks {
            let row = servers.iter().map(|server| word(server, check).unwrap_or_default());
            table.add_row([check.name.to_owned()].into_iter().chain(row));
        }
        text += &if is_tight { tightened(table) } else { trimmed(table) };
    }
    text
}

/// The servers in parts whose columns fit into `width`, each with a gap before it.
fn fitting<'a>(mut servers: &'a [&'a Server], width: usize, gap: usize) -> Vec<&'a [&'a Server]> {
    let mut parts = Vec::new();
    while !servers.is_empty() {
        let mut left = width;
        let fits = servers.iter().take_while(|server| {
            let column = column(server).len().max(WORD) + gap;
            let fits = column <= left;
            left = left.saturating_sub(column);
            fits
        });
        let (part, rest) = servers.split_at(fits.count().max(1));
        parts.push(part);
        servers = rest;
    }
    parts
}

/// The head of a server's column.
fn column(server: &Server) -> &'static str {
    server.name.trim_end_matches("-server")
}

/// The crate whose example a server is, and whether the note describes it in words only.
pub fn group(server: &Server) -> Option<(&'static str, bool)> {
    (server.target == Target::Example).then_some((server.package, server.in_words))
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
    let summary = format!("{} in {time:.1} s, seed {}", counts(cells), plan.settings.seed);
    wrapped(&summary, "  ") + &wrapped(&format!("slowest: {slowest}"), "  ")
}

/// How many cells had which answer.
pub fn counts(cells: &[Cell]) -> String {
    let words = ["pass", "waits", "polls", "refuses", "skip", "FAIL"];
    let count =
        |word: &str| cells.iter().filter(|cell| matrix::word(&cell.outcome) == word).count();
    let counts = words.map(|word| format!("{} {}", count(word), word.replace("FAIL", "failed")));
    counts.join(", ")
}

/// A word as a terminal shows it.
pub fn coloured(word: &str) -> console::StyledObject<&str> {
    let styled = style(word);
    match word {
        "pass" => styled.green(),
        "skip" => styled.dim(),
        "FAIL" | "dies" | "spins" | "silent" => styled.red().bold(),
        _ => styled.yellow(),
    }
}

/// Each reason for a skip, with the cells that it explains.
pub fn skips(skipped: &[Skipped]) -> String {
    let told = skipped.iter().map(|Skipped { check, reason, servers }| {
        wrapped(&format!("skip {check}: {reason} ({})", servers.join(", ")), "  ")
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::SERVERS;
    use crate::harness::outcome::{Outcome, Verdict, fail};
    use crate::test_all::checks::CHECKS;
    use crate::test_all::matrix::Settings;

    fn cell(check: usize, outcome: Outcome) -> Cell {
        Cell { outcome, ..Cell::new(&SERVERS[0], &CHECKS[check]) }
    }

    #[test]
    fn every_table_fits_a_terminal_and_names_each_server_and_check_once() {
        let settings = Settings { seed: 7, release: false };
        let plan = Plan::new(&[], &[], settings).unwrap();
        let text = tables(&plan.servers, &plan.checks, WIDTH, |_, _| Some("waits".to_owned()));
        let text = text.concat();
        let text = console::strip_ansi_codes(&text);
        let words: Vec<&str> = text.split_whitespace().collect();
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        for server in SERVERS {
            let count = words.iter().filter(|word| **word == column(server)).count();
            assert!(count >= 1, "{} in {text}", server.name);
        }
        assert_eq!(words.iter().filter(|word| **word == "waits").count(), plan.size());
    }

    #[test]
    fn the_own_servers_stand_in_one_table() {
        let settings = Settings { seed: 7, release: false };
        let plan = Plan::new(&[], &[], settings).unwrap();
        for (width, gap) in [(WIDTH, " "), (120, "  ")] {
            let own = tables(&plan.servers, &plan.checks, width, |_, _| None).remove(0);
            assert_eq!(own.lines().count(), 1 + CHECKS.len(), "{own}");
            assert!(own.contains(&["blocking", "nonblocking", "select"].join(gap)), "{own}");
        }
    }

    #[test]
    fn the_own_servers_table_and_what_failed_come_last() {
        let settings = Settings { seed: 7, release: false };
        let names = [SERVERS[0].name.to_owned(), "hello".to_owned()];
        let plan = Plan::new(&names, &[CHECKS[0].name.to_owned()], settings).unwrap();
        let skip = Cell { server: plan.servers[1], ..cell(0, Ok(Verdict::Skip("a reason"))) };
        let cells = [cell(0, fail("one", "other")), skip];
        let text = |explain| {
            let text = super::text(&plan, &cells, explain, Duration::ZERO);
            console::strip_ansi_codes(&text).into_owned()
        };
        let own = column(&SERVERS[0]);
        let parts = ["examples of select-server", "a reason", own, "FAIL", "1 skip, 1 failed"];
        let places = parts.map(|part| text(true).find(part).unwrap_or_else(|| panic!("no {part}")));
        assert!(places.is_sorted(), "{}", text(true));
        assert!(!text(false).contains("a reason"), "{}", text(false));
    }
}
