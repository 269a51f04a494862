//! What is wrong at a line of a file.

use std::fmt;

/// A file's departure from the rules of a mirror.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    file: String,
    line: usize,
    message: String,
}

impl Fault {
    /// A fault at a line of a file.
    pub fn new(file: &str, line: usize, message: impl fmt::Display) -> Fault {
        Fault { file: file.to_owned(), line, message: message.to_string() }
    }
}

/// As compilers write it, so that editors find the place: `file:line: message`.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}
