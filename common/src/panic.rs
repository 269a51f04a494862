//! A message that its handler does not survive.

use std::sync::OnceLock;

use clap::Arg;

use crate::chosen;

/// `--panic-on WORD`, for [`panic_on`].
pub fn panic_option() -> Arg {
    Arg::new("panic-on")
        .long("panic-on")
        .value_name("WORD")
        .help("Panic at a message that is WORD, to see whom that harms; without it, never")
}

/// Panics if a message, without the white space around it, is the word that `--panic-on` names.
///
/// A defect in what handles a client shows like this; whom it takes along is up to the model.
///
/// # Panics
/// That is what it is for.
pub fn panic_on(message: &[u8]) {
    static WORD: OnceLock<Option<String>> = OnceLock::new();
    if let Some(word) = WORD.get_or_init(|| chosen("panic-on")) {
        assert!(message.trim_ascii() != word.as_bytes(), "as --panic-on {word} asks for");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_word_nothing_panics() {
        panic_on(b"");
        panic_on(b"word");
    }
}
