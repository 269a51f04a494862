//! What a measurement answers, and what is told of it.

use std::fmt;

use anyhow::Result;

use xtask::catalog::claim::{self as catalog, Claim};

/// What became of a measurement.
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// The answer, and what was measured: one line with its units, empty where only the source
    /// tells.
    Found(Answer, String),
    /// It cannot be measured here; why.
    Missing(String),
}

/// Whether a claim holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    /// It holds.
    Holds,
    /// It is wrong.
    False,
    /// It holds in some cases that the figures name.
    Depends,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Answer::Holds => "holds",
            Answer::False => "false",
            Answer::Depends => "depends",
        })
    }
}

/// What is told of a claim; an error is a measurement that broke.
pub fn told(claim: &Claim, measured: &Result<Measured>) -> catalog::Answer {
    let (answer, figures, why) = match measured {
        Ok(Measured::Found(answer, figures)) => {
            (answer.to_string(), figures.clone(), why(claim, *answer))
        }
        Ok(Measured::Missing(reason)) => ("missing".to_owned(), String::new(), reason.clone()),
        Err(error) => {
            let words = format!("{error:#}");
            let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
            (BROKEN.to_owned(), String::new(), line)
        }
    };
    catalog::Answer { name: claim.name.clone(), answer, figures, why }
}

/// The answer of a measurement that broke.
pub const BROKEN: &str = "broken";

/// Why an answer is so; of one that nobody expected, why others are.
fn why(claim: &Claim, answer: Answer) -> String {
    let others =
        || claim.why.iter().map(|(other, why)| format!("Elsewhere the answer is `{other}`: {why}"));
    let why = claim.why.get(&answer.to_string()).cloned();
    why.unwrap_or_else(|| others().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::made_up::claim;

    #[test]
    fn an_answer_that_nobody_expected_has_the_reason_of_the_others() {
        let claim = claim("short-name");
        let why = |answer| told(claim, &Ok(Measured::Found(answer, String::new()))).why;
        assert_eq!(why(Answer::Holds), "The kernel counts them.");
        assert_eq!(why(Answer::False), "Elsewhere the answer is `holds`: The kernel counts them.");
    }
}
