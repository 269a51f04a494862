//! What a measurement takes in time: this thread's processor time.

use std::time::Duration;

use anyhow::{Result, anyhow};

use crate::process_usage::own_time;
use xtask::terminal::grouped;

/// How long calls take together whose price is measured, and how many of them at least.
const LONG: Duration = Duration::from_millis(1);
const CALLS: u32 = 10;

/// How long this thread was on a processor so far.
///
/// # Errors
/// When the kernel does not tell.
pub fn processor_time() -> Result<Duration> {
    own_time().map_err(|failure| anyhow!(failure.actual))
}

/// The processor time that this thread takes for a call of `act`, in microseconds: of so many that
/// they take a millisecond together.
///
/// # Errors
/// Those of `act`.
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

/// A time in microseconds.
pub fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
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
    fn figures_are_rounded() {
        let figures = [0.426, 0.997, 8.06, 9.96, 2419.7].map(figure);
        assert_eq!(figures, ["0.43", "1.0", "8.1", "10", "2,420"]);
    }

    #[test]
    fn the_time_of_a_call_is_a_share_of_all() {
        let mut calls = 0;
        let micros = micros_a_call(|| {
            calls += 1;
            let start = processor_time()?;
            while processor_time()? < start + Duration::from_micros(50) {}
            Ok(())
        });
        assert!(micros.unwrap() >= 50.0 && calls >= CALLS);
    }
}
