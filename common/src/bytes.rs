//! How Python prints a `bytes` object.

use std::fmt;

/// Shows bytes as Python does: `b'hello\n'`, with an escape for everything that is not printable ASCII.
pub struct Bytes<'a>(pub &'a [u8]);

impl fmt::Display for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b'{}'", self.0.escape_ascii())
    }
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
