//! What a measurement answers, and what is found by it.

use std::error::Error;
use std::fmt;

use anyhow::Result;

use xtask::catalog::claim::{Claim, Finding};
use xtask::harness::outcome::Failure;

pub use xtask::catalog::claim::Answer;

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

/// A claim holds where each of its parts does, and is false where none does.
pub fn of_parts(parts: &[bool]) -> Answer {
    match (parts.contains(&true), parts.contains(&false)) {
        (true, false) => Answer::Holds,
        (true, true) => Answer::Depends,
        (false, _) => Answer::False,
    }
}

/// What is found of a claim: no answer without a reason.
pub fn found(claim: &Claim, measured: Result<Measured>) -> Finding {
    let (answer, figures, why) = match measured {
        Ok((answer, figures)) => match claim.why.get(&answer) {
            Some(why) => (answer, figures, why.clone()),
            None => {
                let why = format!("nobody expects that it is `{answer}`, or knows a reason");
                (Answer::Broken, figures, why)
            }
        },
        Err(error) => {
            let is_lack = error.is::<Lack>()
                || error.downcast_ref().is_some_and(|failure: &Failure| failure.is_lack());
            let answer = if is_lack { Answer::Missing } else { Answer::Broken };
            let words = format!("{error:#}");
            let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
            (answer, String::new(), line)
        }
    };
    Finding { name: claim.name.clone(), answer, figures, why }
}

/// The measurements that broke, a line each.
pub fn broken(found: &[Finding]) -> Vec<String> {
    let broken = found.iter().filter(|one| one.answer == Answer::Broken);
    broken.map(|Finding { name, why, .. }| format!("{name}: {why}")).collect()
}

/// How many claims had which answer.
pub fn counts(found: &[Finding]) -> String {
    use Answer::{Broken, Depends, False, Holds, Missing};
    let counts = [Holds, False, Depends, Missing, Broken].map(|answer| {
        let count = found.iter().filter(|one| one.answer == answer).count();
        let word = answer.to_string();
        // Of the words only the verbs have a plural.
        let word = if count == 1 { &word } else { word.trim_end_matches('s') };
        format!("{count} {word}")
    });
    counts.join(", ")
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;
    use crate::claims::made_up::{claim, finding};
    use xtask::harness::outcome::lacking;

    #[test]
    fn an_answer_has_a_reason() {
        let of = |measured: Result<Measured>| {
            let Finding { answer, figures, why, .. } = found(&claim("short-name"), measured);
            (answer, figures, why)
        };
        let measured = |answer| Ok((answer, "7 µs".to_owned()));
        let figures = || "7 µs".to_owned();
        let expected = (Answer::Depends, figures(), "The kernel counts them.".to_owned());
        assert_eq!(of(measured(Answer::Depends)), expected);
        let (answer, unexpected, why) = of(measured(Answer::Holds));
        assert_eq!((answer, unexpected), (Answer::Broken, figures()));
        assert!(why.contains("`holds`"), "{why}");
        let refused = of(Err(anyhow!("refused\nby the kernel").context("a call")));
        let why = "a call: refused by the kernel".to_owned();
        assert_eq!(refused, (Answer::Broken, String::new(), why));
        assert_eq!(of(Err(Lack("no such call".to_owned()).into())).0, Answer::Missing);
        let failure = lacking::<Measured>("a socket", "no port left").map_err(anyhow::Error::from);
        assert_eq!(of(failure).0, Answer::Missing);
    }

    #[test]
    fn all_parts_or_none_decide() {
        let answers = [[true, true], [true, false], [false, false]].map(|parts| of_parts(&parts));
        assert_eq!(answers, [Answer::Holds, Answer::Depends, Answer::False]);
    }

    #[test]
    fn answers_are_counted_and_what_broke_is_named() {
        let answers = [Answer::False, Answer::False, Answer::Depends, Answer::Broken];
        let found = answers.map(|answer| finding("short-name", answer));
        assert_eq!(counts(&found), "0 hold, 2 false, 1 depends, 0 missing, 1 broken");
        assert_eq!(broken(&found), ["short-name: The kernel counts them."]);
        assert!(broken(&found[..3]).is_empty());
    }
}
