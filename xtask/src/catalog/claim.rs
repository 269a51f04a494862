//! What the notes claim, and what `cargo xtask claims --markdown` last answered.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::Result;
use console::style;
use serde::{Deserialize, Serialize};

use crate::catalog::data;
use crate::catalog::language::Language;
use crate::terminal::wrapped;

/// Where the claims are, from the workspace's root.
const FILE: &str = "xtask/data/claims.toml";
/// Where the answers are.
pub const ANSWERS: &str = "xtask/data/results/claims.toml";

/// What a further line of an entry begins with, so that it is below the words of the first.
const INDENT: &str = "            ";

/// Whether a claim holds. The fingerprint of a translation is one of the reasons in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// Its measurement failed, or found what nobody expects.
    Broken,
    /// It holds in some cases that the figures name.
    Depends,
    /// It is wrong.
    False,
    /// It holds.
    Holds,
    /// It cannot be measured here.
    Missing,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Answer::Broken => "broken",
            Answer::Depends => "depends",
            Answer::False => "false",
            Answer::Holds => "holds",
            Answer::Missing => "missing",
        })
    }
}

/// One claim of the notes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Its name in kebab-case.
    pub name: String,
    /// Where the notes say it: a note and a line each, for example `000:154`.
    pub at: Vec<String>,
    /// What they say, in one sentence of this project's own.
    pub claim: String,
    /// Why an answer is so, by the answer.
    #[serde(default)]
    pub why: BTreeMap<Answer, String>,
    /// Where one can read why: a manual page, or a function of the kernel.
    pub source: String,
    /// The same in Chinese.
    #[serde(default)]
    pub zh: Chinese,
}

/// A claim in Chinese.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chinese {
    /// The fingerprint of the English that it translates: the claim and its reasons.
    pub of: String,
    /// What the notes say.
    pub claim: String,
    /// Why an answer is so, by the answer.
    #[serde(default)]
    pub why: BTreeMap<Answer, String>,
}

impl Claim {
    /// What the notes say.
    pub fn words(&self, language: Language) -> &str {
        let chinese = if self.zh.claim.is_empty() { &self.claim } else { &self.zh.claim };
        language.choose(&self.claim, chinese)
    }

    /// What was found, each with its label: the claim, the figures if there are some, the reason,
    /// and where one can read that. What is not translated is English.
    pub fn told<'a>(
        &'a self,
        found: &'a Finding,
        language: Language,
    ) -> Vec<(&'static str, &'a str)> {
        let labels = ["Claim:", "Measured:", "Why:", "Source:"];
        let labels = language.choose(labels, ["说法：", "实测：", "原因：", "出处："]);
        let chinese = self.zh.why.get(&found.answer).unwrap_or(&found.why);
        let why = language.choose(&found.why, chinese);
        let words = [self.words(language), &found.figures, why, &self.source];
        labels.into_iter().zip(words).filter(|(_, words)| !words.is_empty()).collect()
    }

    /// The same in lines for a terminal, below the answer, the name and the places.
    pub fn entry(&self, found: &Finding, language: Language) -> String {
        let word = style(found.answer);
        let word = match found.answer {
            Answer::Holds => word.green(),
            Answer::False => word.red(),
            Answer::Depends => word.yellow(),
            Answer::Missing => word.dim(),
            Answer::Broken => word.red().bold(),
        };
        // A Chinese character takes two columns.
        let width = language.choose(9, 6);
        let heading = wrapped(&format!("{word} {} ({})", self.name, self.at.join(", ")), "  ");
        let told = self.told(found, language).into_iter();
        let lines =
            told.map(|(label, words)| wrapped(&format!("  {label:<width$} {words}"), INDENT));
        heading + &lines.collect::<String>()
    }
}

#[derive(Deserialize)]
struct File {
    claim: Vec<Claim>,
}

/// All claims of the workspace at `root`, in the order of the notes.
///
/// # Errors
/// When the file cannot be read, or is malformed.
pub fn read(root: &Path) -> Result<Vec<Claim>> {
    Ok(data::read::<File>(root, FILE)?.claim)
}

/// A run over all claims.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// The day of the run.
    pub date: String,
    /// The machine that it ran on.
    pub machine: String,
    /// The answers, in the order of the claims.
    pub answer: Vec<Finding>,
}

/// What was found of a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The claim.
    pub name: String,
    /// Whether it holds.
    pub answer: Answer,
    /// What was measured, in one line with its units; empty where only the source tells.
    pub figures: String,
    /// Why it is so, or why there is no answer.
    pub why: String,
}

impl Answers {
    /// Those of the workspace at `root`; none where nothing was written yet.
    ///
    /// # Errors
    /// When the file cannot be read, or is malformed.
    pub fn read(root: &Path) -> Result<Answers> {
        data::read_or_default(root, ANSWERS)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;
    use crate::catalog::language::fingerprint;
    use crate::catalog::manifest;

    /// The notes' lines, by their numbers.
    const NOTES: [(&str, usize); 5] =
        [("000", 162), ("001", 153), ("002", 533), ("003", 307), ("004", 381)];

    fn claims() -> Vec<Claim> {
        read(crate::root()).unwrap()
    }

    #[test]
    fn every_claim_has_a_name_of_its_own_in_kebab_case() {
        let mut names = HashSet::new();
        for Claim { name, .. } in claims() {
            let is_kebab = |word: &str| {
                let is_plain = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit();
                !word.is_empty() && word.chars().all(is_plain)
            };
            assert!(name.split('-').all(is_kebab), "{name}");
            assert!(names.insert(name.clone()), "{name} is there twice");
        }
    }

    #[test]
    fn every_place_is_a_line_of_a_note() {
        let notes = HashMap::from(NOTES);
        for Claim { name, at, .. } in claims() {
            assert!(!at.is_empty(), "{name} has no place");
            for place in &at {
                let line = place.split_once(':').and_then(|(note, line)| {
                    // A place is written in one way only.
                    let number = line.parse().ok().filter(|it: &usize| it.to_string() == line)?;
                    (1..=*notes.get(note)?).contains(&number).then_some(number)
                });
                assert!(line.is_some(), "{name}: {place}");
            }
            assert_eq!(at.iter().collect::<HashSet<_>>().len(), at.len(), "{name}");
        }
        for listing in manifest::read(crate::root()).unwrap().listings {
            assert!(*listing.lines.end() <= notes[listing.note.as_str()], "{}", listing.id());
        }
    }

    #[test]
    fn a_sentence_that_is_wrong_of_linux_has_an_answer_at_its_line() {
        let wrong = [
            "000:2", "000:12", "000:19", "000:66", "000:67", "001:57", "001:124", "002:37",
            "002:41", "002:47", "002:87", "004:178",
        ];
        let claims = claims();
        for place in wrong {
            let is_answered = claims.iter().any(|claim| claim.at.iter().any(|at| at == place));
            assert!(is_answered, "{place}");
        }
    }

    #[test]
    fn every_claim_is_one_sentence_without_a_full_stop_and_names_its_source() {
        for Claim { name, claim, source, .. } in claims() {
            assert!(!source.is_empty() && !source.ends_with('.'), "{name}: {source}");
            let is_one = !claim.contains(". ") && !claim.contains('\n');
            assert!(is_one && !claim.is_empty() && !claim.ends_with('.'), "{name}: {claim}");
        }
    }

    #[test]
    fn every_translation_is_one_of_today_s_english() {
        for Claim { name, claim, why, zh, .. } in claims() {
            let english = [&claim].into_iter().chain(why.values()).map(String::as_str);
            let today = fingerprint(english);
            assert_eq!(zh.of, today, "{name}: translate it anew, or check the translation");
            assert!(why.keys().eq(zh.why.keys()), "{name}");
        }
    }

    #[test]
    fn every_answer_is_that_of_a_claim() {
        let claims = claims();
        for Finding { name, answer, .. } in Answers::read(crate::root()).unwrap().answer {
            assert!(claims.iter().any(|claim| claim.name == name), "{name}");
            assert_ne!(answer, Answer::Broken, "{name}");
        }
    }

    #[test]
    fn every_claim_has_reasons_for_answers() {
        for Claim { name, why, .. } in claims() {
            assert!(!why.is_empty() && why.values().all(|why| why.ends_with('.')), "{name}");
            assert!(!why.contains_key(&Answer::Missing) && !why.contains_key(&Answer::Broken));
        }
    }

    #[test]
    fn an_entry_says_claim_figures_and_reason_in_80_columns() {
        let chinese = Chinese {
            of: String::new(),
            claim: "笔记里的话".to_owned(),
            why: [(Answer::False, "内核会数。".to_owned())].into(),
        };
        let claim = Claim {
            name: "short-name".to_owned(),
            at: vec!["000:1".to_owned(), "003:134".to_owned()],
            claim: "the notes say something that is longer than a line of a usual terminal is"
                .to_owned(),
            why: BTreeMap::new(),
            source: "poll(2)".to_owned(),
            zh: chinese,
        };
        let entry = |answer, figures: &str, language| {
            let (name, figures) = (claim.name.clone(), figures.to_owned());
            let found = Finding { name, answer, figures, why: "The kernel counts.".to_owned() };
            console::strip_ansi_codes(&claim.entry(&found, language)).into_owned()
        };
        let heading = "short-name (000:1, 003:134)\n";
        let says = "  Claim:    the notes say something that is longer than a line of a usual\n\
                    \x20           terminal is\n";
        let why = "  Why:      The kernel counts.\n  Source:   poll(2)\n";
        let measured = "  Measured: 7 of 9 calls\n";
        let english = entry(Answer::False, "7 of 9 calls", Language::English);
        assert_eq!(english, format!("false {heading}{says}{measured}{why}"));
        let missing = entry(Answer::Missing, "", Language::English);
        assert_eq!(missing, format!("missing {heading}{says}{why}"));
        let chinese =
            "  说法：    笔记里的话\n  实测：    7\n  原因：    内核会数。\n  出处：    poll(2)\n";
        let entry = entry(Answer::False, "7", Language::Chinese);
        assert_eq!(entry, format!("false {heading}{chinese}"));
    }
}
