//! The answers as text.

use std::time::Duration;

use console::style;

use crate::claims::claim::BROKEN;
use xtask::catalog::claim::{Answer, Claim};
use xtask::catalog::language::Language;
use xtask::terminal::wrapped;

/// What a further line of an entry begins with, so that it is below the words of the first.
const INDENT: &str = "            ";

/// A claim with its answer: its places, what the notes say, what was measured, why it is so, and
/// where one can read that.
pub fn entry(claim: &Claim, answer: &Answer, language: Language) -> String {
    let word = style(&answer.answer);
    let word = match answer.answer.as_str() {
        "holds" => word.green(),
        "false" => word.red(),
        "depends" => word.yellow(),
        BROKEN => word.red().bold(),
        _ => word.dim(),
    };
    // A Chinese character takes two columns.
    let width = language.choose(9, 6);
    let line = |label: &str, words: &str| wrapped(&format!("  {label:<width$} {words}"), INDENT);
    let labels = ["claim:", "measured:", "why:", "source:"];
    let labels = language.choose(labels, ["说法：", "实测：", "原因：", "出处："]);
    let [of_claim, measured, why, source] = labels;
    let measured = match answer.figures.as_str() {
        "" => String::new(),
        figures => line(measured, figures),
    };
    wrapped(&format!("{word} {} ({})", claim.name, claim.at.join(", ")), "  ")
        + &line(of_claim, claim.words(language))
        + &measured
        + &line(why, claim.reason(answer, language))
        + &line(source, &claim.source)
}

/// The measurements that broke, a line each.
pub fn broken(answers: &[Answer]) -> Vec<String> {
    let broken = answers.iter().filter(|one| one.answer == BROKEN);
    broken.map(|Answer { name, why, .. }| format!("{name}: {why}")).collect()
}

/// How many claims had which answer, and how long it took.
pub fn summary(answers: &[Answer], time: Duration) -> String {
    wrapped(&format!("{} in {:.1} s", counts(answers), time.as_secs_f64()), "  ")
}

/// How many claims had which answer.
pub fn counts(answers: &[Answer]) -> String {
    let counts = ["holds", "false", "depends", "missing", BROKEN].map(|word| {
        let count = answers.iter().filter(|one| one.answer == word).count();
        // Of the words only the verbs have a plural.
        let word = if count == 1 { word } else { word.trim_end_matches('s') };
        format!("{count} {word}")
    });
    counts.join(", ")
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;
    use crate::claims::claim::{self, Lack, told};
    use crate::claims::made_up::{claim, found};
    use xtask::terminal::WIDTH;

    fn answers() -> Vec<Answer> {
        use claim::Answer::{Depends, False};
        let found = [False, False, Depends].map(|answer| Ok(found(answer)));
        let missing = Err(Lack("this kernel has no such call".to_owned()).into());
        let broken = Err(anyhow!("refused\nby the kernel").context("a call"));
        let told = |measured| told(claim("short-name"), measured);
        found.into_iter().chain([missing, broken]).map(told).collect()
    }

    #[test]
    fn an_entry_says_claim_figures_and_reason_in_80_columns() {
        let entry = |answer: &Answer| {
            let entry = entry(claim("short-name"), answer, Language::English);
            console::strip_ansi_codes(&entry).into_owned()
        };
        let answers = answers();
        let said = "short-name (000:1, 003:134)\n  claim:    \
                    the notes say something that is longer than a line of a usual\n\
                    \x20           terminal is\n";
        let source = "  source:   poll(2)\n";
        let figures = "  measured: 7 of 9 calls, 1.5 µs each\n";
        let why = "  why:      The kernel counts them.\n";
        assert_eq!(entry(&answers[0]), format!("false {said}{figures}{why}{source}"));
        let not_measured = Answer { figures: String::new(), ..answers[0].clone() };
        assert_eq!(entry(&not_measured), format!("false {said}{why}{source}"));
        let why = "  why:      this kernel has no such call\n";
        assert_eq!(entry(&answers[3]), format!("missing {said}{why}{source}"));
        let why = "  why:      a call: refused by the kernel\n";
        assert_eq!(entry(&answers[4]), format!("broken {said}{why}{source}"));
        let is_narrow = |line: &str| line.chars().count() <= WIDTH;
        assert!(answers.iter().all(|answer| entry(answer).lines().all(is_narrow)));
    }

    #[test]
    fn the_end_counts_the_answers_and_names_what_broke() {
        let answers = answers();
        let summary = summary(&answers, Duration::from_millis(1250));
        let counts = "0 hold, 2 false, 1 depends, 1 missing, 1 broken";
        assert_eq!(summary, format!("{counts} in 1.2 s\n"));
        assert_eq!(broken(&answers), ["short-name: a call: refused by the kernel"]);
        assert!(broken(&answers[..4]).is_empty());
    }
}
