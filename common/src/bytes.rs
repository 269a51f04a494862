//! How Python prints a `bytes` object, and the text in it.

use std::borrow::Cow;
use std::fmt;

/// Shows bytes as Python does: `b'hello\n'`, or `b"it's"`, with an escape for everything that is
/// not printable ASCII.
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
        write!(f, "{quote}")
    }
}

/// `data.decode()`, with U+FFFD for what is not UTF-8, where Python raises.
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
}
