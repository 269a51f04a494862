//! What accept(2) may answer instead of a client.

use std::io;
use std::time::{Duration, Instant};

use crate::warn;

/// How long a server leaves its listener alone after a shortage: long enough to cost nothing, short enough
/// that a waiting client does not notice.
const PAUSE: Duration = Duration::from_millis(100);

/// Sorts the errors of accept(2) into those that cost one client and those that end the server, and paces
/// the server while the system has no descriptor or memory for another connection.
///
/// During a shortage the waiting connection keeps the listener readable: a loop that watches on spins.
#[derive(Default)]
pub struct AcceptFailures {
    until: Option<Instant>,
    said: bool,
}

impl AcceptFailures {
    /// Takes an error of accept and returns, if the server can go on.
    ///
    /// # Errors
    /// The error with the name of the call, when the listener will never accept again (EBADF, EINVAL, ENOTSOCK and the like).
    pub fn survive(&mut self, error: io::Error) -> io::Result<()> {
        match error.raw_os_error() {
            // The client is gone again, or a firewall or a pending network error took it (accept(2), NOTES).
            Some(
                libc::EAGAIN
                | libc::ECONNABORTED
                | libc::EHOSTDOWN
                | libc::EHOSTUNREACH
                | libc::ENETDOWN
                | libc::ENETUNREACH
                | libc::ENONET
                | libc::ENOPROTOOPT
                | libc::EOPNOTSUPP
                | libc::EPERM
                | libc::EPROTO,
            ) => Ok(()),
            Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM) => {
                if !self.said {
                    warn!("accept: {error}; new clients wait until others leave");
                    self.said = true;
                }
                self.until = Some(Instant::now() + PAUSE);
                Ok(())
            }
            _ => Err(io::Error::new(error.kind(), format!("accept: {error}"))),
        }
    }

    /// Notes that a client was accepted, so that the next shortage is said again.
    pub fn accepted(&mut self) {
        self.said = false;
    }

    /// How long the listener is to be left alone from now on; `None` when it may be watched.
    pub fn pause(&self) -> Option<Duration> {
        let left = self.until?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn os(code: i32) -> io::Error {
        io::Error::from_raw_os_error(code)
    }

    #[test]
    fn a_lost_client_costs_nothing_else() {
        let mut failures = AcceptFailures::default();
        for code in [libc::ECONNABORTED, libc::EAGAIN, libc::EPROTO] {
            failures.survive(os(code)).unwrap();
            assert_eq!(failures.pause(), None);
        }
    }

    #[test]
    fn a_shortage_pauses_and_is_said_once() {
        let mut failures = AcceptFailures::default();
        failures.survive(os(libc::EMFILE)).unwrap();
        assert!(failures.pause().is_some_and(|pause| pause <= PAUSE));
        assert!(failures.said);
        failures.accepted();
        assert!(!failures.said);
    }

    #[test]
    fn a_broken_listener_is_an_error() {
        let error = AcceptFailures::default().survive(os(libc::EBADF));
        assert_eq!(
            error.unwrap_err().to_string(),
            "accept: Bad file descriptor (os error 9)"
        );
    }
}
