//! What a scenario measures, and how it is run: in shuffled rounds, with the time that is left.

use std::time::Duration;

use fastrand::Rng;
use indicatif::ProgressBar;

use crate::bench::contender::{Contender, Field};
use crate::bench::load::Size;
use crate::bench::results::{Key, Rate, Results};
use crate::bench::round::{self, Asked, Figures, Work};
use crate::bench::syscalls::Means;
use crate::pin::Processors;
use crate::statistics::ENOUGH;
use xtask::harness::outcome::Failure;
use xtask::harness::stop;

/// What a launch and an end take, about: only the time left depends on it.
const LAUNCH: Duration = Duration::from_millis(150);

/// The same for each client that connects.
const CLIENT: Duration = Duration::from_micros(200);

/// Clients that flood a server while the answers of others are timed, and how often the others ask
/// in a second: seldom enough for every server.
const FLOODS: usize = 4;
const FLOODED_RATE: f64 = 500.0;

/// A contender under a load.
#[derive(Clone)]
pub struct Cell {
    /// Who is loaded.
    pub contender: Contender,
    /// By how many.
    pub size: Size,
    /// And how.
    pub work: Work,
}

impl Cell {
    /// What its figures are kept under.
    pub fn key(&self, scenario: &'static str) -> Key {
        Key { scenario, name: self.contender.name.clone(), size: self.size }
    }

    fn takes(&self, time: Duration) -> Duration {
        let clients = (self.size.active + self.size.idle) as u32;
        LAUNCH + CLIENT * clients + time
    }
}

/// All that a scenario measures.
#[derive(Clone, Default)]
pub struct Plan {
    /// How many rounds there are.
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
    /// How long it takes, about.
    pub fn takes(&self, settings: &Settings) -> Duration {
        let rounds: Duration = self.cells.iter().map(|cell| cell.takes(settings.time)).sum();
        let counted: Duration = self.counted.iter().map(|cell| cell.takes(settings.time)).sum();
        let timed = self.timed.iter().chain(&self.flooded);
        let timed: Duration = timed.map(|cell| cell.takes(settings.time) * 2).sum();
        rounds * self.rounds as u32 + counted + timed * settings.few_rounds() as u32
    }
}

/// The order of a round: everything once.
pub fn shuffled<T>(all: &[T], rng: &mut Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..all.len()).collect();
    rng.shuffle(&mut order);
    order
}

/// How long and how often is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Rounds where ratios matter.
    pub rounds: usize,
    /// How long a round is.
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
    /// Who is measured.
    pub field: Field,
    /// Where.
    pub processors: Processors,
    /// The day, the machine, and how long and how often is measured, in words.
    pub run: String,
    /// Descriptors that a process may have.
    pub descriptors: u64,
    /// Who counts system calls.
    pub means: Option<Means>,
    /// What was found so far.
    pub results: Results,
}

impl Bench {
    /// Runs a plan to its end. A round that fails is kept as an error; its contender is left out of
    /// the rounds that follow, where it would fail again.
    pub fn run(&mut self, name: &'static str, plan: &Plan, progress: &ProgressBar) {
        let mut rng = Rng::with_seed(plan.rounds as u64);
        for number in 0..plan.rounds {
            for place in shuffled(&plan.cells, &mut rng) {
                self.measure(name, &plan.cells[place], number, progress);
            }
        }
        for cell in &plan.counted {
            self.count(name, cell, progress);
        }
        for _ in 0..self.settings.few_rounds() {
            for place in shuffled(&plan.timed, &mut rng) {
                let cell = &plan.timed[place];
                let own = self.results.median(&cell.key(name), Figures::rate);
                let rates = [
                    (Rate::OfTheSlowest, self.results.slowest(name)),
                    (Rate::OfItsOwn, own.map(|rate| rate.value)),
                ];
                for (rate, most) in rates {
                    let Some(most) = most else { continue };
                    let asked = Asked { rate: most / 2.0, floods: 0 };
                    self.time(name, cell, rate, asked, progress);
                }
            }
            for place in shuffled(&plan.flooded, &mut rng) {
                for (rate, floods) in [(Rate::BesideFloods, FLOODS), (Rate::Alone, 0)] {
                    let asked = Asked { rate: FLOODED_RATE, floods };
                    self.time(name, &plan.flooded[place], rate, asked, progress);
                }
            }
        }
    }

    fn measure(&mut self, name: &'static str, cell: &Cell, number: usize, progress: &ProgressBar) {
        let Some(key) = self.begin(name, cell, "round", progress) else { return };
        let Settings { time, .. } = self.settings;
        let measured = stop::undisturbed(|| {
            round::measure(&cell.contender, cell.work, cell.size, time, &self.processors)
        });
        match measured {
            Ok(figures) => self.results.rounds.push((key, number, figures)),
            Err(failure) => self.fail(key, &failure),
        }
        progress.inc(millis(cell.takes(time)));
    }

    fn count(&mut self, name: &'static str, cell: &Cell, progress: &ProgressBar) {
        let Some(key) = self.begin(name, cell, "system calls", progress) else { return };
        if let Some(means) = self.means {
            let counted = stop::undisturbed(|| {
                round::count(&cell.contender, cell.work, cell.size, means, &self.processors)
            });
            match counted {
                Ok((calls, requests)) => self.results.calls.push((key, calls, requests)),
                Err(failure) => self.fail(key, &failure),
            }
        }
        progress.inc(millis(cell.takes(self.settings.time)));
    }

    fn time(
        &mut self,
        name: &'static str,
        cell: &Cell,
        rate: Rate,
        asked: Asked,
        progress: &ProgressBar,
    ) {
        let Some(key) = self.begin(name, cell, "times of answers", progress) else { return };
        let time = self.settings.time;
        let timed = stop::undisturbed(|| {
            round::time(&cell.contender, asked, cell.size, time, &self.processors)
        });
        match timed {
            Ok(times) => self.results.answers.push((key, rate, times.into())),
            Err(failure) => self.fail(key, &failure),
        }
        progress.inc(millis(cell.takes(time)));
    }

    /// Shows what is run; `None` where the contender has failed before.
    fn begin(
        &self,
        name: &'static str,
        cell: &Cell,
        what: &str,
        progress: &ProgressBar,
    ) -> Option<Key> {
        progress.set_message(format!("{name}: {}, {what}", cell.contender.name));
        Some(cell.key(name)).filter(|key| !self.results.has_failed(key))
    }

    fn fail(&mut self, key: Key, failure: &Failure) {
        self.results.errors.push((key, failure.to_string()));
    }
}

/// As the progress counts.
pub fn millis(time: Duration) -> u64 {
    time.as_millis() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_has_everybody_once_and_in_another_order() {
        let mut rng = Rng::with_seed(1);
        let all = [(); 20];
        let orders = [shuffled(&all, &mut rng), shuffled(&all, &mut rng)];
        assert_ne!(orders[0], orders[1]);
        for mut order in orders {
            order.sort_unstable();
            assert_eq!(order, (0..20).collect::<Vec<_>>());
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
