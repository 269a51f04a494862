//! The matrix, its failures and its summary as text.

use std::time::Duration;

use console::style;

use crate::catalog::{Server, Target};
use crate::harness::outcome::{Failure, Kind, Verdict};
use crate::terminal::{plain_table, trimmed};
use crate::test_all::matrix::{Cell, Plan, Settings};

/// Cells whose time the summary names.
const SLOWEST: usize = 5;

/// The matrix, and below it why cells were skipped.
pub fn matrix(plan: &Plan, cells: &[Cell]) -> String {
    tables(plan, cells) + &skips(cells)
}

/// A word in each cell: a table for the crates' own servers, one for each crate's examples, and one
/// for each crate's models.
pub fn tables(plan: &Plan, cells: &[Cell]) -> String {
    let tables = plan.servers.chunk_by(|a, b| group(a) == group(b)).map(|servers| {
        let title = match group(servers[0]) {
            Some((package, true)) => format!("models of {package}"),
            Some((package, false)) => format!("examples of {package}"),
            None => String::new(),
        };
        let mut table = plain_table();
        let names = servers.iter().map(|server| server.name.trim_end_matches("-server"));
        table.set_header([title.as_str()].into_iter().chain(names));
        for check in &plan.checks {
            let row = servers.iter().map(|server| {
                let cell = cells.iter().find(|cell| {
                    cell.server.key() == server.key() && cell.check.name == check.name
                });
                cell.map_or_else(String::new, |cell| word(cell).to_string())
            });
            table.add_row([check.name.to_owned()].into_iter().chain(row));
        }
        format!("{}\n", trimmed(&table))
    });
    tables.collect()
}

/// The crate whose example a server is, and whether the note describes it in words only.
fn group(server: &Server) -> Option<(&'static str, bool)> {
    (server.target == Target::Example).then_some((server.package, server.in_words))
}

/// Each failure with its requirement, what was expected, what happened, what the server did when a
/// deadline passed, what it printed last and when, what launched it, and the command that runs it
/// again. Checks of one server that fail alike stand together.
pub fn failures(cells: &[Cell], settings: Settings) -> String {
    let mut groups: Vec<(&Failure, Vec<&Cell>)> = Vec::new();
    for cell in cells {
        let Err(failure) = &cell.outcome else {
            continue;
        };
        let is_alike = |(known, cells): &&mut (&Failure, Vec<&Cell>)| {
            *known == failure && cells[0].server.key() == cell.server.key()
        };
        match groups.iter_mut().find(is_alike) {
            Some((_, cells)) => cells.push(cell),
            None => groups.push((failure, vec![cell])),
        }
    }
    groups.iter().map(|(failure, cells)| alike(failure, cells, settings)).collect()
}

/// Failures of one server that are alike.
fn alike(failure: &Failure, cells: &[&Cell], settings: Settings) -> String {
    let (first, Failure { expected, actual, kind, server }) = (cells[0], failure);
    let names: Vec<&str> = cells.iter().map(|cell| cell.check.name).collect();
    let why = match kind {
        Kind::TimedOut => " (timed out)",
        Kind::Different => "",
    };
    let fail = style("FAIL").red().bold();
    let mut text = format!("\n{fail} {} of {}{why}\n", names.join(", "), first.server.name);
    for cell in cells {
        text += &format!("  requirement: {}\n", cell.check.requirement);
    }
    text += &format!("  expected:    {expected}\n  actual:      {actual}\n");
    if let Some(server) = server {
        text += &format!("  meanwhile:   {server}\n");
    }
    for line in &first.output {
        text += &format!("  server said: {line}\n");
    }
    if let Some(line) = &first.line {
        text += &format!("  launched by: {line}\n");
    }
    text + &format!("  run again:   {}\n", again(first.server, &names, settings))
}

/// The command that runs just these checks of a server as they were run.
fn again(server: &Server, checks: &[&str], Settings { seed, release }: Settings) -> String {
    let checks: String = checks.iter().map(|check| format!(" --check {check}")).collect();
    let release = if release { " --release" } else { "" };
    format!("cargo xtask test-all {}{checks} --seed {seed}{release}", server.name)
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
    format!("{} in {time:.1} s, seed {}\nslowest: {slowest}\n", counts(cells), plan.settings.seed)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::SERVERS;
    use crate::harness::command_line::CommandLine;
    use crate::harness::outcome::{Outcome, fail, time_out};
    use crate::test_all::checks::CHECKS;

    fn cell(check: usize, outcome: Outcome) -> Cell {
        let line = CommandLine::new("a server").with(["127.0.0.1:0"]);
        Cell {
            server: &SERVERS[0],
            check: &CHECKS[check],
            outcome,
            output: vec!["0.001 s stdout: its last words".to_owned()],
            line: Some(line),
            time: Duration::ZERO,
        }
    }

    #[test]
    fn a_failure_says_what_was_launched_and_how_to_run_it_again() {
        let late = time_out("one", "other");
        let late = late
            .map_err(|failure| failure.while_server(|| Some("the server sleeps in poll".into())));
        let cells = [cell(0, late), cell(1, Ok(Verdict::Pass))];
        let text = failures(&cells, Settings { seed: 7, release: false });
        let text = console::strip_ansi_codes(&text);
        let (server, check) = (SERVERS[0].name, &CHECKS[0]);
        let expected = [
            "",
            &format!("FAIL {} of {server} (timed out)", check.name),
            &format!("  requirement: {}", check.requirement),
            "  expected:    one",
            "  actual:      other",
            "  meanwhile:   the server sleeps in poll",
            "  server said: 0.001 s stdout: its last words",
            "  launched by: 'a server' 127.0.0.1:0",
            &format!(
                "  run again:   cargo xtask test-all {server} --check {} --seed 7",
                check.name
            ),
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn failures_that_are_alike_stand_together() {
        let cells = [0, 1, 2].map(|check| match check {
            2 => cell(check, fail("one", "silence")),
            _ => cell(check, time_out("one", "silence")),
        });
        let text = failures(&cells, Settings { seed: 7, release: true });
        let text = console::strip_ansi_codes(&text);
        let [first, second, third] = [0, 1, 2].map(|check| CHECKS[check].name);
        let server = SERVERS[0].name;
        assert!(text.contains(&format!("FAIL {first}, {second} of {server} (timed out)\n")));
        assert!(text.contains(&format!("FAIL {third} of {server}\n")), "{text}");
        let again = format!("{server} --check {first} --check {second} --seed 7 --release\n");
        assert!(text.contains(&again), "{text}");
    }
}
