//! What the benchmark must show, and whether it does.

use crate::bench::load::Size;
use crate::bench::plan::Bench;
use crate::bench::results::{Key, Rate};
use crate::bench::round::Figures;
use crate::bench::scenarios::USUAL;
use crate::bench::scenarios::compare::memory_per_client;
use crate::bench::scenarios::neighbours::{key_of_burst, key_of_churn, key_of_flood};
use crate::bench::scenarios::sweeps::key_of_idle;
use crate::bench::table::{Table, figure};

/// A figure that is to be reached.
struct Target {
    /// What it is.
    what: &'static str,
    /// The most that it may be.
    most: f64,
    found: Found,
}

/// Where it is found.
enum Found {
    /// Processor time of the first to that of the second.
    Ratio(fn() -> (Key, Key)),
    /// Another figure; `None` where it was not measured.
    Figure(fn(&Bench) -> Option<f64>),
}

/// The loop to copy.
const EDGE: &str = "edge-triggered";

const TARGETS: &[Target] = &[
    Target {
        what: "edge-triggered, to Tokio on one thread",
        most: 1.00,
        found: Found::Ratio(|| models(EDGE, "tokio")),
    },
    Target {
        what: "edge-triggered, to the smallest loop in C",
        most: 1.05,
        found: Found::Ratio(|| models(EDGE, "c-epoll")),
    },
    Target {
        what: "poll with 10,000 idle clients, to the smallest loop in C",
        most: 1.15,
        found: Found::Ratio(|| (key_of_idle("poll", 10_000), key_of_idle("c-poll", 10_000))),
    },
    Target {
        what: "busy-polling with 10,000 idle clients, to the smallest loop in C",
        most: 1.15,
        found: Found::Ratio(|| {
            (key_of_idle("busy-polling", 10_000), key_of_idle("c-nonblocking", 10_000))
        }),
    },
    Target {
        what: "edge-triggered with 10,000 idle clients, to none",
        most: 1.05,
        found: Found::Ratio(|| (key_of_idle(EDGE, 10_000), key_of_idle(EDGE, 0))),
    },
    Target {
        what: "edge-triggered, a connection with one message, to Tokio",
        most: 0.80,
        found: Found::Ratio(|| (key_of_churn(EDGE), key_of_churn("tokio"))),
    },
    Target {
        what: "selectors-server on mio, to the same on epoll by hand",
        most: 1.15,
        found: Found::Ratio(|| models("selectors-server", "selectors-server epoll")),
    },
    Target {
        what: "edge-triggered, ms until the last of a burst is answered",
        most: 100.0,
        found: Found::Figure(|bench| {
            Some(bench.results.median(&key_of_burst(EDGE), Figures::millis)?.value)
        }),
    },
    Target {
        what: "io-uring beside four floods, half of the answers, to edge-triggered",
        most: 1.5,
        found: Found::Figure(|bench| {
            let half = |name| {
                let key = key_of_flood(name);
                bench.results.answers(&key, Rate::BesideFloods, |answers| answers.half)
            };
            Some(half("io-uring")?.value / half(EDGE)?.value)
        }),
    },
    Target {
        what: "system calls for each request, edge-triggered",
        most: 2.05,
        found: Found::Figure(|bench| {
            bench.results.calls_per_request(&key(EDGE), |calls| calls.all)
        }),
    },
    Target {
        what: "bytes of memory for each idle client, edge-triggered",
        most: 256.0,
        found: Found::Figure(|bench| memory_per_client(bench, &key_of_idle(EDGE, 10_000))),
    },
];

fn key(name: &str) -> Key {
    Key { scenario: "models", name: name.to_owned(), size: Size { ..USUAL } }
}

fn models(one: &str, other: &str) -> (Key, Key) {
    (key(one), key(other))
}

impl Target {
    /// What it is here; `None` where it was not measured.
    fn found(&self, bench: &Bench) -> Option<f64> {
        match self.found {
            Found::Ratio(keys) => {
                let (one, other) = keys();
                let ratio = bench.results.ratio(&one, &other, Figures::micros);
                ratio.filter(|ratio| ratio.is_of_enough()).map(|ratio| ratio.value)
            }
            Found::Figure(found) => found(bench),
        }
    }
}

/// Each target with what was found here.
pub fn table(bench: &Bench) -> Table {
    let mut table = Table::new(
        "What it must show (medians of ratios of processor time, paired by round)",
        &["", "to reach", "found here", ""],
    );
    for target in TARGETS {
        let found = target.found(bench);
        table.rows.push(vec![
            target.what.to_owned(),
            format!("≤ {}", figure(target.most)),
            found.map_or("not measured".to_owned(), figure),
            verdict(found, target.most).to_owned(),
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
