//! A place in a note, as it is written: `002:308`, `002:226-355`; or a whole note: `002`.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use xtask::catalog::manifest;

#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The note's number, as `002`.
    pub note: String,
    pub lines: RangeInclusive<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    Note(String),
    Place(Place),
}

impl FromStr for Asked {
    type Err = String;

    fn from_str(text: &str) -> Result<Asked, String> {
        match !text.is_empty() && is_number(text) {
            true => Ok(Asked::Note(text.to_owned())),
            false => text.parse().map(Asked::Place),
        }
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Place, String> {
        let place = manifest::place(text).ok();
        let place =
            place.filter(|(note, lines)| !note.is_empty() && is_number(note) && *lines.start() > 0);
        let (note, lines) = place.ok_or(
            "expected a note's number, and a line of its file or the first and last line, \
             for example 002, 002:308 or 002:226-355",
        )?;
        Ok(Place { note, lines })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&manifest::id(&self.note, &self.lines))
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
            assert!(error.contains("for example 002, 002:308"), "{text}: {error}");
        }
        assert_eq!("002".parse(), Ok(Asked::Note("002".to_owned())));
        assert!("002:x".parse::<Asked>().is_err() && "".parse::<Asked>().is_err());
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "[0-9:, x-]*") {
            let _ = text.parse::<Place>();
        }
    }
}
