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
    use crate::tests::strange;
    use arbtest::arbtest;

    #[test]
    fn numbers_and_ranges_are_read() {
        assert_eq!(parse("170"), Some(vec![170..=170]));
        assert_eq!(parse("170-172, 9"), Some(vec![170..=172, 9..=9]));
        for text in ["", "a", "1-", "-1", "3-1", "1,", "1 2", "+1"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read() {
        arbtest(|u| {
            let ranges: Vec<(u8, u8)> = u.arbitrary()?;
            let range = |(first, more): (u8, u8)| first.into()..=usize::from(first) + more as usize;
            let ranges: Vec<RangeInclusive<usize>> = ranges.into_iter().map(range).collect();
            let text: Vec<_> =
                ranges.iter().map(|r| format!("{}-{}", r.start(), r.end())).collect();
            assert_eq!(parse(&text.join(", ")), Some(ranges).filter(|ranges| !ranges.is_empty()));
            Ok(())
        });
    }

    #[test]
    fn no_text_is_too_strange() {
        strange(&["0", "19", ",", " ", "-"], |text| drop(parse(text)));
    }
}
