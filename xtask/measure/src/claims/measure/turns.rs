//! Several things that are measured in turns, so that whatever disturbs the machine disturbs them all.

use std::time::Duration;

use anyhow::Result;

use crate::process_usage::own_time;
use crate::statistics::median;
use crate::units::micros;

/// How long calls take together whose price is measured, and how many of them at least.
const LONG: Duration = Duration::from_millis(1);
const CALLS: u32 = 10;

/// The processor time that this thread takes for a call of `act`, in microseconds: of so many that
/// they take a millisecond together.
pub fn micros_a_call(mut act: impl FnMut() -> Result<()>) -> Result<f64> {
    let before = own_time()?;
    let mut count = 0;
    loop {
        for _ in 0..CALLS {
            act()?;
        }
        count += CALLS;
        let time = own_time()? - before;
        if time >= LONG {
            return Ok(micros(time) / f64::from(count));
        }
    }
}

/// Measures `N` things `rounds` times and returns the median of each. `measure` gets the place of
/// the thing.
pub fn medians<const N: usize>(
    rounds: usize,
    measure: impl FnMut(usize) -> Result<f64>,
) -> Result<[f64; N]> {
    let values = in_turns(rounds, measure)?;
    Ok(values.map(|values| median(&values).expect("there is a round")))
}

/// The same, and of each thing the least: other programs only add to what a thing takes by itself.
pub fn least<const N: usize>(
    rounds: usize,
    measure: impl FnMut(usize) -> Result<f64>,
) -> Result<[f64; N]> {
    let values = in_turns(rounds, measure)?;
    Ok(values.map(|values| values.into_iter().fold(f64::INFINITY, f64::min)))
}

fn in_turns<const N: usize>(
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_is_measured_in_turns_there_are_a_median_and_a_least() {
        let times = [9.0, 1.0, 3.0, 2.0, 4.0, 6.0];
        let in_order = || {
            let mut times = times.into_iter();
            move |_| Ok(times.next().unwrap())
        };
        assert_eq!(medians(3, in_order()).unwrap(), [4.0, 2.0]);
        assert_eq!(least(3, in_order()).unwrap(), [3.0, 1.0]);
    }
}
