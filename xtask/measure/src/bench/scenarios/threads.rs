//! `threads`: what a thread, a process, a pool and a loop cost for each client.

use crate::bench::chart::Chart;
use crate::bench::load::Size;
use crate::bench::plan::{Bench, Cell, Plan};
use crate::bench::round::Figures;
use crate::bench::scenarios::compare::memory_per_client;
use crate::bench::scenarios::{Section, USUAL, fit, named};
use crate::bench::table::{Table, figure_or_none, value};
use crate::statistics::median;

const NAME: &str = "threads";

/// Who is measured.
const NAMES: &[&str] = &[
    "thread-per-connection",
    "process-per-connection",
    "pre-forked",
    "threadpool-server",
    "socketserver",
    "epoll-server",
    "edge-triggered",
];

/// How many clients there are.
const CLIENTS: &[usize] = &[50, 500];

fn cells(bench: &Bench) -> Vec<Cell> {
    let sizes = bench.settings.of(CLIENTS).iter().map(|active| Size { active: *active, ..USUAL });
    let mut cells: Vec<Cell> = Vec::new();
    for contender in named(bench, NAMES) {
        for size in sizes.clone() {
            let cell = fit::as_many(&contender, size);
            // A pool has no more clients for a larger load.
            if !cells.iter().any(|known| known.key(NAME) == cell.key(NAME)) {
                cells.push(cell);
            }
        }
    }
    cells
}

/// Each with few clients and with many.
pub fn plan(bench: &Bench) -> Plan {
    Plan { rounds: bench.settings.few_rounds(), cells: cells(bench), ..Plan::default() }
}

/// Memory and switches.
pub fn show(bench: &Bench) -> Section {
    let mut table = Table::new(
        "Own memory of all processes, and switches",
        &["server", "clients", "KiB/client", "switches/request", "µs/request"],
    );
    let mut bars = Vec::new();
    for cell in cells(bench) {
        let key = cell.key(NAME);
        let memory = memory_per_client(bench, &key).map(|bytes| bytes / 1024.0);
        table.rows.push(vec![
            key.name.clone(),
            key.size.active.to_string(),
            figure_or_none(memory),
            figure_or_none(median(&bench.results.values(&key, Figures::switches))),
            value(bench.results.median(&key, Figures::micros)),
        ]);
        if let Some(memory) = memory {
            bars.push((
                format!("{}, {} clients", key.name, key.size.active),
                memory,
                memory,
                memory,
            ));
        }
    }
    let notes = vec![
        "Memory is what holds no file's data and what processes share counts once; the kernel's own \
         memory for threads, processes and sockets is not in it."
            .to_owned(),
    ];
    let title = "KiB of memory for each client".to_owned();
    Section { tables: vec![table], charts: vec![Chart::Bars { title, bars }], notes }
}
