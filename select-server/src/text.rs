//! Text that a stream cuts anywhere.

use std::mem;

/// Python's incremental decoder of UTF-8 (`codecs.getincrementaldecoder`), for one client: it keeps
/// the bytes of a character whose rest has not come yet. Bytes that are not UTF-8 stay as they are.
#[derive(Default)]
pub struct Decoder(Vec<u8>);

impl Decoder {
    /// What was kept and `data`, up to the last whole character. `None` if that is only the
    /// beginning of a character. At the end of the stream, when `data` is empty, all that was kept.
    pub fn decode(&mut self, data: Vec<u8>) -> Option<Vec<u8>> {
        let mut text = mem::take(&mut self.0);
        if data.is_empty() {
            return Some(text);
        }
        text.extend(data);
        self.0 = text.split_off(text.len() - cut_len(&text));
        (!text.is_empty()).then_some(text)
    }
}

/// How many bytes at the end of `data` are the beginning of a character: none, or up to three.
fn cut_len(data: &[u8]) -> usize {
    let last = data.utf8_chunks().last().map_or(&[][..], |last| last.invalid());
    match str::from_utf8(last) {
        Err(error) if error.error_len().is_none() => last.len(),
        _ => 0,
    }
}

/// `data.upper()` for text in UTF-8; all other bytes stay as they are.
pub fn upper(data: &[u8]) -> Vec<u8> {
    let mut reply = Vec::with_capacity(data.len());
    for chunk in data.utf8_chunks() {
        reply.extend(chunk.valid().to_uppercase().as_bytes());
        reply.extend(chunk.invalid());
    }
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_is_cut_waits_for_its_rest() {
        for text in ["é", "€", "𝄞", "aé€𝄞"] {
            let (last, first) = text.as_bytes().split_last().unwrap();
            let mut decoder = Decoder::default();
            let mut whole = Vec::new();
            for byte in first {
                whole.extend(decoder.decode(vec![*byte]).unwrap_or_default());
            }
            assert!(str::from_utf8(&whole).is_ok());
            assert_eq!(whole.len() + decoder.0.len(), first.len());
            whole.extend(decoder.decode(vec![*last]).unwrap());
            assert_eq!(whole, text.as_bytes());
        }
    }

    #[test]
    fn the_end_of_the_stream_gives_the_beginning_of_a_character_and_then_nothing() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.decode(b"a\xc3".to_vec()).unwrap(), b"a");
        assert_eq!(decoder.decode(Vec::new()).unwrap(), b"\xc3");
        assert_eq!(decoder.decode(Vec::new()).unwrap(), b"");
    }

    #[test]
    fn bytes_that_are_not_text_are_not_kept_back() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.decode(b"\xff".to_vec()).unwrap(), b"\xff");
        assert_eq!(decoder.decode(b"\xc3a\x80".to_vec()).unwrap(), b"\xc3a\x80");
        assert_eq!(upper("straße\u{e9}".as_bytes()), "STRASSE\u{c9}".as_bytes());
        assert_eq!(upper(b"\xffa\xc3"), b"\xffA\xc3");
    }
}
