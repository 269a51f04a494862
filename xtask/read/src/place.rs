//! A place in a note, as it is written: `002:308`, `002:226-355`.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use xtask::catalog::numbers;

/// Lines of a note's file.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The note's number, as `002`.
    pub note: String,
    /// The lines, from 1.
    pub lines: RangeInclusive<usize>,
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Place, String> {
        let read = || {
            let (note, lines) = text.split_once(':')?;
            let lines = numbers::parse(lines)?;
            let [lines] = lines.as_slice() else { return None };
            let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            let valid = !note.is_empty() && is_number(note) && *lines.start() > 0;
            valid.then(|| Place { note: note.to_owned(), lines: lines.clone() })
        };
        read().ok_or_else(|| {
            "expected a note's number and a line of its file, or its first and last line, \
             for example 002:308 or 002:226-355"
                .to_owned()
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (self.lines.start(), self.lines.end());
        match first == last {
            true => write!(f, "{}:{first}", self.note),
            false => write!(f, "{}:{first}-{last}", self.note),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_and_a_listing_are_places() {
        for (text, lines) in [("002:308", 308..=308), ("002:226-355", 226..=355)] {
            let place: Place = text.parse().unwrap();
            assert_eq!((place.note.as_str(), &place.lines), ("002", &lines));
            assert_eq!(place.to_string(), text);
        }
    }

    #[test]
    fn what_was_expected_is_said() {
        for text in ["", "002", "002:", "002:x", "x:1", ":1", "002:0", "002:3-1", "002:1,2", "2 :1"]
        {
            let error = text.parse::<Place>().unwrap_err();
            assert!(error.contains("for example 002:308"), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "[0-9:, x-]*") {
            let _ = text.parse::<Place>();
        }
    }
}
