//! Where bytes differ, in words.

use crate::harness::outcome::{Outcome, fail};

/// How many bytes of a message a failure shows.
const SHOWN: usize = 60;

/// Whether `received`, up to the end of the stream, is `expected`.
///
/// # Errors
/// When it is not; the failure shows where they part.
pub fn same(expected: &[u8], received: &[u8]) -> Outcome<()> {
    if expected == received {
        return Ok(());
    }
    fail(show(expected), difference(expected, received, "the end of the stream"))
}

/// Where `received` parts from `expected`, and how it goes on there: by other bytes, or by `then`.
pub fn difference(expected: &[u8], received: &[u8], then: &str) -> String {
    let same = expected.iter().zip(received).take_while(|(a, b)| a == b).count();
    let at = match same {
        0 => String::new(),
        _ => format!("after {same} of {} bytes as expected: ", expected.len()),
    };
    match &received[same..] {
        [] => format!("{at}{then}"),
        rest if then.is_empty() => format!("{at}{}", show(rest)),
        rest => format!("{at}{} then {then}", show(rest)),
    }
}

/// Text as text and other bytes as in Rust's `b"…"`, shortened.
pub fn show(data: &[u8]) -> String {
    let text = in_words(&data[..data.len().min(SHOWN)]);
    let (more, plural) = if data.len() > SHOWN {
        ("…", "s")
    } else {
        ("", if data.len() == 1 { "" } else { "s" })
    };
    format!("\"{text}{more}\" ({} byte{plural})", data.len())
}

fn in_words(data: &[u8]) -> String {
    let mut text = String::new();
    for chunk in data.utf8_chunks() {
        text.extend(chunk.valid().escape_debug());
        text.extend(chunk.invalid().escape_ascii().map(char::from));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_says_where_and_what() {
        assert_eq!(difference(b"abc", b"", "silence"), "silence");
        assert_eq!(difference(b"abc", b"ab", "silence"), "after 2 of 3 bytes as expected: silence");
        assert_eq!(difference(b"abc", b"x", ""), "\"x\" (1 byte)");
        assert_eq!(show("明哥 19\n\0".as_bytes()), r#""明哥 19\n\0" (11 bytes)"#);
        assert_eq!(show(b"a\xff"), r#""a\xff" (2 bytes)"#);
        let longer = difference(b"a", b"abc", "the end of the stream");
        assert_eq!(
            longer,
            "after 1 of 1 bytes as expected: \"bc\" (2 bytes) then the end of the stream"
        );
        assert!(same(b"a", b"a").is_ok() && same(b"a", b"ab").is_err());
    }
}
