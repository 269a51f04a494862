//! An operator who types the replies.

use crate::{input, say, warn};

/// Standard input, until it ends.
#[derive(Default)]
pub struct Keyboard {
    ended: bool,
}

impl Keyboard {
    /// Python's `input(prompt)`. At the end of the input it says so; from then on it asks no more, and
    /// answers `None`.
    pub fn input(&mut self, prompt: &str) -> Option<String> {
        if self.ended {
            return None;
        }
        let line = input(prompt);
        if !matches!(line, Ok(Some(_))) {
            // Nobody ended the line that the prompt stands on.
            say!("");
        }
        match line {
            Ok(Some(line)) => return Some(line),
            Ok(None) => warn!("standard input has ended: clients get no more replies"),
            Err(error) => warn!("standard input: {error}: clients get no more replies"),
        }
        self.ended = true;
        None
    }
}
