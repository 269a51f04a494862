//! How fast a stream comes.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

/// Bytes that a stream brings at least in a second, once its deadline is over: far less than any
/// server sends, and far more than a byte now and then.
const SLOWEST: usize = 1024;

/// How long any stream may take: one that a server never ends comes fast, too.
const LONGEST: Duration = Duration::from_secs(120);

/// The deadline of a whole stream: each byte moves it on, and a single one not far.
pub struct Pace {
    deadline: Instant,
    end: Instant,
}

impl Pace {
    /// A stream that has brought nothing yet, and has `deadline` for its beginning.
    pub fn new(deadline: Duration) -> Pace {
        let deadline = Instant::now() + deadline;
        Pace { deadline, end: deadline + LONGEST }
    }

    /// Notes that `length` more bytes came; none is the end.
    ///
    /// # Errors
    /// `TimedOut`, when it comes too slowly, or has come for two minutes and not ended.
    pub fn keep(&mut self, length: usize) -> io::Result<()> {
        let now = Instant::now();
        if length > 0 && now > self.end {
            let late = format!("no end after {} s of bytes", LONGEST.as_secs());
            return Err(io::Error::new(ErrorKind::TimedOut, late));
        }
        self.deadline += Duration::from_secs_f64(length as f64 / SLOWEST as f64);
        if length > 0 && now > self.deadline {
            let slow = format!("less than {SLOWEST} bytes a second");
            return Err(io::Error::new(ErrorKind::TimedOut, slow));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_now_and_then_is_too_slow_and_a_kilobyte_is_not() {
        let mut pace = Pace::new(Duration::ZERO);
        pace.keep(SLOWEST).unwrap();
        let now = Instant::now();
        let mut late = Pace { deadline: now - Duration::from_millis(500), end: now + LONGEST };
        assert_eq!(late.keep(1).unwrap_err().kind(), ErrorKind::TimedOut);
        assert!(late.keep(0).is_ok());
        assert!(late.keep(SLOWEST).is_ok());
    }
    #[test]
    fn a_stream_without_an_end_is_given_up() {
        let now = Instant::now();
        let mut endless = Pace { deadline: now + LONGEST, end: now };
        assert_eq!(endless.keep(SLOWEST).unwrap_err().kind(), ErrorKind::TimedOut);
        assert!(endless.keep(0).is_ok());
    }
}
