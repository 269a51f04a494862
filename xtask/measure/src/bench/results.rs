//! What all rounds found, and how to ask for it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::bench::cell::Key;
use crate::bench::round::Figures;
use crate::bench::syscalls::Calls;
use crate::statistics::Median;
use crate::units::micros;

/// How often a server is asked while its answers are timed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rate {
    /// Half of what the slowest contender can do.
    OfTheSlowest,
    /// Half of what this contender can do.
    OfItsOwn,
    /// A fixed rate, beside clients that flood it.
    BesideFloods,
    /// The same rate, with nobody beside.
    Alone,
}

/// How long the answers of a round took, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answers {
    /// The time within which half of them came.
    pub half: f64,
    /// The time within which 99 of 100 came.
    pub most: f64,
}

impl From<Vec<Duration>> for Answers {
    fn from(mut times: Vec<Duration>) -> Answers {
        times.sort_unstable();
        let within = |percent: usize| micros(times[(times.len() * percent).div_ceil(100) - 1]);
        Answers { half: within(50), most: within(99) }
    }
}

/// What all rounds found.
#[derive(Default)]
pub struct Results {
    /// Each round of each contender, in the order in which they were run.
    pub rounds: Vec<(Key, usize, Figures)>,
    /// Times of answers, of each round.
    pub answers: Vec<(Key, Rate, Answers)>,
    /// System calls, and the requests that they were made for.
    pub calls: Vec<(Key, Calls, u64)>,
    /// Rounds that failed: of whom, and how.
    pub errors: Vec<(Key, String)>,
}

/// One figure of a round; what a round does not tell is no number.
pub type Figure = fn(&Figures) -> f64;

impl Results {
    /// The median of a figure over the rounds; `None` where no round tells it.
    pub fn median(&self, key: &Key, figure: Figure) -> Option<Median> {
        Median::of(&self.values(key, figure).into_values().collect::<Vec<_>>())
    }

    /// The ratio of two in the same figure, paired by the rounds that both have.
    pub fn ratio(&self, one: &Key, other: &Key, figure: Figure) -> Option<Median> {
        let (ones, others) = (self.values(one, figure), self.values(other, figure));
        let pairs = ones.iter().filter_map(|(round, one)| Some((one, others.get(round)?)));
        let (ones, others): (Vec<f64>, Vec<f64>) = pairs.unzip();
        Median::of_ratios(&ones, &others)
    }

    /// What that ratio is by noise alone: the other, measured again, to itself.
    pub fn noise(&self, key: &Key, figure: Figure) -> Option<Median> {
        self.ratio(&key.again(), key, figure)
    }

    pub fn has_failed(&self, key: &Key) -> bool {
        self.errors.iter().any(|(failed, _)| failed == key)
    }

    pub fn calls_per_request(&self, key: &Key, calls: fn(&Calls) -> u64) -> Option<f64> {
        let (_, counted, requests) = self.calls.iter().find(|(known, _, _)| known == key)?;
        Some(calls(counted) as f64 / *requests as f64)
    }

    /// How long answers took, over the rounds in which they were timed.
    pub fn answers(&self, key: &Key, rate: Rate, time: fn(&Answers) -> f64) -> Option<Median> {
        let rounds = self.answers.iter().filter(|(known, at, _)| known == key && *at == rate);
        Median::of(&rounds.map(|(_, _, answers)| time(answers)).collect::<Vec<_>>())
    }

    /// The requests in a second of the slowest contender of a scenario, by medians.
    pub fn slowest(&self, scenario: &str) -> Option<f64> {
        let keys = self.rounds.iter().map(|(key, _, _)| key);
        let keys = keys.filter(|key| key.scenario == scenario);
        let rates = keys.filter_map(|key| Some(self.median(key, Figures::rate)?.value));
        rates.min_by(f64::total_cmp)
    }

    /// A figure of each round that tells it, by the round's number.
    fn values(&self, key: &Key, figure: Figure) -> BTreeMap<usize, f64> {
        let rounds = self.rounds.iter().filter(|(known, _, _)| known == key);
        let values = rounds.map(|(_, round, figures)| (*round, figure(figures)));
        values.filter(|(_, value)| value.is_finite()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::load::{Ran, Size};
    use crate::process_usage::Usage;

    fn key(name: &str) -> Key {
        Key::new(("models", Size { active: 1, idle: 0, bytes: 64 }), name)
    }

    fn took(millis: u64) -> Figures {
        let ran = Ran { requests: 1000, elapsed: Duration::from_millis(millis) };
        let time = Duration::from_millis(millis);
        let usage = Usage { time, switches: 0 };
        let (size, load) = (key("").size, Duration::ZERO);
        let (kernel_share, memory, kernel_memory) = (None, (0, 0), (0, 0));
        Figures { ran, usage, load, kernel_share, size, memory, kernel_memory }
    }

    #[test]
    fn ratios_are_of_the_rounds_that_both_have() {
        let mut results = Results::default();
        let rounds = [("a", 0, 10), ("b", 0, 20), ("b", 1, 90), ("b", 2, 8), ("a", 2, 4)];
        for (name, round, millis) in rounds {
            results.rounds.push((key(name), round, took(millis)));
        }
        let ratio = results.ratio(&key("a"), &key("b"), Figures::micros).unwrap();
        assert_eq!((ratio.value, ratio.low, ratio.high), (0.5, 0.5, 0.5));
        assert_eq!(results.median(&key("b"), Figures::micros).unwrap().value, 20.0);
        assert_eq!(results.ratio(&key("a"), &key("c"), Figures::micros), None);
        assert_eq!(results.slowest("models"), Some(50_000.0));
    }

    #[test]
    fn the_kernel_has_a_share_where_it_is_counted() {
        let mut results = Results::default();
        results.rounds.push((key("a"), 0, took(10)));
        let in_kernel = |results: &Results| {
            results.median(&key("a"), Figures::in_kernel).map(|share| share.value)
        };
        assert_eq!(in_kernel(&results), None);
        results.rounds.push((key("a"), 1, Figures { kernel_share: Some(0.25), ..took(10) }));
        assert_eq!(in_kernel(&results), Some(0.25));
    }

    #[test]
    fn of_a_hundred_answers_the_slowest_does_not_count() {
        let times = (1..=100).rev().map(Duration::from_micros).collect::<Vec<_>>();
        assert_eq!(Answers::from(times), Answers { half: 50.0, most: 99.0 });
        let one = vec![Duration::from_micros(7)];
        assert_eq!(Answers::from(one), Answers { half: 7.0, most: 7.0 });
    }

    #[test]
    fn answers_of_one_rate_are_no_answers_of_another() {
        let mut results = Results::default();
        for (rate, half) in
            [(Rate::OfItsOwn, 1.0), (Rate::OfTheSlowest, 5.0), (Rate::OfItsOwn, 2.0)]
        {
            results.answers.push((key("a"), rate, Answers { half, most: 9.0 }));
        }
        let half = results.answers(&key("a"), Rate::OfItsOwn, |answers| answers.half).unwrap();
        assert_eq!((half.value, half.rounds), (1.5, 2));
        assert_eq!(results.answers(&key("b"), Rate::OfItsOwn, |answers| answers.half), None);
    }
}
