//! What a measurement answers, and what is told of it.

use std::error::Error;
use std::fmt;

use anyhow::Result;

use xtask::catalog::claim::{self as catalog, Claim};

/// The answer, and what was measured: one line with its units, empty where only the source tells.
pub type Measured = (Answer, String);

/// Why something cannot be measured here: the system lacks what it takes.
#[derive(Debug)]
pub struct Lack(pub String);

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Lack {}

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

/// The answer of a measurement that broke, and of one for which the system lacks something.
pub const BROKEN: &str = "broken";
const MISSING: &str = "missing";

/// What is told of a claim.
pub fn told(claim: &Claim, measured: Result<Measured>) -> catalog::Answer {
    let (answer, figures, why) = match measured {
        Ok((answer, figures)) => (answer.to_string(), figures, why(claim, answer)),
        Err(error) => {
            let answer = if error.is::<Lack>() { MISSING } else { BROKEN };
            let words = format!("{error:#}");
            let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
            (answer.to_owned(), String::new(), line)
        }
    };
    catalog::Answer { name: claim.name.clone(), answer, figures, why }
}

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
        let why = |answer| told(claim, Ok((answer, String::new()))).why;
        assert_eq!(why(Answer::Holds), "The kernel counts them.");
        assert_eq!(why(Answer::False), "Elsewhere the answer is `holds`: The kernel counts them.");
    }
}
