//! What the benchmark must show, and whether it does.

use crate::bench::load::Size;
use crate::bench::plan::Bench;
use crate::bench::results::Key;
use crate::bench::round::Figures;
use crate::bench::scenarios::compare::memory_per_client;
use crate::bench::scenarios::sweeps::key_of_idle;
use crate::bench::scenarios::{USUAL, listing};
use crate::bench::table::{Table, figure, figure_or_none};

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
        most: 0.90,
        found: Found::Ratio(|| models(EDGE, "tokio")),
    },
    Target {
        what: "edge-triggered, to the minimal loop in C",
        most: 1.05,
        found: Found::Ratio(|| models(EDGE, "c-epoll")),
    },
    Target {
        what: "io-uring, to edge-triggered",
        most: 0.75,
        found: Found::Ratio(|| models("io-uring", EDGE)),
    },
    Target {
        what: "select-server, to its Python original; both print",
        most: 0.30,
        found: Found::Ratio(|| listing::with_its_original("select-server", true)),
    },
    Target {
        what: "select-server, to its Python original; neither prints",
        most: 0.30,
        found: Found::Ratio(|| listing::with_its_original("select-server", false)),
    },
    Target {
        what: "epoll-server, to its Python original; both print",
        most: 0.30,
        found: Found::Ratio(|| listing::with_its_original("epoll-server", true)),
    },
    Target {
        what: "epoll-server, to its Python original; neither prints",
        most: 0.30,
        found: Found::Ratio(|| listing::with_its_original("epoll-server", false)),
    },
    Target {
        what: "selectors-server, to its Python original; both print",
        most: 0.30,
        found: Found::Ratio(|| listing::with_its_original("selectors-server", true)),
    },
    Target {
        what: "selectors-server, to its Python original; neither prints",
        most: 0.30,
        found: Found::Ratio(|| listing::with_its_original("selectors-server", false)),
    },
    Target {
        what: "selectors-server on mio, to the same on epoll by hand",
        most: 1.15,
        found: Found::Ratio(|| models("selectors-server", "selectors-server epoll")),
    },
    Target {
        what: "edge-triggered with 10,000 idle clients, to none",
        most: 1.05,
        found: Found::Ratio(|| (key_of_idle(EDGE, 10_000), key_of_idle(EDGE, 0))),
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
                bench.results.ratio(&one, &other, Figures::micros).map(|ratio| ratio.value)
            }
            Found::Figure(found) => found(bench),
        }
    }

    /// What a ratio would be if the first took no time outside of the kernel.
    fn kernel_alone(&self, bench: &Bench) -> Option<f64> {
        let Found::Ratio(keys) = self.found else { return None };
        Some(self.found(bench)? * bench.results.kernel_share(&keys().0)?)
    }
}

/// Each target with what was found here.
pub fn table(bench: &Bench) -> Table {
    let mut table = Table::new(
        "What it must show (medians of ratios of processor time, paired by round)",
        &["", "to reach", "found here", "", "kernel alone"],
    );
    for target in TARGETS {
        let found = target.found(bench);
        table.rows.push(vec![
            target.what.to_owned(),
            format!("≤ {}", figure(target.most)),
            found.map_or("not measured".to_owned(), figure),
            verdict(found, target.most).to_owned(),
            figure_or_none(target.kernel_alone(bench)),
        ]);
    }
    table
}

/// How to read the table.
pub const NOTE: &str = "\"Kernel alone\" is the ratio that would be left if the first of the two took \
    no time outside of the kernel. Where that is above what is to be reached, no program reaches it \
    by the same system calls: what a request costs is the kernel's TCP.";

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
