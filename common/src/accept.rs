//! Errors of accept(2), and which of them a server survives.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::warn;

/// How long [`Socket::accept`](crate::Socket::accept) sleeps during a shortage of descriptors, to
/// save processor time. It is short, because it delays the answers to other clients.
pub const PAUSE: Duration = Duration::from_millis(5);

/// Why accept(2) returned no client, where the server can go on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Refusal {
    /// No client waits.
    Nobody,
    /// A connection broke before it was accepted. Others may wait.
    Lost,
    /// There is no descriptor or no memory for another client.
    Short,
}

/// Whether a listener lacks descriptors or memory for another client.
#[derive(Default)]
pub struct Shortage {
    /// It was printed, and no client was accepted since.
    said: AtomicBool,
}

impl Shortage {
    /// What an error of accept means. A shortage is printed once.
    ///
    /// # Errors
    /// The error with the name of the call, when the listener will never accept again (for example
    /// EBADF, EINVAL, ENOTSOCK).
    pub fn judge(&self, error: io::Error) -> io::Result<Refusal> {
        match error.raw_os_error() {
            Some(libc::EAGAIN) => Ok(Refusal::Nobody),
            // A firewall or a network error has ended the connection (accept(2), NOTES).
            Some(
                libc::EHOSTDOWN
                | libc::ECONNABORTED
                | libc::EHOSTUNREACH
                | libc::ENETDOWN
                | libc::ENETUNREACH
                | libc::ENONET
                | libc::ENOPROTOOPT
                | libc::EOPNOTSUPP
                | libc::EPERM
                | libc::EPROTO,
            ) => Ok(Refusal::Lost),
            Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM) => {
                if !self.said.swap(true, Ordering::Relaxed) {
                    warn!("accept: {error}; new clients wait until others leave");
                }
                Ok(Refusal::Short)
            }
            _ => Err(io::Error::new(error.kind(), format!("accept: {error}"))),
        }
    }

    /// Returns where the server can go on after an error of accept; in a shortage after a pause.
    ///
    /// # Errors
    /// Those of [`judge`](Shortage::judge).
    pub fn survive(&self, error: io::Error) -> io::Result<()> {
        if self.judge(error)? == Refusal::Short {
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// Notes that a client was accepted: the next shortage is printed again.
    pub fn ends(&self) {
        self.said.store(false, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn os(code: i32) -> io::Error {
        io::Error::from_raw_os_error(code)
    }

    #[test]
    fn a_lost_client_is_no_shortage() {
        let shortage = Shortage::default();
        for code in [libc::ECONNABORTED, libc::EPERM, libc::EPROTO] {
            assert_eq!(shortage.judge(os(code)).unwrap(), Refusal::Lost);
        }
        assert_eq!(shortage.judge(os(libc::EAGAIN)).unwrap(), Refusal::Nobody);
        assert!(!shortage.said.load(Ordering::Relaxed));
    }

    #[test]
    fn a_shortage_slows_down_and_is_said_once() {
        let shortage = Shortage::default();
        let start = Instant::now();
        shortage.survive(os(libc::EMFILE)).unwrap();
        assert!(start.elapsed() >= PAUSE);
        assert!(shortage.said.load(Ordering::Relaxed));
        // The client that waited has left. Another shortage may follow before one is accepted.
        shortage.survive(os(libc::EAGAIN)).unwrap();
        assert!(shortage.said.load(Ordering::Relaxed));
        shortage.ends();
        assert!(!shortage.said.load(Ordering::Relaxed));
    }

    #[test]
    fn a_broken_listener_is_an_error() {
        let error = Shortage::default().judge(os(libc::EBADF)).unwrap_err();
        assert_eq!(error.to_string(), "accept: Bad file descriptor (os error 9)");
    }
}
