//! The failures of a run as text.

use console::{style, truncate_str};

use crate::catalog::Server;
use crate::harness::outcome::{Failure, Kind};
use crate::harness::program::in_words;
use crate::terminal::wrapped;
use crate::test_all::matrix::{Cell, Settings};

/// What the words after a name are indented by.
const INDENT: &str = "               ";

/// Columns of a line that the server said.
const SAID: usize = 120;

/// Each failure with its requirement, what was expected, what happened, what the server did when a
/// deadline passed, what it printed last and when, what launched it, and the command that runs it
/// again. Checks of one server that fail alike are together.
pub fn failures(cells: &[Cell], settings: Settings) -> String {
    let mut groups: Vec<(&Failure, Vec<&Cell>)> = Vec::new();
    for cell in cells {
        let Err(failure) = &cell.outcome else {
            continue;
        };
        let is_alike = |(known, cells): &&mut (&Failure, Vec<&Cell>)| {
            are_alike(known, failure) && cells[0].server.key() == cell.server.key()
        };
        match groups.iter_mut().find(is_alike) {
            Some((_, cells)) => cells.push(cell),
            None => groups.push((failure, vec![cell])),
        }
    }
    let texts = groups.iter().map(|(failure, cells)| alike(failure, cells, settings));
    texts.collect::<Vec<_>>().join("\n")
}

/// Whether two failures are the same except for ports, which the kernel chooses.
fn are_alike(one: &Failure, other: &Failure) -> bool {
    const ADDRESS: &str = "127.0.0.1:";
    let without_ports = |text: &str| {
        let parts = text.split(ADDRESS).enumerate().map(|(index, part)| match index {
            0 => part,
            _ => part.trim_start_matches(|character: char| character.is_ascii_digit()),
        });
        parts.collect::<Vec<_>>().join(ADDRESS)
    };
    one.kind == other.kind
        && without_ports(&one.expected) == without_ports(&other.expected)
        && without_ports(&one.actual) == without_ports(&other.actual)
}

/// Failures of one server that are alike.
fn alike(failure: &Failure, cells: &[&Cell], settings: Settings) -> String {
    let server = cells[0].server;
    let names: Vec<&str> = cells.iter().map(|cell| cell.check.name).collect();
    let why = match failure.kind {
        Kind::TimedOut => " (timed out)",
        Kind::Closed | Kind::Different | Kind::Lacking(_) => "",
    };
    let title = format!("{} of {}{why}", names.join(", "), server.name);
    told(&title, failure, cells, &again(server, &names, settings))
}

/// A failure of one or more checks of one program, in the order in which one looks for what is
/// wrong, with the command that runs just that `again`.
pub fn told(title: &str, failure: &Failure, cells: &[&Cell], again: &str) -> String {
    let Failure { expected, actual, sent, server, .. } = failure;
    let first = cells[0];
    let mut text = format!("{} {title}\n", style("FAIL").red().bold());
    let requirements = cells.iter().map(|cell| ("requirement:", cell.check.requirement));
    let sent = sent.iter().map(|sent| ("sent:", sent.as_str()));
    let came = [("expected:", expected.as_str()), ("actual:", actual.as_str())];
    let meanwhile = server.iter().map(|does| ("meanwhile:", does.as_str()));
    for (name, what) in requirements.chain(sent).chain(came).chain(meanwhile) {
        text += &wrapped(&format!("  {name:13}{what}"), INDENT);
    }
    let mut line = |name: &str, what: &str| text += &format!("  {name:13}{what}\n");
    for said in &first.output {
        line("server said:", &truncate_str(said, SAID, "…"));
    }
    if let Some(status) = first.end {
        line("its end:", &in_words(status));
    }
    if let Some(words) = &first.line {
        line("launched by:", &words.to_string());
    }
    line("run again:", again);
    text
}

/// The command that runs just these checks of a server as they were run.
fn again(server: &Server, checks: &[&str], Settings { seed, release }: Settings) -> String {
    let checks: String = checks.iter().map(|check| format!(" --check {check}")).collect();
    let release = if release { " --release" } else { "" };
    format!("cargo xtask test-all {}{checks} --seed {seed}{release}", server.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::SERVERS;
    use crate::harness::outcome::{Outcome, fail, time_out};
    use crate::test_all::checks::CHECKS;

    fn cell(check: usize, outcome: Outcome) -> Cell {
        Cell { outcome, ..Cell::new(&SERVERS[0], &CHECKS[check]) }
    }

    #[test]
    fn failures_that_are_alike_stand_together() {
        let silence = |port| time_out("one", format!("silence of 127.0.0.1:{port}"));
        let cells = [
            cell(0, silence(4711)),
            cell(1, silence(40712)),
            cell(2, fail("one", "silence of 127.0.0.1:4711")),
        ];
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
