//! The answers as data and in the documentation: written by `--markdown`, never by hand.

use std::fs;

use anyhow::{Context, Result};

use crate::claims::report;
use xtask::catalog::claim::{ANSWERS, Answer, Answers, Claim};
use xtask::harness::machine::{date, machine};

/// Where the page is, from the workspace's root.
pub const FILE: &str = "docs/claims.md";

/// Writes the answers, and the page that is made of them.
pub fn write(claims: &[&Claim], answers: Vec<Answer>) -> Result<()> {
    let answers = Answers { date: date(), machine: machine(), answer: answers };
    for (file, text) in [(ANSWERS, toml::to_string(&answers)?), (FILE, text(claims, &answers))] {
        let path = xtask::root().join(file);
        fs::create_dir_all(path.with_file_name("")).with_context(|| format!("write {file}"))?;
        fs::write(&path, text).with_context(|| format!("write {file}"))?;
    }
    Ok(())
}

/// A table of all answers, and a section for each claim.
fn text(claims: &[&Claim], answers: &Answers) -> String {
    let both = || claims.iter().zip(&answers.answer);
    let rows: String = both().map(|(claim, answer)| row(claim, answer)).collect();
    let sections: String = both().map(|(claim, answer)| section(claim, answer)).collect();
    format!(
        "# What the notes claim, measured\n\n\
         `cargo xtask claims --markdown` wrote this file on {}, on {}. A place such as `002:84` is \
         line 84 of note 002.\n\n{}.\n\n\
         | answer | claim | at |\n|---|---|---|\n{rows}{sections}",
        answers.date,
        answers.machine,
        report::counts(&answers.answer),
    )
}

fn row(claim: &Claim, Answer { name, answer, .. }: &Answer) -> String {
    let (words, at) = (escaped(&claim.claim), claim.at.join(", "));
    // GitHub makes a heading's address of its words, without the colon.
    format!("| {answer} | [{words}](#{name}-{answer}) | {at} |\n")
}

fn section(claim: &Claim, answer: &Answer) -> String {
    let mut section = format!("\n## {}: {}\n\n", claim.name, answer.answer);
    let mut item = |label: &str, words: &str| {
        section += &format!("- {label}: {}\n", escaped(words));
    };
    item("Claim", &claim.claim);
    item("At", &claim.at.join(", "));
    if !answer.figures.is_empty() {
        item("Measured", &answer.figures);
    }
    item("Why", &answer.why);
    item("Source", &claim.source);
    section
}

/// Words in which no sign is one of Markdown, except for code between backticks.
fn escaped(words: &str) -> String {
    let parts = words.split('`').enumerate().map(|(index, part)| match index % 2 {
        0 => ["<", "*", "["]
            .iter()
            .fold(part.to_owned(), |text, sign| text.replace(sign, &format!("\\{sign}"))),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::claim::{self, Lack, told};
    use crate::claims::made_up::{claim as made_up, found};

    #[test]
    fn every_claim_is_a_section() {
        let made_up = made_up("short-name");
        let missing = Lack("no <such> call, `a<b>`".to_owned());
        let measured = [Ok(found(claim::Answer::Depends)), Err(missing.into())];
        let answer = measured.map(|measured| told(made_up, measured)).into();
        let answers = Answers { date: "today".to_owned(), machine: "a machine".to_owned(), answer };
        let text = text(&[made_up, made_up], &answers);
        assert!(text.contains(" on today, on a machine. "), "{text}");
        let claim = &made_up.claim;
        let sections = format!(
            "0 hold, 0 false, 1 depends, 1 missing, 0 broken.\n\n\
             | answer | claim | at |\n|---|---|---|\n\
             | depends | [{claim}](#short-name-depends) | 000:1, 003:134 |\n\
             | missing | [{claim}](#short-name-missing) | 000:1, 003:134 |\n\n\
             ## short-name: depends\n\n- Claim: {claim}\n- At: 000:1, 003:134\n\
             - Measured: 7 of 9 calls, 1.5 µs each\n- Why: The kernel counts them.\n\
             - Source: poll(2)\n\n\
             ## short-name: missing\n\n- Claim: {claim}\n- At: 000:1, 003:134\n\
             - Why: no \\<such> call, `a<b>`\n- Source: poll(2)\n"
        );
        assert!(text.ends_with(&sections), "{text}");
    }
}
