//! `cores`: what more processors bring.

use crate::bench::chart::Chart;
use crate::bench::contender::Contender;
use crate::bench::plan::{Bench, Cell, Plan};
use crate::bench::round::Figures;
use crate::bench::scenarios::{Section, USUAL, fit, named};
use crate::bench::table::{Table, value};
use crate::statistics::Median;
use crate::statistics::median;
use xtask::terminal::grouped;

const NAME: &str = "cores";

/// Who runs as many threads as `--threads` says.
const NAMES: &[&str] = &["epoll-per-core", "tokio"];

/// A contender with so many threads, on as many processors.
fn with_threads(contender: &Contender, threads: usize) -> Contender {
    Contender {
        name: format!("{}, {threads}", contender.name),
        processors: threads,
        ..contender.with_option("--threads", &threads.to_string())
    }
}

fn cells(bench: &Bench) -> Vec<Cell> {
    let most = bench.processors.count();
    let all = named(bench, NAMES).into_iter();
    let all = all.flat_map(|one| (1..=most).map(move |threads| with_threads(&one, threads)));
    all.map(|contender| fit::as_many(&contender, USUAL)).collect()
}

/// Each with one thread, with two, up to one for each processor.
pub fn plan(bench: &Bench) -> Plan {
    Plan { rounds: bench.settings.few_rounds(), cells: cells(bench), ..Plan::default() }
}

/// Requests in a second, and what each costs.
pub fn show(bench: &Bench) -> Section {
    let mut table = Table::new(
        "Loops on processors of their own",
        &["server", "threads", "requests/s", "µs/request", "server busy", "load busy"],
    );
    let mut bars = Vec::new();
    for cell in cells(bench) {
        let key = cell.key(NAME);
        let rate = bench.results.median(&key, Figures::rate);
        let busy = |figure| median(&bench.results.values(&key, figure));
        table.rows.push(vec![
            key.name.clone(),
            cell.contender.processors.to_string(),
            rate.map_or_else(String::new, |rate| grouped(rate.value)),
            value(bench.results.median(&key, Figures::micros)),
            super::compare::percent(busy(Figures::busy)),
            super::compare::percent(busy(Figures::load_busy)),
        ]);
        bars.extend(rate.map(|rate| (key.name.clone(), rate.value, rate.low, rate.high)));
    }
    let mut notes = vec![
        "The load is one thread on the last processor. A server that has all processors shares that \
         one with it, and requests/s cannot grow beyond what one thread of load asks."
            .to_owned(),
    ];
    notes.extend(named(bench, NAMES).iter().flat_map(|one| slower(bench, one)));
    let charts = vec![Chart::Bars { title: "requests in a second".to_owned(), bars }];
    Section { tables: vec![table], charts, notes }
}

/// A line for each number of threads with which a contender is slower than with one.
fn slower(bench: &Bench, contender: &Contender) -> Vec<String> {
    let key = |threads| fit::as_many(&with_threads(contender, threads), USUAL).key(NAME);
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
