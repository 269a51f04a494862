//! What the benchmark must show, and whether it does.

use crate::bench::cell::Key;
use crate::bench::plan::Bench;
use crate::bench::results::Rate;
use crate::bench::round::Figures;
use crate::bench::scenarios::models::MODELS;
use crate::bench::scenarios::neighbours::{BURST, CHURN, FLOOD};
use crate::bench::scenarios::sweeps::key_of_idle;
use crate::bench::table::Table;
use crate::units::figure;

/// A figure that is to be reached: what it is, the most that it may be, and what it is here; `None`
/// where it was not measured.
type Target = (&'static str, f64, fn(&Bench) -> Option<f64>);

/// The loop to copy.
const EDGE: &str = "edge-triggered";
/// The most idle clients.
const IDLE: usize = 10_000;

const TARGETS: &[Target] = &[
    ("edge-triggered, to Tokio on one thread", 1.00, |bench| {
        ratio(bench, Key::new(MODELS, EDGE), Key::new(MODELS, "tokio"))
    }),
    ("edge-triggered, to the smallest loop in C", 1.05, |bench| {
        ratio(bench, Key::new(MODELS, EDGE), Key::new(MODELS, "c-epoll"))
    }),
    ("poll with 10,000 idle clients, to the smallest loop in C", 1.15, |bench| {
        ratio(bench, key_of_idle("poll", IDLE), key_of_idle("c-poll", IDLE))
    }),
    ("busy-polling with 10,000 idle clients, to the smallest loop in C", 1.15, |bench| {
        ratio(bench, key_of_idle("busy-polling", IDLE), key_of_idle("c-nonblocking", IDLE))
    }),
    ("edge-triggered with 10,000 idle clients, to none", 1.05, |bench| {
        ratio(bench, key_of_idle(EDGE, IDLE), key_of_idle(EDGE, 0))
    }),
    ("edge-triggered, a connection with one message, to Tokio", 0.80, |bench| {
        ratio(bench, Key::new(CHURN, EDGE), Key::new(CHURN, "tokio"))
    }),
    ("selectors-server on mio, to the same on epoll by hand", 1.15, |bench| {
        ratio(
            bench,
            Key::new(MODELS, "selectors-server"),
            Key::new(MODELS, "selectors-server epoll"),
        )
    }),
    ("edge-triggered, ms until the last of a burst is answered", 100.0, |bench| {
        Some(bench.results.median(&Key::new(BURST, EDGE), Figures::millis)?.value)
    }),
    ("io-uring beside four floods, half of the answers, to edge-triggered", 1.5, |bench| {
        let half = |name| {
            let key = Key::new(FLOOD, name);
            bench.results.answers(&key, Rate::BesideFloods, |answers| answers.half)
        };
        Some(half("io-uring")?.value / half(EDGE)?.value)
    }),
    ("system calls for each request, edge-triggered", 2.05, |bench| {
        bench.results.calls_per_request(&Key::new(MODELS, EDGE), |calls| calls.all)
    }),
    ("bytes of memory for each idle client, edge-triggered", 256.0, |bench| {
        let key = key_of_idle(EDGE, IDLE);
        Some(bench.results.median(&key, Figures::kib_per_client)?.value * 1024.0)
    }),
];

/// Processor time of the first to that of the second.
fn ratio(bench: &Bench, one: Key, other: Key) -> Option<f64> {
    let ratio = bench.results.ratio(&one, &other, Figures::micros)?;
    ratio.is_of_enough().then_some(ratio.value)
}

/// Each target with what was found here.
pub fn table(bench: &Bench) -> Table {
    let mut table = Table::new(
        "What it must show (medians of ratios of processor time, paired by round)",
        &["", "to reach", "found here", ""],
    );
    for (what, most, found) in TARGETS {
        let found = found(bench);
        table.rows.push(vec![
            (*what).to_owned(),
            format!("≤ {}", figure(*most)),
            found.map_or("not measured".to_owned(), figure),
            verdict(found, *most).to_owned(),
        ]);
    }
    table
}

fn verdict(found: Option<f64>, most: f64) -> &'static str {
    match found {
        None => "",
        Some(found) if found <= most => "reached",
        Some(_) => "not reached",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_reached_at_its_end() {
        assert_eq!(verdict(Some(0.9), 0.9), "reached");
        assert_eq!(verdict(Some(0.91), 0.9), "not reached");
        assert_eq!(verdict(None, 0.9), "");
    }
}
