//! `sizes`, `clients` and `idle`: how the cost grows.

use crate::bench::chart::{Chart, MOST_LINES};
use crate::bench::contender::Contender;
use crate::bench::load::Size;
use crate::bench::plan::{Bench, Cell, Plan};
use crate::bench::results::Key;
use crate::bench::round::Figures;
use crate::bench::scenarios::compare::{memory_of, memory_per_client, noise, told};
use crate::bench::scenarios::{Section, USUAL, fit, reference};
use crate::bench::table::{NONE, Table, figure, figure_or_none};
use xtask::terminal::grouped;

/// A load that grows in one direction.
pub struct Sweep {
    name: &'static str,
    title: &'static str,
    /// What grows.
    across: &'static str,
    sizes: &'static [usize],
    size: fn(usize) -> Size,
}

/// The bytes of a message.
pub const SIZES: Sweep = Sweep {
    name: "sizes",
    title: "µs of processor time for each request, 50 clients",
    across: "bytes",
    sizes: &[64, 1024, 16_384, 65_536],
    size: |bytes| Size { bytes, ..USUAL },
};

/// Clients, all active.
pub const CLIENTS: Sweep = Sweep {
    name: "clients",
    title: "µs of processor time for each request, all clients active, 64 bytes",
    across: "clients",
    sizes: &[1, 100, 1000, 10_000],
    size: |active| Size { active, ..USUAL },
};

/// Idle clients among 10 active ones.
pub const IDLE: Sweep = Sweep {
    name: "idle",
    title: "µs of processor time for each request, 10 active clients, 64 bytes",
    across: "idle clients",
    sizes: &[0, 100, 1000, 10_000],
    size: idle,
};

/// Whose lines are drawn; the tables have everybody.
const DRAWN: [&str; MOST_LINES] =
    ["thread-per-connection", "busy-polling", "poll", "edge-triggered", "io-uring", "tokio"];

/// Ten active clients among so many idle ones.
pub fn idle(idle: usize) -> Size {
    Size { active: 10, idle, ..USUAL }
}

/// The key of a contender among idle clients.
pub fn key_of_idle(name: &str, count: usize) -> Key {
    Key { scenario: IDLE.name, name: name.to_owned(), size: idle(count) }
}

fn contenders(bench: &Bench) -> Vec<Contender> {
    let all = bench.field.contenders.iter().filter(|one| fit::stands_for_its_model(one)).cloned();
    all.chain(reference(bench).map(Contender::again)).collect()
}

/// Each contender with each size that it can have.
pub fn plan(sweep: &Sweep, bench: &Bench) -> Plan {
    let (mut cells, mut cut) = (Vec::new(), Vec::new());
    for contender in contenders(bench) {
        for size in bench.settings.of(sweep.sizes) {
            match fit_to(sweep, bench, &contender, *size) {
                Ok(cell) => cells.push(cell),
                Err(why) => {
                    let what =
                        format!("{} at {} {}", contender.name, grouped(*size as f64), sweep.across);
                    cut.push((what, why));
                    break;
                }
            }
        }
    }
    Plan { rounds: bench.settings.few_rounds(), cells, cut: fit::told(cut), ..Plan::default() }
}

/// Where the size is not that of the clients, whoever serves fewer has fewer.
fn fit_to(
    sweep: &Sweep,
    bench: &Bench,
    contender: &Contender,
    size: usize,
) -> Result<Cell, String> {
    let mut size = (sweep.size)(size);
    if sweep.name == SIZES.name {
        size.active = size.active.min(contender.most_clients());
    }
    fit::exactly(bench, contender, size)
}

/// A row for each contender, a column for each size.
pub fn show(sweep: &Sweep, bench: &Bench) -> Section {
    let sizes = bench.settings.of(sweep.sizes);
    let names: Vec<String> = sizes.iter().map(|size| grouped(*size as f64)).collect();
    let header: Vec<&str> =
        [sweep.across].into_iter().chain(names.iter().map(String::as_str)).collect();
    let mut table = Table::new(sweep.title, &header);
    let mut more: Vec<(Table, Shown)> =
        more(sweep).into_iter().map(|(title, shown)| (Table::new(title, &header), shown)).collect();
    let mut lines = Vec::new();
    for contender in contenders(bench) {
        let cells: Vec<Option<Cell>> =
            sizes.iter().map(|size| fit_to(sweep, bench, &contender, *size).ok()).collect();
        let shown = |show: Shown| {
            let name = [contender.name.clone()].into_iter();
            let cells = cells.iter().map(|cell| {
                cell.as_ref().map_or(NONE.to_owned(), |cell| show(bench, &cell.key(sweep.name)))
            });
            name.chain(cells).collect::<Vec<_>>()
        };
        table.rows.push(shown(cost));
        for (table, show) in &mut more {
            table.rows.push(shown(*show));
        }
        let points = cells.iter().zip(sizes).filter_map(|(cell, size)| {
            let key = cell.as_ref()?.key(sweep.name);
            let micros = bench.results.median(&key, Figures::micros)?;
            Some(((*size).max(1) as f64, micros.value))
        });
        if DRAWN.contains(&contender.name.as_str()) {
            lines.push((contender.name.clone(), points.collect()));
        }
    }
    let notes = vec![
        "In brackets: the ratio to the reference with the same load, paired by round; = where no \
         difference is shown."
            .to_owned(),
    ];
    // The chart's scale grows by factors, and has no zero.
    let none = if sizes[0] == 0 { " (none is drawn as 1)" } else { "" };
    let (title, across) = (sweep.title.to_owned(), format!("{}{none}", sweep.across));
    let charts = vec![Chart::Lines { title, across, lines }];
    let tables = [table].into_iter().chain(more.into_iter().map(|(table, _)| table)).collect();
    Section { tables, charts, notes }
}

/// What a cell says.
type Shown = fn(&Bench, &Key) -> String;

/// What a sweep shows beside the processor time.
fn more(sweep: &Sweep) -> Vec<(&'static str, Shown)> {
    match sweep.name {
        "sizes" => vec![("MiB a second, echoed", |bench, key| {
            let rate = bench.results.median(key, Figures::rate);
            figure_or_none(rate.map(|rate| rate.value * key.size.bytes as f64 / 1_048_576.0))
        })],
        "idle" => vec![
            ("KiB of the server's memory for each client", |bench, key| {
                kib(memory_per_client(bench, key))
            }),
            (
                "KiB of the kernel's memory for each client, with the client's own end",
                |bench, key| kib(memory_of(bench, key, Figures::kernel_memory_per_client)),
            ),
        ],
        _ => Vec::new(),
    }
}

fn kib(bytes: Option<f64>) -> String {
    figure_or_none(bytes.map(|bytes| bytes / 1024.0))
}

/// Processor time, and in brackets what that is to the reference.
fn cost(bench: &Bench, key: &Key) -> String {
    let Some(micros) = bench.results.median(key, Figures::micros) else {
        return if bench.results.has_failed(key) { "error" } else { NONE }.to_owned();
    };
    let beside =
        reference(bench).map(|reference| Key { name: reference.name.clone(), ..key.clone() });
    let ratio = beside.as_ref().and_then(|beside| {
        let ratio = bench.results.ratio(key, beside, Figures::micros)?;
        Some((ratio, noise(bench, beside, Figures::micros)))
    });
    let said = ratio.map(|(ratio, noise)| match told(ratio, noise) {
        "no difference shown" => " (=)".to_owned(),
        "too few rounds" => String::new(),
        _ => format!(" ({})", figure(ratio.value)),
    });
    figure(micros.value) + &said.unwrap_or_default()
}
