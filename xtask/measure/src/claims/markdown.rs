//! The answers as data and in the documentation: written by `--markdown`, never by hand.

use std::fs;

use anyhow::{Context, Result};

use crate::claims::report;
use xtask::catalog::claim::{ANSWERS, Answer, Answers, Claim};
use xtask::catalog::data;
use xtask::catalog::language::Language;
use xtask::harness::machine::{date, machine};

/// Where the page is, from the workspace's root.
pub const FILE: &str = "docs/claims.md";
/// Where it is in Chinese.
const CHINESE: &str = "docs/claims.zh-CN.md";

/// Writes the answers, and the pages that are made of them.
pub fn write(claims: &[&Claim], answers: Vec<Answer>) -> Result<()> {
    let answers = Answers { date: date(), machine: machine(), answer: answers };
    data::write(xtask::root(), ANSWERS, &answers)?;
    write_pages(claims, &answers)
}

/// Writes the pages, for example after a translation has changed.
pub fn write_pages(claims: &[&Claim], answers: &Answers) -> Result<()> {
    for (file, text) in pages(claims, answers) {
        let path = xtask::root().join(file);
        fs::create_dir_all(path.with_file_name("")).with_context(|| format!("write {file}"))?;
        fs::write(&path, text).with_context(|| format!("write {file}"))?;
    }
    Ok(())
}

fn pages(claims: &[&Claim], answers: &Answers) -> [(&'static str, String); 2] {
    let languages = [(FILE, Language::English), (CHINESE, Language::Chinese)];
    languages.map(|(file, language)| (file, text(claims, answers, language)))
}

/// A table of all answers, and a section for each claim. Answers and figures stay English.
fn text(claims: &[&Claim], answers: &Answers, language: Language) -> String {
    let both = || claims.iter().zip(&answers.answer);
    let rows: String = both().map(|(claim, answer)| row(claim, answer, language)).collect();
    let sections: String = both().map(|(claim, answer)| section(claim, answer, language)).collect();
    let Answers { date, machine, answer } = answers;
    let counts = report::counts(answer);
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

fn row(claim: &Claim, Answer { name, answer, .. }: &Answer, language: Language) -> String {
    let (words, at) = (escaped(claim.words(language)), claim.at.join(", "));
    // GitHub makes a heading's address of its words, without the colon.
    format!("| {answer} | [{words}](#{name}-{answer}) | {at} |\n")
}

fn section(claim: &Claim, answer: &Answer, language: Language) -> String {
    let [of_claim, at, measured, why, source] = match language {
        Language::English => ["Claim: ", "At: ", "Measured: ", "Why: ", "Source: "],
        Language::Chinese => ["说法：", "位置：", "实测：", "原因：", "出处："],
    };
    let mut section = format!("\n## {}: {}\n\n", claim.name, answer.answer);
    let mut item = |label: &str, words: &str| {
        section += &format!("- {label}{}\n", escaped(words));
    };
    item(of_claim, claim.words(language));
    item(at, &claim.at.join(", "));
    if !answer.figures.is_empty() {
        item(measured, &answer.figures);
    }
    item(why, claim.reason(answer, language));
    item(source, &claim.source);
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
    use xtask::catalog::claim as catalog;

    #[test]
    fn the_pages_are_made_of_the_last_answers() {
        let claims = catalog::read(xtask::root()).unwrap();
        let answers = Answers::read(xtask::root()).unwrap();
        for (file, text) in pages(&claims.iter().collect::<Vec<_>>(), &answers) {
            let written = fs::read_to_string(xtask::root().join(file)).unwrap();
            assert!(written == text, "{file}: cargo xtask claims --pages writes it anew");
        }
    }

    #[test]
    fn every_claim_is_a_section() {
        let made_up = made_up("short-name");
        let missing = Lack("no <such> call, `a<b>`".to_owned());
        let measured = [Ok(found(claim::Answer::Depends)), Err(missing.into())];
        let answer = measured.map(|measured| told(made_up, measured)).into();
        let answers = Answers { date: "today".to_owned(), machine: "a machine".to_owned(), answer };
        let text = text(&[made_up, made_up], &answers, Language::English);
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
