//! Line numbers as they are written: `170`, `170-172`, `170, 172-174`.

use std::ops::RangeInclusive;

/// Reads a list of numbers and ranges; nothing else may be in `text`.
pub fn parse(text: &str) -> Option<Vec<RangeInclusive<usize>>> {
    text.split(',').map(|part| parse_range(part.trim())).collect()
}

fn parse_range(text: &str) -> Option<RangeInclusive<usize>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (parse_number(first)?, parse_number(last)?);
    (first <= last).then_some(first..=last)
}

fn parse_number(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// The numbers in some ranges.
pub fn expand(ranges: &[RangeInclusive<usize>]) -> impl Iterator<Item = usize> + '_ {
    ranges.iter().cloned().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_and_ranges_are_read() {
        assert_eq!(parse("170"), Some(vec![170..=170]));
        assert_eq!(parse("170-172, 9"), Some(vec![170..=172, 9..=9]));
        for text in ["", "a", "1-", "-1", "3-1", "1,", "1 2", "+1"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(ranges in prop::collection::vec((0usize..999, 0usize..99), 1..9)) {
            let ranges: Vec<_> = ranges.into_iter().map(|(first, more)| first..=first + more).collect();
            let text: Vec<_> = ranges.iter().map(|r| format!("{}-{}", r.start(), r.end())).collect();
            prop_assert_eq!(parse(&text.join(", ")), Some(ranges));
        }

        #[test]
        fn no_text_is_too_strange(text in "[0-9, -]*") {
            let _ = parse(&text);
        }
    }
}
