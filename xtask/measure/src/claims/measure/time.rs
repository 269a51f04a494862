//! Time: of a thread on its processor, of a call, and of several things in turns.

use std::time::Duration;

use anyhow::Result;

use crate::claims::measure::server::told;
use crate::process_usage::own_time;
use crate::statistics::median;
use xtask::terminal::grouped;

/// How long calls take together whose price is measured, and how many of them at least.
const LONG: Duration = Duration::from_millis(1);
const CALLS: u32 = 10;

/// How long this thread was on a processor so far.
pub fn processor_time() -> Result<Duration> {
    told(own_time())
}

/// The processor time that this thread takes for a call of `act`, in microseconds: of so many that
/// they take a millisecond together.
pub fn micros_a_call(mut act: impl FnMut() -> Result<()>) -> Result<f64> {
    let before = processor_time()?;
    let mut count = 0;
    loop {
        for _ in 0..CALLS {
            act()?;
        }
        count += CALLS;
        let time = processor_time()? - before;
        if time >= LONG {
            return Ok(micros(time) / f64::from(count));
        }
    }
}

/// Measures `N` things `rounds` times and returns the median of each: in turns, so that whatever
/// disturbs the machine disturbs them all. `measure` gets the place of the thing.
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

/// A time in microseconds.
pub fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// A time in milliseconds.
pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// A figure as a person would say it: 0.43, 8.1, 24, 2,420.
pub fn figure(value: f64) -> String {
    match value.abs() {
        size if size >= 9.95 => grouped(value),
        size if size >= 0.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_measured_in_turns() {
        let mut calls = 0;
        let values = in_turns::<2>(3, |place| {
            calls += 1;
            Ok((place * 100 + calls) as f64)
        });
        assert_eq!(values.unwrap(), [[1.0, 3.0, 5.0], [102.0, 104.0, 106.0]]);
    }

    #[test]
    fn of_three_rounds_the_median_is_the_second_and_the_least_the_shortest() {
        let mut times = [3.0, 1.0, 2.0].into_iter().cycle();
        let mut next = |_| Ok(times.next().unwrap());
        assert_eq!(medians::<1>(3, &mut next).unwrap(), [2.0]);
        assert_eq!(least::<1>(3, &mut next).unwrap(), [1.0]);
    }

    #[test]
    fn figures_are_rounded() {
        let figures = [0.426, 0.997, 8.06, 9.96, 2419.7].map(figure);
        assert_eq!(figures, ["0.43", "1.0", "8.1", "10", "2,420"]);
    }
}
