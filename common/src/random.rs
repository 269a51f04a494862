//! Python's `random.uniform`.

use std::hash::{BuildHasher, RandomState};

/// `random.uniform(low, high)`: a random number between the two, good enough for a pause but not
/// for a secret.
pub fn uniform(low: f64, high: f64) -> f64 {
    let random = RandomState::new().hash_one(());
    low + (high - low) * (random as f64 / u64::MAX as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uniform_stays_inside_and_varies() {
        let drawn: Vec<f64> = (0..100).map(|_| uniform(1.0, 3.0)).collect();
        assert!(drawn.iter().all(|value| (1.0..=3.0).contains(value)));
        assert!(drawn.iter().any(|value| *value != drawn[0]));
        assert_eq!(uniform(0.0, 0.0), 0.0);
    }
}
