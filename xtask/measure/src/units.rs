//! Times as numbers, and numbers as a person says them.

use std::time::Duration;

use xtask::terminal::grouped;

/// A time in milliseconds.
pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// A time in microseconds.
pub fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// A figure with three digits that count: 0.43, 8.06, 24.1, 2,420.
pub fn figure(value: f64) -> String {
    match value.abs() {
        size if size >= 99.95 => grouped(value),
        size if size >= 9.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_the_digits_that_count() {
        let figures = [0.004, 1.236, 9.996, 12.36, 99.96, 2419.7].map(figure);
        assert_eq!(figures, ["0.00", "1.24", "10.0", "12.4", "100", "2,420"]);
    }
}
