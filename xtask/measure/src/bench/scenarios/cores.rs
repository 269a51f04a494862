//! `cores`: what more processors bring.

use crate::bench::contender::Contender;
use crate::bench::plan::{Bench, Plan};
use crate::bench::round::Figures;
use crate::bench::scenarios::columns::{
    BUSY, Column, LOAD_BUSY, MICROS, RATE, SERVER, THREADS, bars, table,
};
use crate::bench::scenarios::{Section, USUAL, fit, named};
use crate::statistics::Median;

const NAME: &str = "cores";

/// Who runs as many threads as `--threads` says.
const NAMES: &[&str] = &["epoll-per-core", "tokio"];

const COLUMNS: &[Column] = &[SERVER, THREADS, RATE, MICROS, BUSY, LOAD_BUSY];

/// A contender with so many threads, on as many processors.
fn with_threads(contender: &Contender, threads: usize) -> Contender {
    Contender {
        name: format!("{}, {threads}", contender.name),
        processors: threads,
        ..contender.with_option("--threads", &threads.to_string())
    }
}

/// Each with one thread, with two, up to one for each processor.
pub fn plan(bench: &Bench) -> Plan {
    let most = bench.processors.count();
    let all = named(bench, NAMES).into_iter();
    let all = all.flat_map(|one| (1..=most).map(move |threads| with_threads(&one, threads)));
    let cells = all.map(|contender| fit::as_many(NAME, &contender, USUAL)).collect();
    Plan { rounds: bench.settings.few_rounds(), cells, ..Plan::default() }
}

/// Requests in a second, and what each costs.
pub fn show(bench: &Bench, plan: &Plan) -> Section {
    let title = "Loops on processors of their own";
    let table = table(bench, title, &plan.cells, None, COLUMNS);
    let mut notes = vec![
        "The load is one thread on the last processor. A server that has all processors shares that \
         one with it, and requests/s cannot grow beyond what one thread of load asks."
            .to_owned(),
    ];
    notes.extend(named(bench, NAMES).iter().flat_map(|one| slower(bench, one)));
    let bars =
        bars(bench, "requests in a second", &plan.cells, Figures::rate, |key| key.name.clone());
    Section { tables: vec![table], charts: vec![bars], notes }
}

/// A line for each number of threads with which a contender is slower than with one.
fn slower(bench: &Bench, contender: &Contender) -> Vec<String> {
    let key = |threads| fit::as_many(NAME, &with_threads(contender, threads), USUAL).key;
    let told = |threads: usize| {
        let ratio = bench.results.ratio(&key(threads), &key(1), Figures::rate);
        slower_by(ratio).map(|ratio| {
            format!(
                "{}: {threads} threads answer {:.0} % of the requests that one thread answers.",
                contender.name,
                ratio * 100.0
            )
        })
    };
    (2..=bench.processors.count()).filter_map(told).collect()
}

/// The ratio of two rates, if the first one is lower whatever the rounds' noise.
fn slower_by(ratio: Option<Median>) -> Option<f64> {
    ratio.filter(|ratio| ratio.high < 1.0).map(|ratio| ratio.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_that_make_it_slower_are_told() {
        let ratio = |low, high| Some(Median { value: 0.75, low, high, rounds: 7 });
        assert_eq!(slower_by(ratio(0.7, 0.8)), Some(0.75));
        assert_eq!(slower_by(ratio(0.7, 1.1)), None);
        assert_eq!(slower_by(None), None);
    }
}
