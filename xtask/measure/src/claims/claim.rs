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

/// What is told of a claim: no answer without a reason.
pub fn told(claim: &Claim, measured: Result<Measured>) -> catalog::Answer {
    let (answer, figures, why) = match measured {
        Ok((answer, figures)) => {
            let answer = answer.to_string();
            match claim.why.get(&answer) {
                Some(why) => (answer, figures, why.clone()),
                None => {
                    let why = format!("nobody expects that it is `{answer}`, or knows a reason");
                    (BROKEN.to_owned(), figures, why)
                }
            }
        }
        Err(error) => {
            let answer = if error.is::<Lack>() { MISSING } else { BROKEN };
            let words = format!("{error:#}");
            let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
            (answer.to_owned(), String::new(), line)
        }
    };
    catalog::Answer { name: claim.name.clone(), answer, figures, why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::made_up::{claim, found};

    #[test]
    fn an_answer_that_nobody_expects_is_broken() {
        let told = |answer| told(claim("short-name"), Ok(found(answer)));
        let [expected, unexpected] = [Answer::Depends, Answer::Holds].map(told);
        assert_eq!(expected.answer, "depends");
        assert_eq!((unexpected.answer.as_str(), unexpected.figures), (BROKEN, expected.figures));
        assert!(unexpected.why.contains("`holds`"), "{}", unexpected.why);
    }
}
