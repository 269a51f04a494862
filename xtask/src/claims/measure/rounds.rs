//! Timed figures: several things in turns, so that whatever disturbs the machine disturbs them
//! all.

use std::array;

use anyhow::Result;

use crate::bench::statistics::median;

/// Measures each of several things `rounds` times, in turns, and returns the median of each.
///
/// # Errors
/// Those of the measurements.
///
/// # Panics
/// Without a round.
pub fn medians<const N: usize>(
    rounds: usize,
    mut things: [&mut dyn FnMut() -> Result<f64>; N],
) -> Result<[f64; N]> {
    let mut values: [Vec<f64>; N] = array::from_fn(|_| Vec::new());
    for _ in 0..rounds {
        for (thing, values) in things.iter_mut().zip(&mut values) {
            values.push(thing()?);
        }
    }
    Ok(values.map(|values| median(&values).expect("there is a round")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    #[test]
    fn things_are_measured_in_turns() {
        let (mut ones, mut others) = ([3.0, 9.0, 1.0].into_iter(), [7.0, 8.0, 9.0].into_iter());
        let mut one = || Ok(ones.next().unwrap());
        let mut other = || Ok(others.next().unwrap());
        assert_eq!(medians(3, [&mut one, &mut other]).unwrap(), [3.0, 8.0]);
    }

    #[test]
    fn a_measurement_that_fails_fails_all() {
        assert!(medians(3, [&mut || Ok(1.0), &mut || bail!("broken")]).is_err());
    }
}
