//! A message that makes its handler panic. Models in three crates have it, so it is in `common`.

use clap::Args;

/// The option `--panic-on WORD`. A defect in the code that serves a client looks like this; which
/// other clients it harms depends on the model.
#[derive(Args, Default)]
pub struct PanicOn {
    /// Panic at a message that is WORD, to see which clients that harms
    #[arg(long = "panic-on", value_name = "WORD")]
    word: Option<String>,
}

impl PanicOn {
    /// Panics if a message is the word, without the white space around it.
    ///
    /// # Panics
    /// That is what it is for.
    pub fn check(&self, message: &[u8]) {
        if let Some(word) = &self.word {
            assert!(message.trim_ascii() != word.as_bytes(), "as --panic-on {word} asks for");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    fn panics(word: Option<&str>, message: &'static [u8]) -> bool {
        let word = word.map(str::to_owned);
        catch_unwind(|| PanicOn { word }.check(message)).is_err()
    }

    #[test]
    fn the_word_panics_and_nothing_else_does() {
        assert!(panics(Some("bye"), b"bye"));
        assert!(panics(Some("bye"), b" bye\r\n"));
        for message in [&b"by"[..], b"bye bye", b""] {
            assert!(!panics(Some("bye"), message));
            assert!(!panics(None, message));
        }
    }
}
