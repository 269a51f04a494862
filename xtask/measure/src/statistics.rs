//! What many rounds say together: medians, their intervals, and ratios paired by round.

use fastrand::Rng;

/// Resamples of a bootstrap, and what lies between its ends.
const RESAMPLES: usize = 2000;
const CONFIDENCE: f64 = 0.95;

/// A median, and the interval that holds it in 95 of 100 resamples of the rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Median {
    pub value: f64,
    pub low: f64,
    pub high: f64,
    pub rounds: usize,
}

/// A table gives no verdict and no percentile from fewer rounds than this.
pub const ENOUGH: usize = 7;

impl Median {
    /// Of the values of all rounds; `None` where there is no round.
    pub fn of(values: &[f64]) -> Option<Median> {
        let value = median(values)?;
        // The same rounds have the same interval, whenever it is asked for.
        let mut rng = Rng::with_seed(values.len() as u64);
        let resample = |_| {
            let again: Vec<f64> =
                values.iter().map(|_| values[rng.usize(..values.len())]).collect();
            median(&again).expect("a resample has as many values")
        };
        let mut medians: Vec<f64> = (0..RESAMPLES).map(resample).collect();
        medians.sort_by(f64::total_cmp);
        let tail = (RESAMPLES as f64 * (1.0 - CONFIDENCE) / 2.0) as usize;
        let (low, high) = (medians[tail], medians[RESAMPLES - 1 - tail]);
        Some(Median { value, low, high, rounds: values.len() })
    }

    /// Of the ratios of one to the other, round by round.
    pub fn of_ratios(ones: &[f64], others: &[f64]) -> Option<Median> {
        let ratios = ones.iter().zip(others).map(|(one, other)| one / other);
        Median::of(&ratios.collect::<Vec<_>>())
    }

    pub fn is_of_enough(self) -> bool {
        self.rounds >= ENOUGH
    }

    /// Whether this ratio tells two things apart. `again` is the ratio of a thing to itself: its
    /// interval, made symmetric around 1, is what noise alone does here.
    pub fn shows_a_difference(self, again: Median) -> bool {
        let noise =
            [again.low, again.high].map(|end| end.ln().abs()).into_iter().fold(0.0, f64::max);
        self.high.ln() < -noise || self.low.ln() > noise
    }
}

/// The value in the middle; for an even number of them, halfway between the two.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = sorted[(sorted.len() - 1) / 2];
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ratio(low: f64, value: f64, high: f64) -> Median {
        Median { value, low, high, rounds: 3 }
    }

    #[test]
    fn a_median_stands_in_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[9.0, 1.0, 2.0, 4.0]), Some(3.0));
    }

    #[test]
    fn ratios_are_paired_by_round() {
        // The second round ran on a machine half as fast; the ratio does not know.
        let paired = Median::of_ratios(&[1.0, 2.0, 1.0], &[2.0, 4.0, 2.0]).unwrap();
        assert_eq!(paired, ratio(0.5, 0.5, 0.5));
        assert_eq!(Median::of_ratios(&[], &[]), None);
    }

    #[test]
    fn an_interval_grows_with_the_noise() {
        let quiet = Median::of(&[10.0, 10.1, 9.9, 10.0, 10.1, 9.9, 10.0]).unwrap();
        let noisy = Median::of(&[10.0, 15.0, 5.0, 10.0, 14.0, 6.0, 10.0]).unwrap();
        assert_eq!((quiet.value, noisy.value), (10.0, 10.0));
        assert!(noisy.high - noisy.low > quiet.high - quiet.low);
    }

    #[test]
    fn a_difference_stands_outside_of_what_noise_does() {
        let again = ratio(0.97, 1.0, 1.02);
        assert!(!ratio(1.02, 1.04, 1.06).shows_a_difference(again));
        assert!(ratio(1.04, 1.05, 1.06).shows_a_difference(again));
        assert!(ratio(0.80, 0.82, 0.85).shows_a_difference(again));
        // Below 1, noise reaches as far as above it.
        assert!(!ratio(0.971, 0.975, 0.98).shows_a_difference(ratio(1.0, 1.01, 1.03)));
        assert!(!ratio(0.8, 1.0, 1.3).shows_a_difference(ratio(1.0, 1.0, 1.0)));
    }

    proptest! {
        #[test]
        fn a_median_lies_in_its_interval(values in prop::collection::vec(0.1f64..100.0, 1..20)) {
            let Median { value, low, high, .. } = Median::of(&values).unwrap();
            prop_assert!(low <= value && value <= high);
        }
    }
}
