//! What a check answers.

use std::fmt::{self, Display};
use std::time::Duration;

/// The answer of a check that did not fail.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The requirement holds.
    Pass,
    /// The requirement holds as far as the model goes: the client was served, but only after
    /// another left.
    Waits,
    /// The requirement does not hold, and that is what the model teaches: it asks instead of
    /// waiting.
    Polls,
    /// The check does not apply to this server; why.
    Skip(&'static str),
}

/// A requirement that does not hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// What should have happened.
    pub expected: String,
    /// What happened.
    pub actual: String,
    /// Whether that came, or a deadline passed.
    pub kind: Kind,
    /// What the server did when the deadline passed.
    pub server: Option<String>,
}

/// How a requirement does not hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// It did not hold before a deadline; with more time it might.
    TimedOut,
    /// The server closed the connection before it said anything, or reset it.
    Closed,
    /// Something else came.
    Different,
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, got {}", self.expected, self.actual)
    }
}

impl Failure {
    /// The same with more words about what happened.
    pub fn told(self, tell: impl FnOnce(&str) -> String) -> Failure {
        Failure { actual: tell(&self.actual), ..self }
    }

    /// The same with what the server does now, if a deadline passed and that is not known yet.
    pub fn while_server(self, look: impl FnOnce() -> Option<String>) -> Failure {
        match self {
            Failure { kind: Kind::TimedOut, server: None, .. } => {
                Failure { server: look(), ..self }
            }
            told => told,
        }
    }
}

/// A verdict, or the failure that stands in its place.
pub type Outcome<T = Verdict> = Result<T, Failure>;

/// Makes a [`Failure`] of what was expected and what happened instead.
pub fn fail<T>(expected: impl Display, actual: impl Display) -> Outcome<T> {
    Err(Failure {
        expected: expected.to_string(),
        actual: actual.to_string(),
        kind: Kind::Different,
        server: None,
    })
}

/// Makes a [`Failure`] of what was expected and what there was when a deadline passed.
pub fn time_out<T>(expected: impl Display, actual: impl Display) -> Outcome<T> {
    fail(expected, actual).map_err(|failure| Failure { kind: Kind::TimedOut, ..failure })
}

/// Makes a [`Failure`] of what was expected and how the server closed the connection instead.
pub fn closed<T>(expected: impl Display, actual: impl Display) -> Outcome<T> {
    fail(expected, actual).map_err(|failure| Failure { kind: Kind::Closed, ..failure })
}

/// What there is when nothing came before a deadline.
pub fn silence(deadline: Duration) -> String {
    format!("silence for {} s", deadline.as_secs())
}

/// Tells in a failure how far a check had come: `done` of `all`, of what.
pub fn so_far<T>(outcome: Outcome<T>, done: usize, all: usize, of: &str) -> Outcome<T> {
    outcome
        .map_err(|failure| failure.told(|then| format!("{then}; before that {done} of {all} {of}")))
}

/// Turns an error into a [`Failure`].
pub trait Expect<T> {
    /// Says what should have happened instead of the error.
    ///
    /// # Errors
    /// The failure, if this is an error.
    fn expect_to(self, expected: &str) -> Outcome<T>;
}

impl<T, E: Display> Expect<T> for Result<T, E> {
    fn expect_to(self, expected: &str) -> Outcome<T> {
        self.or_else(|error| fail(expected, format!("{error:#}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_what_was_expected_and_what_came() {
        let failure = fail::<()>("a greeting", "silence").unwrap_err();
        assert_eq!(failure.to_string(), "expected a greeting, got silence");
    }
}
