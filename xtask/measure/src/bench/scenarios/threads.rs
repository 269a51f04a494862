//! `threads`: what a thread, a process, a pool and a loop cost for each client.

use crate::bench::load::Size;
use crate::bench::plan::{Bench, Plan};
use crate::bench::round::Figures;
use crate::bench::scenarios::columns::{
    CLIENTS, Column, MEMORY, MICROS, SERVER, SWITCHES, bars, table, with_clients,
};
use crate::bench::scenarios::{Section, USUAL, fit, named};

const NAME: &str = "threads";

const NAMES: &[&str] = &[
    "thread-per-connection",
    "process-per-connection",
    "pre-forked",
    "threadpool-server",
    "socketserver",
    "epoll-server",
    "edge-triggered",
];

const SIZES: &[usize] = &[50, 500];

const COLUMNS: &[Column] = &[SERVER, CLIENTS, MEMORY, SWITCHES, MICROS];

/// Each with few clients and with many.
pub fn plan(bench: &Bench) -> Plan {
    let mut plan = Plan { rounds: bench.settings.few_rounds(), ..Plan::default() };
    for contender in named(bench, NAMES) {
        for active in bench.settings.of(SIZES) {
            let cell = fit::as_many(NAME, &contender, Size { active: *active, ..USUAL });
            // A pool has no more clients for a larger load.
            if !plan.cells.iter().any(|known| known.key == cell.key) {
                plan.cells.push(cell);
            }
        }
    }
    plan
}

pub fn show(bench: &Bench, plan: &Plan) -> Section {
    let title = "Own memory of all processes, and switches";
    let table = table(bench, title, &plan.cells, None, COLUMNS);
    let notes = vec![
        "Memory is what holds no file's data and what processes share counts once; the kernel's own \
         memory for threads, processes and sockets is not in it."
            .to_owned(),
    ];
    let title = "KiB of memory for each client";
    let bars = bars(bench, title, &plan.cells, Figures::kib_per_client, with_clients);
    Section { tables: vec![table], charts: vec![bars], notes }
}
