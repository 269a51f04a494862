//! A report for who wrote the program that was asked.

use std::iter::successors;
use std::num::NonZero;
use std::time::Duration;

use crate::harness::command_line::quoted;
use crate::harness::outcome::Verdict;
use crate::terminal::wrapped;
use crate::test_all::checks::{CHECKS, Check};
use crate::test_all::matrix::{Cell, Plan, word};
use crate::test_all::{failures, report};

/// What the words after a name are indented by.
const INDENT: &str = "               ";

/// What was asked for.
pub struct Wish {
    /// The program's command.
    pub program: String,
    /// Whose conversation it has.
    pub like: String,
    /// Where it listens, if its command has no place for that.
    pub port: Option<NonZero<u16>>,
    /// Whether the first failure is the last.
    pub first: bool,
    /// What else was on the command line that a repetition needs.
    pub words: Vec<String>,
}

impl Wish {
    /// The command that asks just that again.
    fn again(&self, check: &str) -> String {
        let (program, like) = (quoted(self.program.as_ref()), &self.like);
        let port = self.port.map(|port| format!(" --port {port}")).unwrap_or_default();
        let words: String = self.words.iter().map(|word| format!(" {word}")).collect();
        format!(
            "cargo xtask test-all --program {program} --like {like}{port} --check {check}{words}"
        )
    }
}

/// The checks that another one needs, the next one first.
pub fn needs(check: &Check) -> impl Iterator<Item = &'static Check> {
    let next = |check: &Check| CHECKS.iter().find(|other| Some(other.name) == check.needs);
    successors(next(check), move |check| next(check))
}

/// The check that another one needs, directly or not, and that failed; `None` where it can be tried.
pub fn missing(check: &Check, cells: &[Cell]) -> Option<&'static str> {
    let failed = |needs: &&Check| {
        cells.iter().any(|cell| cell.check.name == needs.name && cell.outcome.is_err())
    };
    needs(check).find(failed).map(|needs| needs.name)
}

/// A line for each check that was tried, each failure, and the counts. With `explain` it says why some were not
/// asked.
pub fn report(wish: &Wish, plan: &Plan, cells: &[Cell], explain: bool, time: Duration) -> String {
    let mut text = String::new();
    let (mut not_tried, mut skipped) = (0, 0);
    let mut needed: Vec<(&str, Vec<&str>)> = Vec::new();
    for check in &plan.checks {
        let cell = cells.iter().find(|cell| cell.check.name == check.name);
        let reason = match cell.map(|cell| &cell.outcome) {
            Some(Ok(Verdict::Skip(reason))) => Some(*reason),
            Some(_) => None,
            None => check.own,
        };
        if let Some(reason) = reason {
            skipped += 1;
            if explain {
                text += &wrapped(&format!("skip       {}: {reason}", check.name), INDENT);
            }
        } else if let Some(cell) = cell {
            let word = report::coloured(word(&cell.outcome));
            text += &format!("{word}{:7}{}\n", "", check.name);
        } else if let Some(needs) = missing(check, cells) {
            not_tried += 1;
            match needed.iter_mut().find(|(name, _)| *name == needs) {
                Some((_, checks)) => checks.push(check.name),
                None => needed.push((needs, vec![check.name])),
            }
        } else {
            // `--first`, or Ctrl-C.
            not_tried += 1;
        }
    }
    for (needs, checks) in needed {
        let checks = checks.join(", ");
        text += &wrapped(&format!("not tried  (needs {needs}) {checks}"), "           ");
    }
    for cell in cells {
        if let Err(failure) = &cell.outcome {
            let name = cell.check.name;
            text += &format!("\n{}", failures::told(name, failure, &[cell], &wish.again(name)));
        }
    }
    let (counts, time) = (report::counts(cells), time.as_secs_f64());
    let why = if explain || skipped == 0 { "" } else { " (--explain says why)" };
    let asked = cells.len() - cells.iter().filter(|cell| is_skip(cell)).count();
    let is_told = |count: &&str| {
        let models = ["0 waits", "0 polls", "0 refuses"];
        !models.contains(count) && !count.ends_with(" skip")
    };
    let counts = counts.split(", ").filter(is_told);
    let counts = counts.collect::<Vec<_>>().join(", ");
    let summary = format!(
        "{counts}, {not_tried} not tried, {skipped} skipped{why}; {asked} asked in {time:.1} s"
    );
    text + "\n" + &wrapped(&summary, "  ")
}

fn is_skip(cell: &Cell) -> bool {
    matches!(cell.outcome, Ok(Verdict::Skip(_)))
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::*;
    use crate::catalog::SERVERS;
    use crate::harness::command_line::CommandLine;
    use crate::harness::outcome::{Failure, Outcome, time_out};
    use crate::test_all::matrix::Settings;

    fn wish() -> Wish {
        let (program, like) = ("./my server {port}".to_owned(), "select-server".to_owned());
        Wish { program, like, port: None, first: false, words: Vec::new() }
    }

    fn plan(checks: &[&str]) -> Plan {
        let checks: Vec<String> = checks.iter().map(|check| (*check).to_owned()).collect();
        let settings = Settings { seed: 1, release: false };
        Plan::new(&["select-server".to_owned()], &checks, settings).unwrap()
    }

    fn cell(plan: &Plan, name: &str, outcome: Outcome) -> Cell {
        let check = plan.checks.iter().find(|check| check.name == name).unwrap();
        Cell { outcome, ..Cell::new(&SERVERS[0], check) }
    }

    #[test]
    fn what_needs_a_check_that_failed_is_not_tried() {
        let plan = plan(&["conversation", "half-close", "unread-replies", "restart"]);
        let failed = [cell(&plan, "half-close", time_out("a", "b"))];
        let missing = |name: &str, cells: &[Cell]| {
            let check = plan.checks.iter().find(|check| check.name == name).unwrap();
            missing(check, cells)
        };
        assert_eq!(missing("unread-replies", &failed), Some("half-close"));
        assert_eq!(missing("restart", &failed), None);
        let failed = [cell(&plan, "conversation", time_out("a", "b"))];
        assert_eq!(missing("unread-replies", &failed), Some("conversation"));
    }

    #[test]
    fn a_report_says_what_its_reader_has_to_know() {
        let plan = plan(&["conversation", "half-close", "restart", "defaults"]);
        let failure = time_out::<Verdict>("\"YES\" (3 bytes)", "silence for 10 s").unwrap_err();
        let failure = Failure {
            sent: Some("\"yes\" (3 bytes)".into()),
            server: Some("it sleeps in read; nothing lies unread in its socket".into()),
            ..failure
        };
        let mut cells = [cell(&plan, "conversation", Err(failure))];
        cells[0].output = vec!["0.001 s stderr: help!".into()];
        cells[0].end = Some(ExitStatus::from_raw(11));
        cells[0].line = Some(CommandLine::new("./my server").with(["127.0.0.1:1"]));
        let text = report(&wish(), &plan, &cells, false, Duration::from_secs(10));
        let text = console::strip_ansi_codes(&text);
        let expected = "\
FAIL       conversation
not tried  (needs conversation) half-close, restart

FAIL conversation
  requirement: it says what its listing says, byte for byte, and nothing after
               that
  sent:        \"yes\" (3 bytes)
  expected:    \"YES\" (3 bytes)
  actual:      silence for 10 s
  meanwhile:   it sleeps in read; nothing lies unread in its socket
  server said: 0.001 s stderr: help!
  its end:     it died of signal 11 (SIGSEGV)
  launched by: './my server' 127.0.0.1:1
  run again:   cargo xtask test-all --program './my server {port}' --like select-server --check conversation

0 pass, 1 failed, 2 not tried, 1 skipped (--explain says why); 1 asked in 10.0 s
";
        assert_eq!(text, expected);
        let text = report(&wish(), &plan, &cells, true, Duration::from_secs(10));
        assert!(text.contains("skip       defaults: it asks for options"), "{text}");
    }
}
