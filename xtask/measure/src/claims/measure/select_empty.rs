//! select(2) with nothing to watch.

use std::time::{Duration, Instant};

use anyhow::Result;
use rustix::event::Timespec;
use rustix::io;

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::measure::in_words;
use crate::claims::sys::select;

/// The time-out, and the same as select(2) takes it.
const TIMEOUT: Duration = Duration::from_millis(50);
const TIMESPEC: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

struct Figures {
    /// How many descriptors were ready.
    ready: io::Result<usize>,
    /// How long the call took.
    time: Duration,
}

/// Calls select(2) with three empty sets and a time-out.
///
/// # Errors
/// Never: what the kernel refuses is an answer.
pub fn three_empty_lists() -> Result<Measured> {
    let start = Instant::now();
    let ready = loop {
        match select(&[], &TIMESPEC) {
            // A signal that this process handles came.
            Err(io::Errno::INTR) => {}
            ready => break ready,
        }
    };
    let figures = Figures { ready: ready.map(|ready| ready.len()), time: start.elapsed() };
    Ok(Measured::Found(judge(&figures)))
}

fn judge(Figures { ready, time }: &Figures) -> Finding {
    let (answer, why) = match ready {
        Ok(0) if *time >= TIMEOUT => {
            (Answer::Holds, "With nothing to watch, select sleeps until the time-out ends.")
        }
        Ok(_) => (Answer::Depends, "The call is taken, but it does not wait for its time-out."),
        Err(_) => (Answer::False, "The kernel refuses a call that has nothing to watch."),
    };
    let figures = format!(
        "three empty sets and a time-out of {} ms: {} after {:.1} ms",
        TIMEOUT.as_millis(),
        ready.map_or_else(|_| in_words(ready), |ready| format!("{ready} ready")),
        time.as_secs_f64() * 1000.0,
    );
    Finding { answer, figures, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_is_refused_or_does_not_wait_turns_the_answer() {
        let answer = |ready, time| judge(&Figures { ready, time }).answer;
        assert_eq!(answer(Ok(0), TIMEOUT), Answer::Holds);
        assert_eq!(answer(Ok(0), TIMEOUT / 2), Answer::Depends);
        assert_eq!(answer(Ok(1), TIMEOUT), Answer::Depends);
        assert_eq!(answer(Err(io::Errno::INVAL), Duration::ZERO), Answer::False);
        let refused = Figures { ready: Err(io::Errno::INVAL), time: Duration::ZERO };
        assert!(judge(&refused).figures.ends_with(": EINVAL after 0.0 ms"));
    }

    #[test]
    fn the_kernel_sleeps() {
        let Measured::Found(finding) = three_empty_lists().unwrap() else { panic!("no answer") };
        assert_eq!(finding.answer, Answer::Holds, "{}", finding.figures);
    }
}
