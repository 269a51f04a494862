//! The answers in the documentation: written by `--markdown`, never by hand.

use std::fs;

use anyhow::{Context, Result};

use crate::claims::claim::Measured;
use crate::claims::{Answered, report};
use crate::harness::machine::{date, machine};

/// Where it stands, from the workspace's root.
pub const FILE: &str = "docs/claims.md";

/// Writes `docs/claims.md`.
///
/// # Errors
/// When it cannot be written.
pub fn write(answered: &[Answered]) -> Result<()> {
    let path = crate::root().join(FILE);
    fs::create_dir_all(path.with_file_name("")).context("create docs")?;
    fs::write(path, text(answered)).with_context(|| format!("write {FILE}"))
}

/// A table of all answers, and a section for each claim, as the pages of `cargo xtask read` read it.
pub fn text(answered: &[Answered]) -> String {
    let rows: String = answered.iter().map(row).collect();
    let sections: String = answered.iter().map(section).collect();
    format!(
        "# What the notes claim, measured\n\n\
         `cargo xtask claims --markdown` wrote this file on {}, on {}. A place such as `002:84` is \
         line 84 of note 002.\n\n{}.\n\n\
         | answer | claim | at |\n|---|---|---|\n{rows}{sections}",
        date(),
        machine(),
        report::counts(answered),
    )
}

fn row(Answered { claim, measured }: &Answered) -> String {
    let (answer, name) = (report::word(measured), claim.name);
    let (words, at) = (escaped(claim.claim), claim.at.join(", "));
    // GitHub makes a heading's address of its words, without the colon.
    format!("| {answer} | [{words}](#{name}-{answer}) | {at} |\n")
}

fn section(Answered { claim, measured }: &Answered) -> String {
    let mut section = format!("\n## {}: {}\n\n", claim.name, report::word(measured));
    let mut item = |label: &str, words: &str| {
        section += &format!("- {label}: {}\n", escaped(words));
    };
    item("Claim", claim.claim);
    item("At", &claim.at.join(", "));
    match measured {
        Ok(Measured::Found(found)) => {
            if !found.figures.is_empty() {
                item("Measured", &found.figures);
            }
            item("Why", found.why);
        }
        Ok(Measured::Missing(reason)) => item("Why", reason),
        Err(error) => item("Why", &format!("{error:#}")),
    }
    item("Source", claim.source);
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
    use crate::claims::claim::Answer;
    use crate::claims::made_up::{CLAIM, found};

    #[test]
    fn every_claim_is_a_section() {
        let missing = Measured::Missing("no <such> call, `a<b>`".to_owned());
        let measured = [found(Answer::Depends), missing];
        let answered = measured.map(|measured| Answered { claim: &CLAIM, measured: Ok(measured) });
        let text = text(&answered);
        let claim = CLAIM.claim;
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
        let machine = format!(" on {}, on {}. ", date(), machine());
        assert!(text.contains(&machine), "{text}");
    }
}
