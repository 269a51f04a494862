//! What the measurements answer, as text.

use std::time::Duration;

use anyhow::Result;
use console::{StyledObject, style};

use crate::claims::Answered;
use crate::claims::claim::{Answer, Measured};
use xtask::terminal::wrapped;

/// What a further line of an entry begins with, so that it stands below the words of the first.
const INDENT: &str = "            ";

/// A claim with its answer: its places, what the notes say, what was measured, why it is so, and
/// where one can read that.
pub fn entry(Answered { claim, measured }: &Answered) -> String {
    let heading = format!("{} {} ({})", coloured(measured), claim.name, claim.at.join(", "));
    let line = |label: &str, words: &str| wrapped(&format!("  {label:<9} {words}"), INDENT);
    let rest = match measured {
        Ok(Measured::Found(found)) if found.figures.is_empty() => line("why:", found.why),
        Ok(Measured::Found(found)) => line("measured:", &found.figures) + &line("why:", found.why),
        Ok(Measured::Missing(reason)) => line("why:", reason),
        Err(error) => line("why:", &one_line(error)),
    };
    let source = line("source:", &claim.source);
    wrapped(&heading, "  ") + &line("claim:", &claim.claim) + &rest + &source
}

/// The measurements that broke, a line each.
pub fn broken(answered: &[Answered]) -> Vec<String> {
    let broken = answered.iter().filter_map(|one| Some((one, one.measured.as_ref().err()?)));
    broken.map(|(one, error)| format!("{}: {}", one.claim.name, one_line(error))).collect()
}

/// How many claims had which answer, and how long it took.
pub fn summary(answered: &[Answered], time: Duration) -> String {
    let words: Vec<String> = answered.iter().map(|one| word(&one.measured)).collect();
    let counts = counts(words.iter().map(String::as_str));
    wrapped(&format!("{counts} in {:.1} s", time.as_secs_f64()), "  ")
}

/// How many claims had which answer.
pub fn counts<'a>(words: impl Iterator<Item = &'a str> + Clone) -> String {
    let count = |answer| words.clone().filter(|word| *word == answer).count();
    let counts = ["holds", "false", "depends", "missing", "broken"].map(|answer| {
        let count = count(answer);
        // Of the words only the verbs have a plural.
        let words = if count == 1 { answer } else { answer.trim_end_matches('s') };
        format!("{count} {words}")
    });
    counts.join(", ")
}

/// The answer in a word.
pub fn word(measured: &Result<Measured>) -> String {
    match measured {
        Ok(Measured::Found(found)) => found.answer.to_string(),
        Ok(Measured::Missing(_)) => "missing".to_owned(),
        Err(_) => "broken".to_owned(),
    }
}

fn coloured(measured: &Result<Measured>) -> StyledObject<String> {
    let word = style(word(measured));
    match measured {
        Ok(Measured::Found(found)) => match found.answer {
            Answer::Holds => word.green(),
            Answer::False => word.red(),
            Answer::Depends => word.yellow(),
        },
        Ok(Measured::Missing(_)) => word.dim(),
        Err(_) => word.red().bold(),
    }
}

fn one_line(error: &anyhow::Error) -> String {
    let words = format!("{error:#}");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;
    use crate::claims::made_up::{claim, found, not_measured};
    use xtask::terminal::WIDTH;

    fn answered() -> Vec<Answered> {
        let answers = [Answer::Holds, Answer::False, Answer::Holds, Answer::Depends];
        let found = answers.map(|answer| Ok(found(answer)));
        let missing = Ok(Measured::Missing("this kernel has no such call".to_owned()));
        let broken = Err(anyhow!("refused\nby the kernel").context("a call"));
        let measured = found.into_iter().chain([missing, broken]);
        measured.map(|measured| Answered { claim: claim("short-name"), measured }).collect()
    }

    #[test]
    fn an_entry_says_claim_figures_and_reason_in_80_columns() {
        let entries: Vec<String> = answered().iter().map(entry).collect();
        let entries: Vec<_> = entries.iter().map(|text| console::strip_ansi_codes(text)).collect();
        let said = "short-name (000:1, 003:134)\n  claim:    \
                    the notes say something that is longer than a line of a usual\n\
                    \x20           terminal is\n";
        let source = "  source:   poll(2)\n";
        let why = "  measured: 7 of 9 calls, 1.5 µs each\n  why:      The kernel counts them.\n";
        assert_eq!(entries[1], format!("false {said}{why}{source}"));
        let why = "  why:      this kernel has no such call\n";
        assert_eq!(entries[4], format!("missing {said}{why}{source}"));
        let why = "  why:      a call: refused by the kernel\n";
        assert_eq!(entries[5], format!("broken {said}{why}{source}"));
        let answered = Answered { claim: claim("short-name"), measured: Ok(not_measured()) };
        let entry = console::strip_ansi_codes(&entry(&answered)).into_owned();
        let why = "  why:      The kernel counts them.\n";
        assert_eq!(entry, format!("holds {said}{why}{source}"));
        let is_narrow = |line: &str| line.chars().count() <= WIDTH;
        assert!(entries.iter().flat_map(|text| text.lines()).all(is_narrow));
    }

    #[test]
    fn the_end_counts_the_answers_and_names_what_broke() {
        let answered = answered();
        let summary = summary(&answered, Duration::from_millis(1250));
        let counts = "2 hold, 1 false, 1 depends, 1 missing, 1 broken";
        assert_eq!(summary, format!("{counts} in 1.2 s\n"));
        assert_eq!(broken(&answered), ["short-name: a call: refused by the kernel"]);
        assert!(broken(&answered[..5]).is_empty());
    }
}
