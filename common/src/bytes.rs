//! How Python prints a `bytes` object, and the text in it.

use std::borrow::Cow;
use std::fmt;

/// Shows bytes as Python does: `b'hello\n'`, or `b"it's"`, with an escape for everything that is
/// not printable ASCII. Where that hides text, the text follows in brackets:
/// `b'\xe4\xbd\xa0\n' (你\n)`.
pub struct Bytes<'a>(pub &'a [u8]);

impl fmt::Display for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let double = self.0.contains(&b'\'') && !self.0.contains(&b'"');
        let quote = if double { '"' } else { '\'' };
        write!(f, "b{quote}")?;
        for byte in self.0 {
            match byte {
                b'"' => f.write_str("\"")?,
                b'\'' if double => f.write_str("'")?,
                byte => write!(f, "{}", byte.escape_ascii())?,
            }
        }
        write!(f, "{quote}")?;
        match std::str::from_utf8(self.0) {
            Ok(text) if !text.is_ascii() => write!(f, " ({})", text.escape_debug()),
            _ => Ok(()),
        }
    }
}

/// `data.decode()`. What is not UTF-8 becomes U+FFFD; Python raises.
pub fn decode(data: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_look_as_in_python() {
        assert_eq!(Bytes(b"hello\n").to_string(), r"b'hello\n'");
        assert_eq!(Bytes(&[0, 0xff]).to_string(), r"b'\x00\xff'");
        assert_eq!(Bytes(b"it's").to_string(), r#"b"it's""#);
        assert_eq!(Bytes(b"say \"hi\"").to_string(), r#"b'say "hi"'"#);
        assert_eq!(Bytes(b"\"it's\"").to_string(), r#"b'"it\'s"'"#);
        assert_eq!(Bytes(b"\\\t\r").to_string(), r"b'\\\t\r'");
    }

    #[test]
    fn text_that_escapes_hide_follows_them() {
        let shown = Bytes("你好\n".as_bytes()).to_string();
        assert_eq!(shown, r"b'\xe4\xbd\xa0\xe5\xa5\xbd\n' (你好\n)");
        // The second half of a character is no text.
        assert_eq!(Bytes(&"你".as_bytes()[1..]).to_string(), r"b'\xbd\xa0'");
    }

    #[test]
    fn nothing_in_a_message_reaches_the_terminal_unescaped() {
        let shown = Bytes("é\u{1b}[2J\u{9b}\u{202e}\r\n".as_bytes()).to_string();
        assert!(shown.ends_with(r" (é\u{1b}[2J\u{9b}\u{202e}\r\n)"), "{shown}");
        assert!(!shown.chars().any(char::is_control), "{shown}");
    }
}
