//! What a system call can mean, in the words of the notes: waiting for data (phase 1), copying it
//! into the process (phase 2).

use std::time::Duration;

/// What takes longer has waited: the shortest pause of the script is five times as long, and no call
/// works for so long.
pub const WAIT: Duration = Duration::from_millis(10);

/// What a call is to the two phases of the notes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Phase {
    /// It waited, for data, for a client, for any of many sockets, for a signal or for time.
    Waits,
    /// It asked for data or for a client, and there was none: phase 1, without waiting.
    Asks,
    /// It moved bytes between the kernel and the process.
    Copies,
    /// It waited and then copied, in one call: both phases.
    WaitsAndCopies,
    /// It only told the kernel something.
    Arranges,
    /// It has to do with no client: it prints, sleeps for a moment, or has no word of its own.
    Aside,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Meaning {
    /// What it is to the two phases.
    pub phase: Phase,
    /// What it does, in words; empty for a call that has no word of its own.
    pub words: String,
    /// The client whose bytes it brought into the process.
    pub brings: Option<String>,
}

impl Meaning {
    /// A call that brought no client's bytes.
    pub fn new(phase: Phase, words: impl Into<String>) -> Meaning {
        Meaning { phase, words: words.into(), brings: None }
    }

    pub fn arranges(words: impl Into<String>) -> Meaning {
        Meaning::new(Phase::Arranges, words)
    }

    pub fn other() -> Meaning {
        Meaning::new(Phase::Aside, "")
    }

    /// A question that the kernel answers at once, by an error.
    pub fn asks(question: &str, error: Option<&str>) -> Meaning {
        match error {
            Some("EAGAIN") => Meaning::new(Phase::Asks, format!("asks {question}: not yet")),
            error => {
                Meaning::arranges(format!("asks {question}: {}", error.unwrap_or("no answer")))
            }
        }
    }

    /// The same of a call that may have waited, for what `waits` says: whether it did is seen by how
    /// long it took.
    pub fn by_time(self, took: Duration, waits: &str) -> Meaning {
        let phase = match self.phase {
            _ if took <= WAIT => return self,
            Phase::Copies => Phase::WaitsAndCopies,
            Phase::Arranges => Phase::Waits,
            // A question that was told "not yet" has not waited.
            _ => return self,
        };
        Meaning { phase, words: format!("{waits}{}", self.words), ..self }
    }
}
