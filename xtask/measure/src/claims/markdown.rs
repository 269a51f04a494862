//! The answers as data and in the documentation: written by `--markdown`, never by hand.

use std::fs;

use anyhow::{Context, Result};

use crate::claims::claim::counts;
use xtask::catalog::claim::{ANSWERS, Answers, Claim, Finding};
use xtask::catalog::data;
use xtask::catalog::language::Language;
use xtask::harness::machine::{date, machine};
use xtask::markdown::escaped;

/// Where the page is in each language, from the workspace's root.
pub const FILE: &str = "docs/claims.md";
const PAGES: [(&str, Language); 2] =
    [(FILE, Language::English), ("docs/claims.zh-CN.md", Language::Chinese)];

/// Writes the answers, and the pages that are made of them.
pub fn write(claims: &[Claim], found: Vec<Finding>) -> Result<()> {
    let answers = Answers { date: date(), machine: machine(), answer: found };
    data::write(xtask::root(), ANSWERS, &answers)?;
    write_pages(claims, &answers)
}

/// Writes the pages, for example after a translation has changed.
pub fn write_pages(claims: &[Claim], answers: &Answers) -> Result<()> {
    for (file, language) in PAGES {
        let text = text(claims, answers, language);
        fs::write(xtask::root().join(file), text).with_context(|| format!("write {file}"))?;
    }
    Ok(())
}

/// A table of all answers, and a section for each claim. Answers and figures stay English.
fn text(claims: &[Claim], answers: &Answers, language: Language) -> String {
    let both = || claims.iter().zip(&answers.answer);
    let rows: String = both().map(|(claim, found)| row(claim, found, language)).collect();
    let sections: String = both().map(|(claim, found)| section(claim, found, language)).collect();
    let Answers { date, machine, answer } = answers;
    let counts = counts(answer);
    match language {
        Language::English => format!(
            "**English** · [中文](claims.zh-CN.md)\n\n# What the notes claim, measured\n\n\
             `cargo xtask claims --markdown` wrote this file on {date}, on {machine}. A place such \
             as `002:84` is line 84 of note 002.\n\n{counts}.\n\n\
             | answer | claim | at |\n|---|---|---|\n{rows}{sections}"
        ),
        Language::Chinese => format!(
            "[English](claims.md) · **中文**\n\n# 笔记里的说法，逐条实测\n\n\
             本文件由 `cargo xtask claims --markdown` 于 {date} 在 {machine} 上生成。`002:84` 表示笔记 \
             002 的第 84 行。答案有四种：holds 成立，false 不成立，depends 视情况而定，missing \
             在这里无法测量。\n\n\
             {counts}.\n\n| 答案 | 说法 | 位置 |\n|---|---|---|\n{rows}{sections}"
        ),
    }
}

fn row(claim: &Claim, Finding { name, answer, .. }: &Finding, language: Language) -> String {
    let (words, at) = (escaped(claim.words(language)), claim.at.join(", "));
    // GitHub makes a heading's address of its words, without the colon.
    format!("| {answer} | [{words}](#{name}-{answer}) | {at} |\n")
}

fn section(claim: &Claim, found: &Finding, language: Language) -> String {
    let at = claim.at.join(", ");
    let mut items = claim.told(found, language);
    items.insert(1, (language.choose("At:", "位置："), &at));
    let blank = language.choose(" ", "");
    let items = items.iter().map(|(label, words)| format!("- {label}{blank}{}\n", escaped(words)));
    format!("\n## {}: {}\n\n{}", claim.name, found.answer, items.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use xtask::catalog::claim;

    #[test]
    fn the_pages_are_made_of_the_last_answers() {
        let claims = claim::read(xtask::root()).unwrap();
        let answers = Answers::read(xtask::root()).unwrap();
        for (file, language) in PAGES {
            let written = fs::read_to_string(xtask::root().join(file)).unwrap();
            let is_new = written == text(&claims, &answers, language);
            assert!(is_new, "{file}: cargo xtask claims --pages writes it anew");
        }
    }
}
