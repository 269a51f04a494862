//! What the benchmark must show, and whether it does.

use crate::bench::load::Size;
use crate::bench::plan::Bench;
use crate::bench::results::Key;
use crate::bench::round::Figures;
use crate::bench::scenarios::compare::memory_per_client;
use crate::bench::scenarios::sweeps::key_of_idle;
use crate::bench::scenarios::{USUAL, listing};
use crate::bench::table::{Table, figure};

/// A figure that is to be reached.
struct Target {
    /// What it is.
    what: &'static str,
    /// The most that it may be.
    most: f64,
    /// What it is here; `None` where it was not measured.
    found: fn(&Bench) -> Option<f64>,
}

/// The loop to copy.
const EDGE: &str = "edge-triggered";

const TARGETS: &[Target] = &[
    Target {
        what: "edge-triggered, to Tokio on one thread",
        most: 0.90,
        found: |bench| ratio(bench, EDGE, "tokio"),
    },
    Target {
        what: "edge-triggered, to the minimal loop in C",
        most: 1.05,
        found: |bench| ratio(bench, EDGE, "c-epoll"),
    },
    Target {
        what: "io-uring, to edge-triggered",
        most: 0.75,
        found: |bench| ratio(bench, "io-uring", EDGE),
    },
    Target {
        what: "select-server, to its Python original; both print",
        most: 0.30,
        found: |bench| listing::to_its_original(bench, "select-server", true),
    },
    Target {
        what: "select-server, to its Python original; neither prints",
        most: 0.30,
        found: |bench| listing::to_its_original(bench, "select-server", false),
    },
    Target {
        what: "epoll-server, to its Python original; both print",
        most: 0.30,
        found: |bench| listing::to_its_original(bench, "epoll-server", true),
    },
    Target {
        what: "epoll-server, to its Python original; neither prints",
        most: 0.30,
        found: |bench| listing::to_its_original(bench, "epoll-server", false),
    },
    Target {
        what: "selectors-server, to its Python original; both print",
        most: 0.30,
        found: |bench| listing::to_its_original(bench, "selectors-server", true),
    },
    Target {
        what: "selectors-server, to its Python original; neither prints",
        most: 0.30,
        found: |bench| listing::to_its_original(bench, "selectors-server", false),
    },
    Target {
        what: "selectors-server on mio, to the same on epoll by hand",
        most: 1.15,
        found: |bench| ratio(bench, "selectors-server", "selectors-server epoll"),
    },
    Target {
        what: "edge-triggered with 10,000 idle clients, to none",
        most: 1.05,
        found: |bench| {
            let (many, none) = (key_of_idle(EDGE, 10_000), key_of_idle(EDGE, 0));
            bench.results.ratio(&many, &none, Figures::micros).map(|ratio| ratio.value)
        },
    },
    Target {
        what: "system calls for each request, edge-triggered",
        most: 2.05,
        found: |bench| bench.results.calls_per_request(&key(EDGE), |calls| calls.all),
    },
    Target {
        what: "bytes of memory for each idle client, edge-triggered",
        most: 256.0,
        found: |bench| memory_per_client(bench, &key_of_idle(EDGE, 10_000)),
    },
];

fn key(name: &str) -> Key {
    Key { scenario: "models", name: name.to_owned(), size: Size { ..USUAL } }
}

fn ratio(bench: &Bench, one: &str, other: &str) -> Option<f64> {
    let ratio = bench.results.ratio(&key(one), &key(other), Figures::micros);
    ratio.map(|ratio| ratio.value)
}

/// Each target with what was found here.
pub fn table(bench: &Bench) -> Table {
    let mut table = Table::new(
        "What it must show (medians of ratios of processor time, paired by round)",
        &["", "to reach", "found here", ""],
    );
    for target in TARGETS {
        let found = (target.found)(bench);
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
