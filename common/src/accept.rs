//! What accept(2) may answer instead of a client.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::warn;

/// How long a server that cannot accept leaves its listener alone, so that the processor rests.
/// Another client's answer may have to wait for three rounds of an event loop, each with such a
/// pause.
pub const PAUSE: Duration = Duration::from_millis(5);

/// Whether a listener is short of descriptors or memory for another client.
#[derive(Default)]
pub struct Shortage {
    /// It was said, and no client was accepted since.
    said: AtomicBool,
    /// The last accept met it.
    lasts: AtomicBool,
}

impl Shortage {
    /// Takes an error of accept and returns, if the server can go on.
    ///
    /// # Errors
    /// The error with the name of the call, when the listener will never accept again (for example
    /// EBADF, EINVAL, ENOTSOCK).
    pub fn survive(&self, error: io::Error) -> io::Result<()> {
        match error.raw_os_error() {
            // Nobody waits, or a firewall or a pending network error took the client (accept(2),
            // NOTES).
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
            ) => {
                self.lasts.store(false, Ordering::Relaxed);
                Ok(())
            }
            Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM) => {
                self.lasts.store(true, Ordering::Relaxed);
                if !self.said.swap(true, Ordering::Relaxed) {
                    warn!("accept: {error}; new clients wait until others leave");
                }
                thread::sleep(PAUSE);
                Ok(())
            }
            _ => Err(io::Error::new(error.kind(), format!("accept: {error}"))),
        }
    }

    /// Notes that a client was accepted, so that the next shortage is said again.
    pub fn ends(&self) {
        self.lasts.store(false, Ordering::Relaxed);
        self.said.store(false, Ordering::Relaxed);
    }

    /// Whether the last accept met it, so that a client may still wait.
    pub fn lasts(&self) -> bool {
        self.lasts.load(Ordering::Relaxed)
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
        for code in [libc::ECONNABORTED, libc::EAGAIN, libc::EPROTO] {
            let shortage = Shortage::default();
            shortage.survive(os(code)).unwrap();
            assert!(!shortage.lasts() && !shortage.said.load(Ordering::Relaxed));
        }
    }

    #[test]
    fn a_shortage_slows_down_and_is_said_once() {
        let shortage = Shortage::default();
        let start = Instant::now();
        shortage.survive(os(libc::EMFILE)).unwrap();
        assert!(start.elapsed() >= PAUSE);
        assert!(shortage.lasts() && shortage.said.load(Ordering::Relaxed));
        // Whoever waited has left; another shortage may follow before a client is accepted.
        shortage.survive(os(libc::EAGAIN)).unwrap();
        assert!(!shortage.lasts() && shortage.said.load(Ordering::Relaxed));
        shortage.ends();
        assert!(!shortage.said.load(Ordering::Relaxed));
    }

    #[test]
    fn a_broken_listener_is_an_error() {
        let error = Shortage::default().survive(os(libc::EBADF)).unwrap_err();
        assert_eq!(error.to_string(), "accept: Bad file descriptor (os error 9)");
    }
}
