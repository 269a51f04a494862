//! What a check answers.

use std::any::Any;
use std::error::Error;
use std::fmt::{self, Display};
use std::io::{self, Write};
use std::time::Duration;

use rustix::io::Errno;

/// Why a check is skipped where the tester may not open what it needs.
pub const FEW_DESCRIPTORS: &str = "the system allows this user too few descriptors (ulimit -Hn)";
/// The same where it may not start what it needs.
pub const FEW_PROCESSES: &str =
    "the system allows this user too few processes and threads (ulimit -u)";

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
    /// The requirement holds as far as the model goes: some clients were served, and the others were
    /// told to go.
    Refuses,
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
    /// What the client had sent, where one had.
    pub sent: Option<String>,
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
    /// The tester lacks something that the system does not give it; why the check is skipped.
    Lacking(&'static str),
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, got {}", self.expected, self.actual)
    }
}

impl Error for Failure {}

impl Failure {
    /// Whether it is the tester that lacks something.
    pub fn is_lack(&self) -> bool {
        matches!(self.kind, Kind::Lacking(_))
    }

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

/// A verdict, or the failure that is in its place.
pub type Outcome<T = Verdict> = Result<T, Failure>;

/// Makes a [`Failure`] of what was expected and what happened instead.
pub fn fail<T>(expected: impl Display, actual: impl Display) -> Outcome<T> {
    Err(Failure {
        expected: expected.to_string(),
        actual: actual.to_string(),
        kind: Kind::Different,
        server: None,
        sent: None,
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

/// Makes a [`Failure`] of what the tester lacks; the check is skipped for that reason.
pub fn lacking<T>(expected: impl Display, why: &'static str) -> Outcome<T> {
    fail(expected, why).map_err(|failure| Failure { kind: Kind::Lacking(why), ..failure })
}

/// What is there, or `None` where the tester lacks something for it.
///
/// # Errors
/// Every other failure.
pub fn if_possible<T>(outcome: Outcome<T>) -> Outcome<Option<T>> {
    match outcome {
        Err(failure) if failure.is_lack() => Ok(None),
        outcome => outcome.map(Some),
    }
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
    /// Says in a [`Failure`] what should have happened instead of the error.
    fn expect_to(self, expected: &str) -> Outcome<T>;
}

impl<T, E: Display + 'static> Expect<T> for Result<T, E> {
    fn expect_to(self, expected: &str) -> Outcome<T> {
        self.or_else(|error| fail_by(expected, &error))
    }
}

/// Makes a [`Failure`] of what was expected and an error. One of the tester's own says nothing about
/// the server.
pub fn fail_by<T, E: Display + 'static>(expected: impl Display, error: &E) -> Outcome<T> {
    let kind = number(error).and_then(lack).map_or(Kind::Different, Kind::Lacking);
    fail(expected, format!("{error:#}")).map_err(|failure| Failure { kind, ..failure })
}

/// A thread or process of the tester's own; where the system refuses it, it is tried again in vain.
///
/// # Errors
/// When it was not started.
pub fn started<T>(start: io::Result<T>, expected: &str) -> Outcome<T> {
    start.or_else(|error| match Errno::from_io_error(&error) {
        Some(Errno::AGAIN) => lacking(expected, FEW_PROCESSES),
        _ => fail_by(expected, &error),
    })
}

/// Says that a test of the tester cannot run on this system. The words go past libtest, which hides
/// what a test prints that passes.
pub fn not_tested(what: impl Display, why: impl Display) {
    let _ = writeln!(io::stderr(), "not tested: {what}: {why}");
}

/// The number of an error that the system has given.
fn number(error: &dyn Any) -> Option<Errno> {
    let io = error.downcast_ref::<io::Error>();
    io.and_then(Errno::from_io_error).or_else(|| error.downcast_ref().copied())
}

/// What the tester lacks after such an error.
fn lack(error: Errno) -> Option<&'static str> {
    match error {
        Errno::MFILE => Some(FEW_DESCRIPTORS),
        Errno::NFILE => Some("the system has no descriptor left for the tester (fs.file-max)"),
        Errno::NOMEM | Errno::NOBUFS => Some("the system has no memory left for the tester"),
        Errno::ADDRNOTAVAIL => {
            Some("the system has no port left for the tester (net.ipv4.ip_local_port_range)")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_tester_lacks_is_no_verdict_about_the_server() {
        let kind = |number: Errno| {
            let errors: [Outcome<()>; 2] =
                [Err(io::Error::from(number)).expect_to("a pipe"), Err(number).expect_to("a pipe")];
            let [one, other] = errors.map(|error| error.unwrap_err().kind);
            assert_eq!(one, other, "{number}");
            one
        };
        assert_eq!(kind(Errno::MFILE), Kind::Lacking(FEW_DESCRIPTORS));
        for number in [Errno::NFILE, Errno::NOMEM, Errno::NOBUFS, Errno::ADDRNOTAVAIL] {
            assert!(matches!(kind(number), Kind::Lacking(_)), "{number}");
        }
        // A server that is full, or resets, is the server's doing.
        for number in [Errno::AGAIN, Errno::CONNRESET, Errno::CONNREFUSED, Errno::PIPE] {
            assert_eq!(kind(number), Kind::Different, "{number}");
        }
        let refused = started::<()>(Err(Errno::AGAIN.into()), "a thread").unwrap_err();
        assert_eq!(refused.kind, Kind::Lacking(FEW_PROCESSES));
    }
}
