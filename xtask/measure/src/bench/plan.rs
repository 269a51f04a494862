//! What a scenario measures, and how it is run: in shuffled rounds.

use std::time::Duration;

use fastrand::Rng;
use indicatif::ProgressBar;

use crate::bench::cell::{Cell, Key};
use crate::bench::contender::Field;
use crate::bench::results::{Rate, Results};
use crate::bench::round::{self, Asked, Figures};
use crate::pin::Processors;
use crate::statistics::ENOUGH;
use xtask::harness::outcome::Outcome;
use xtask::harness::stop;

/// Clients that flood a server while the answers of others are timed, and how often the others ask
/// in a second: seldom enough for every server.
const FLOODS: usize = 4;
const FLOODED_RATE: f64 = 500.0;

/// All that a scenario measures.
#[derive(Clone, Default)]
pub struct Plan {
    pub rounds: usize,
    /// Each is measured once in every round, in an order that is shuffled anew.
    pub cells: Vec<Cell>,
    /// Those whose system calls are counted, once.
    pub counted: Vec<Cell>,
    /// Those whose answers are timed, at half of what the slowest of `cells` can do, and at half of
    /// what each itself can do.
    pub timed: Vec<Cell>,
    /// Those whose answers are timed beside floods, and without.
    pub flooded: Vec<Cell>,
    /// What is left out, and why.
    pub cut: Vec<String>,
}

impl Plan {
    pub fn launches(&self, settings: &Settings) -> usize {
        let timed = 2 * (self.timed.len() + self.flooded.len());
        self.cells.len() * self.rounds + self.counted.len() + timed * settings.few_rounds()
    }
}

/// The order of a round: everything once.
pub fn shuffled<'a, T>(all: &'a [T], rng: &mut Rng) -> Vec<&'a T> {
    let mut order: Vec<&T> = all.iter().collect();
    rng.shuffle(&mut order);
    order
}

/// How long and how often is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Rounds where ratios matter.
    pub rounds: usize,
    pub time: Duration,
    /// Whether everything is cut down to see that it works.
    pub quick: bool,
}

impl Settings {
    /// Rounds of a scenario that has many sizes, and rounds in which answers are timed: enough for a
    /// verdict, where there are as many.
    pub fn few_rounds(&self) -> usize {
        self.rounds.div_ceil(3).max(ENOUGH).min(self.rounds)
    }

    /// Of many sizes, those that are measured.
    pub fn of<'a>(&self, sizes: &'a [usize]) -> &'a [usize] {
        if self.quick { &sizes[..sizes.len().min(2)] } else { sizes }
    }
}

/// What runs the plans, and what they found.
pub struct Bench {
    /// How long and how often is measured.
    pub settings: Settings,
    pub field: Field,
    pub processors: Processors,
    /// The day, the machine, and how long and how often is measured, in words.
    pub run: String,
    pub descriptors: u64,
    /// Whether strace(1) may count system calls.
    pub counts_calls: bool,
    pub results: Results,
}

impl Bench {
    /// Runs a plan of a scenario to its end. A round that fails is kept as an error; its contender is
    /// left out of the rounds that follow, where it would fail again.
    pub fn run(&mut self, scenario: &str, plan: &Plan, progress: &ProgressBar) {
        let mut rng = Rng::with_seed(plan.rounds as u64);
        for number in 0..plan.rounds {
            for cell in shuffled(&plan.cells, &mut rng) {
                self.launch(
                    cell,
                    "round",
                    progress,
                    |bench| round::measure(cell, bench.settings.time, &bench.processors),
                    |results, key, figures| results.rounds.push((key, number, figures)),
                );
            }
        }
        if self.counts_calls {
            for cell in &plan.counted {
                self.launch(
                    cell,
                    "system calls",
                    progress,
                    |bench| round::count(cell, &bench.processors),
                    |results, key, (calls, requests)| results.calls.push((key, calls, requests)),
                );
            }
        }
        for _ in 0..self.settings.few_rounds() {
            for cell in shuffled(&plan.timed, &mut rng) {
                let own = self.results.median(&cell.key, Figures::rate);
                let rates = [
                    (Rate::OfTheSlowest, self.results.slowest(scenario)),
                    (Rate::OfItsOwn, own.map(|rate| rate.value)),
                ];
                for (rate, most) in rates {
                    let Some(most) = most else { continue };
                    self.time(cell, rate, Asked { rate: most / 2.0, floods: 0 }, progress);
                }
            }
            for cell in shuffled(&plan.flooded, &mut rng) {
                for (rate, floods) in [(Rate::BesideFloods, FLOODS), (Rate::Alone, 0)] {
                    self.time(cell, rate, Asked { rate: FLOODED_RATE, floods }, progress);
                }
            }
        }
    }

    fn time(&mut self, cell: &Cell, rate: Rate, asked: Asked, progress: &ProgressBar) {
        self.launch(
            cell,
            "times of answers",
            progress,
            |bench| round::time(cell, asked, bench.settings.time, &bench.processors),
            |results, key, times| results.answers.push((key, rate, times.into())),
        );
    }

    /// Shows what is run, runs it, and keeps what it found, or the error; not what has failed before.
    fn launch<T>(
        &mut self,
        cell: &Cell,
        what: &str,
        progress: &ProgressBar,
        act: impl Fn(&Bench) -> Outcome<T>,
        keep: impl FnOnce(&mut Results, Key, T),
    ) {
        let key = cell.key.clone();
        progress.set_message(format!("{}: {}, {what}", key.scenario, key.name));
        if !self.results.has_failed(&key) {
            match stop::undisturbed(|| act(self)) {
                Ok(found) => keep(&mut self.results, key, found),
                Err(failure) => self.results.errors.push((key, failure.to_string())),
            }
        }
        progress.inc(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_has_everybody_once_and_in_another_order() {
        let mut rng = Rng::with_seed(1);
        let all: Vec<usize> = (0..20).collect();
        let orders = [shuffled(&all, &mut rng), shuffled(&all, &mut rng)];
        assert_ne!(orders[0], orders[1]);
        for mut order in orders {
            order.sort_unstable();
            assert!(order.into_iter().eq(&all));
        }
    }

    #[test]
    fn quick_is_less() {
        let time = Duration::from_millis(700);
        let usual = Settings { rounds: 15, time, quick: false };
        let quick = Settings { rounds: 1, quick: true, ..usual };
        let long = Settings { rounds: 60, ..usual };
        let few = [usual, quick, long].map(|settings| settings.few_rounds());
        assert_eq!(few, [ENOUGH, 1, 20]);
        assert_eq!(usual.of(&[1, 2, 3]), [1, 2, 3]);
        assert_eq!(quick.of(&[1, 2, 3]), [1, 2]);
    }
}
