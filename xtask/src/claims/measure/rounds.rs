//! Timed figures: several things in turns, so that whatever disturbs the machine disturbs them
//! all.

use std::array;

use anyhow::Result;

/// Measures each of several things `rounds` times, in turns, and returns the values of each.
///
/// # Errors
/// Those of the measurements.
pub fn in_turns<const N: usize>(
    rounds: usize,
    mut things: [&mut dyn FnMut() -> Result<f64>; N],
) -> Result<[Vec<f64>; N]> {
    let mut values: [Vec<f64>; N] = array::from_fn(|_| Vec::new());
    for _ in 0..rounds {
        for (thing, values) in things.iter_mut().zip(&mut values) {
            values.push(thing()?);
        }
    }
    Ok(values)
}

/// The least of several times: other programs only add to what a thing takes by itself.
pub fn least(times: &[f64]) -> f64 {
    times.iter().copied().fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;
    use std::cell::Cell;

    #[test]
    fn things_are_measured_in_turns() {
        let count = Cell::new(0.0);
        let next = || {
            count.set(count.get() + 1.0);
            Ok(count.get())
        };
        let (mut one, mut other) = (next, next);
        let values = in_turns(3, [&mut one, &mut other]).unwrap();
        assert_eq!(values, [[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]);
    }

    #[test]
    fn a_measurement_that_fails_fails_all() {
        assert!(in_turns(3, [&mut || Ok(1.0), &mut || bail!("broken")]).is_err());
    }

    #[test]
    fn the_least_time_is_the_shortest() {
        assert_eq!(least(&[3.0, 1.0, 2.0]), 1.0);
    }
}
