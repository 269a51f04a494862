//! How a program ends when it cannot go on.

use std::fmt;

/// What `main` returns: on an error, Rust prints `Error: ` and the [`Failure`], and exits with
/// status 1.
pub type Result<T = ()> = std::result::Result<T, Failure>;

/// An error and its context on one line, as
/// `bind 127.0.0.1:8888: Address already in use (os error 98)`.
pub struct Failure(anyhow::Error);

// No `std::error::Error` here: with it, the blanket conversion below would overlap with the
// identity.
impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure(error.into())
    }
}

/// The text of the whole chain: Rust's runtime prints what `main` returns with `{:?}`.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn a_failure_is_one_line_with_its_context() {
        let error = anyhow::Error::new(io::Error::from_raw_os_error(libc::EACCES))
            .context("bind 127.0.0.1:80");
        let text = format!("{:?}", Failure::from(error));
        assert_eq!(text, "bind 127.0.0.1:80: Permission denied (os error 13)");
    }
}
