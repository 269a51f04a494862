//! What a measurement answers.

use std::fmt;

/// What became of a measurement.
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// There is an answer.
    Found(Finding),
    /// It cannot be measured here; why.
    Missing(String),
}

/// The answer to a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Whether the claim holds.
    pub answer: Answer,
    /// What was measured, in one line with its units; empty where only the source tells.
    pub figures: String,
    /// Why it is so, in a sentence or a few.
    pub why: &'static str,
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
