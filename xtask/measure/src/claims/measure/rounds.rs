//! Timed figures: several things in turns, so that whatever disturbs the machine disturbs them
//! all.

use anyhow::Result;

use crate::statistics::median;

/// Measures `N` things `rounds` times, in turns, and returns the values of each. `measure` gets the
/// place of the thing.
///
/// # Errors
/// Those of `measure`.
pub fn in_turns<const N: usize>(
    rounds: usize,
    mut measure: impl FnMut(usize) -> Result<f64>,
) -> Result<[Vec<f64>; N]> {
    let mut values = [const { Vec::new() }; N];
    for _ in 0..rounds {
        for (place, values) in values.iter_mut().enumerate() {
            values.push(measure(place)?);
        }
    }
    Ok(values)
}

/// The same, and of each thing the median.
///
/// # Errors
/// Those of `measure`.
pub fn medians<const N: usize>(
    rounds: usize,
    measure: impl FnMut(usize) -> Result<f64>,
) -> Result<[f64; N]> {
    let values = in_turns(rounds, measure)?;
    Ok(values.map(|values| median(&values).expect("there is a round")))
}

/// The same, and of each thing the least: other programs only add to what a thing takes by itself.
///
/// # Errors
/// Those of `measure`.
pub fn least<const N: usize>(
    rounds: usize,
    measure: impl FnMut(usize) -> Result<f64>,
) -> Result<[f64; N]> {
    let values = in_turns(rounds, measure)?;
    Ok(values.map(|values| values.into_iter().fold(f64::INFINITY, f64::min)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    #[test]
    fn things_are_measured_in_turns() {
        let mut order = Vec::new();
        let values = in_turns::<2>(3, |place| {
            order.push(place);
            Ok((place * 100 + order.len()) as f64)
        });
        assert_eq!(values.unwrap(), [[1.0, 3.0, 5.0], [102.0, 104.0, 106.0]]);
        assert_eq!(order, [0, 1, 0, 1, 0, 1]);
    }

    #[test]
    fn a_measurement_that_fails_fails_all() {
        let fails = |place| if place == 0 { Ok(1.0) } else { bail!("broken") };
        assert!(in_turns::<2>(3, fails).is_err());
    }

    #[test]
    fn of_three_rounds_the_median_is_the_second_and_the_least_the_shortest() {
        let mut times = [3.0, 1.0, 2.0].into_iter().cycle();
        let mut next = |_| Ok(times.next().unwrap());
        assert_eq!(medians::<1>(3, &mut next).unwrap(), [2.0]);
        assert_eq!(least::<1>(3, &mut next).unwrap(), [1.0]);
    }
}
