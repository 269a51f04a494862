//! How Python prints a `bytes` object, and the text in it.

use std::borrow::Cow;
use std::fmt;

/// Shows bytes as Python does: `b'hello\n'`, with an escape for everything that is not printable
/// ASCII.
pub struct Bytes<'a>(pub &'a [u8]);

impl fmt::Display for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b'{}'", self.0.escape_ascii())
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
    }
}
