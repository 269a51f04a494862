//! Numbers on a command line.

use std::ops::RangeInclusive;

/// Reads a whole number in `range`, as a value parser of clap. A `T` has room for the whole range.
/// Anything else is an error that says what is expected.
pub fn whole_number<T: TryFrom<u64>>(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<T, String> + Clone {
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
            format!("expected a whole number from {} to {}", range.start(), range.end())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_of_the_range_says_what_is_expected() {
        let parse = whole_number::<u16>(1..=1024);
        assert_eq!((parse("1"), parse("1024")), (Ok(1), Ok(1024)));
        for text in ["", "x", "0", "1025", "-1", "0.5", "99999999999999999999"] {
            assert_eq!(
                parse(text).unwrap_err(),
                "expected a whole number from 1 to 1024",
                "{text}"
            );
        }
    }
}
