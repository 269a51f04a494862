//! How Python prints an error of the system.

use std::{fmt, io};

/// Shows an error as Python does: `[Errno 11] Resource temporarily unavailable`.
pub struct OsError<'a>(pub &'a io::Error);

impl fmt::Display for OsError<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        match self.0.raw_os_error() {
            Some(number) => {
                let end = format!(" (os error {number})");
                write!(f, "[Errno {number}] {}", text.trim_end_matches(&end))
            }
            None => f.write_str(&text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_looks_as_in_python() {
        let blocked = io::Error::from_raw_os_error(libc::EAGAIN);
        assert_eq!(OsError(&blocked).to_string(), "[Errno 11] Resource temporarily unavailable");
        assert_eq!(OsError(&io::Error::other("no number")).to_string(), "no number");
    }
}
