//! Text without its control characters, which a terminal would obey.

use std::borrow::Cow;

/// The text with an escape for each control character, for example `\x1b` or `\u{202e}`. Such a
/// character could move the cursor, change the terminal's title, or reverse text. Newlines and tabs
/// stay as they are.
pub fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(is_control) {
        return text.into();
    }
    let escape = |character: char| match u8::try_from(character) {
        _ if !is_control(character) => character.to_string(),
        Ok(byte) if byte.is_ascii() => byte.escape_ascii().to_string(),
        _ => character.escape_unicode().to_string(),
    };
    text.chars().map(escape).collect()
}

/// Whether it is a control character of ISO 6429 (C0, DEL and C1), except newline and tab. Those of
/// the Unicode Bidirectional Algorithm (UAX #9) also count.
fn is_control(character: char) -> bool {
    let turns_text = matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    turns_text || character.is_control() && !matches!(character, '\n' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_control_character_is_shown_as_an_escape() {
        for (text, escaped) in [
            ("\x1b[2J\x1b]0;owned\x07", r"\x1b[2J\x1b]0;owned\x07"),
            ("10 %\rdone\x08\0\x7f", r"10 %\rdone\x08\x00\x7f"),
            ("\u{9b}31m\u{85}", r"\u{9b}31m\u{85}"),
            (
                "a\u{202e}b\u{2066}c\u{61c}\u{200e}\u{200f}",
                r"a\u{202e}b\u{2066}c\u{61c}\u{200e}\u{200f}",
            ),
        ] {
            assert_eq!(shown(text), escaped);
        }
    }

    #[test]
    fn text_is_shown_as_it_is() {
        let text = "明哥\t19\n\\x1b is text, and é, أ and U+FFFD \u{fffd} are";
        assert!(matches!(shown(text), Cow::Borrowed(same) if same == text));
    }

    proptest! {
        #[test]
        fn no_control_character_is_left(text in "(\\PC|\\p{Cc}|\\p{Cf})*") {
            prop_assert!(!shown(&text).contains(is_control));
        }
    }
}
