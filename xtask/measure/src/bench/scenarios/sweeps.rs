//! `sizes`, `clients` and `idle`: how the cost grows.

use crate::bench::cell::{Cell, Key, Work};
use crate::bench::chart::{Chart, MOST_LINES};
use crate::bench::contender::Contender;
use crate::bench::load::Size;
use crate::bench::plan::{Bench, Plan};
use crate::bench::round::Figures;
use crate::bench::scenarios::columns::{Row, told};
use crate::bench::scenarios::{Section, USUAL, fit, reference};
use crate::bench::table::{NONE, Table, value};
use crate::units::figure;
use xtask::terminal::grouped;

/// A load that grows in one direction.
pub struct Sweep {
    name: &'static str,
    title: &'static str,
    /// What grows.
    across: &'static str,
    sizes: &'static [usize],
    /// The load of a size, and the size of a load.
    load: fn(usize) -> Size,
    size: fn(Size) -> usize,
    /// Whether those that serve fewer clients have fewer.
    is_for_all: bool,
    /// What is shown beside the processor time.
    more: &'static [(&'static str, Shown)],
}

type Shown = fn(&Row<'_>) -> String;

/// The bytes of a message.
pub const SIZES: Sweep = Sweep {
    name: "sizes",
    title: "µs of processor time for each request, 50 clients",
    across: "bytes",
    sizes: &[64, 1024, 16_384, 65_536],
    load: |bytes| Size { bytes, ..USUAL },
    size: |load| load.bytes,
    is_for_all: true,
    more: &[("MiB a second, echoed", |row| value(row.median(Figures::mib_a_second)))],
};

/// Clients, all active.
pub const CLIENTS: Sweep = Sweep {
    name: "clients",
    title: "µs of processor time for each request, all clients active, 64 bytes",
    across: "clients",
    sizes: &[1, 100, 1000, 10_000],
    load: |active| Size { active, ..USUAL },
    size: |load| load.active,
    is_for_all: false,
    more: &[],
};

/// Idle clients among 10 active ones.
pub const IDLE: Sweep = Sweep {
    name: "idle",
    title: "µs of processor time for each request, 10 active clients, 64 bytes",
    across: "idle clients",
    sizes: &[0, 100, 1000, 10_000],
    load: |idle| Size { active: 10, idle, ..USUAL },
    size: |load| load.idle,
    is_for_all: false,
    more: &[
        ("KiB of the server's memory for each client", |row| {
            value(row.median(Figures::kib_per_client))
        }),
        ("KiB of the kernel's memory for each client, with the client's own end", |row| {
            value(row.median(Figures::kernel_kib_per_client))
        }),
    ],
};

/// Whose lines are drawn; the tables have everybody.
const DRAWN: [&str; MOST_LINES] =
    ["thread-per-connection", "busy-polling", "poll", "edge-triggered", "io-uring", "tokio"];

/// The key of a contender among idle clients.
pub fn key_of_idle(name: &str, count: usize) -> Key {
    Key::new((IDLE.name, (IDLE.load)(count)), name)
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
            let mut load = (sweep.load)(*size);
            if sweep.is_for_all {
                load.active = load.active.min(contender.most_clients());
            }
            match fit::exactly(bench, sweep.name, &contender, load, Work::Closed) {
                Ok(cell) => cells.push(cell),
                Err(why) => {
                    let size = grouped(*size as f64);
                    cut.push((format!("{} at {size} {}", contender.name, sweep.across), why));
                    break;
                }
            }
        }
    }
    Plan { rounds: bench.settings.few_rounds(), cells, cut: fit::told(cut), ..Plan::default() }
}

/// A row for each contender, a column for each size.
pub fn show(sweep: &Sweep, bench: &Bench, plan: &Plan) -> Section {
    let sizes = bench.settings.of(sweep.sizes);
    let names: Vec<String> = sizes.iter().map(|size| grouped(*size as f64)).collect();
    let header: Vec<&str> =
        [sweep.across].into_iter().chain(names.iter().map(String::as_str)).collect();
    let of = |name: &str, size: usize| {
        let mut cells = plan.cells.iter().filter(|cell| cell.key.name == name);
        cells.find(|cell| (sweep.size)(cell.key.size) == size)
    };
    let table = |(title, shown): &(&str, Shown)| {
        let mut table = Table::new(*title, &header);
        for Contender { name, .. } in contenders(bench) {
            let cell = |size: &usize| {
                let row = of(&name, *size).map(|cell| Row { bench, cell, reference: None });
                row.map_or(NONE.to_owned(), |row| shown(&row))
            };
            let cells: Vec<String> = sizes.iter().map(cell).collect();
            table.rows.push([vec![name], cells].concat());
        }
        table
    };
    let costs: (&str, Shown) = (sweep.title, cost);
    let tables = [&costs].into_iter().chain(sweep.more).map(table).collect();
    let point = |cell: &Cell| {
        let micros = bench.results.median(&cell.key, Figures::micros)?;
        Some(((sweep.size)(cell.key.size).max(1) as f64, micros.value))
    };
    let line = |name: &str| {
        let cells = sizes.iter().filter_map(|size| of(name, *size));
        (name.to_owned(), cells.filter_map(point).collect())
    };
    let is_there = |name: &&str| bench.field.get(name).is_some();
    let lines = DRAWN.into_iter().filter(is_there).map(line).collect();
    let notes = vec![
        "In brackets: the ratio to the reference with the same load, paired by round; = where no \
         difference is shown."
            .to_owned(),
    ];
    // The chart's scale grows by factors, and has no zero.
    let none = if sizes[0] == 0 { " (none is drawn as 1)" } else { "" };
    let (title, across) = (sweep.title.to_owned(), format!("{}{none}", sweep.across));
    Section { tables, charts: vec![Chart::Lines { title, across, lines }], notes }
}

/// Processor time, and in brackets what that is to the reference with the same load.
fn cost(row: &Row<'_>) -> String {
    let Some(micros) = row.median(Figures::micros) else {
        return row.nothing().to_owned();
    };
    let key = &row.cell.key;
    let reference = reference(row.bench);
    let beside = reference.map(|one| Key { name: one.name.clone(), ..key.clone() });
    let ratio = beside.as_ref().and_then(|beside| {
        let ratio = row.bench.results.ratio(key, beside, Figures::micros)?;
        Some((ratio, row.bench.results.noise(beside, Figures::micros)))
    });
    let said = ratio.map(|(ratio, noise)| match told(ratio, noise) {
        "no difference shown" => " (=)".to_owned(),
        "too few rounds" => String::new(),
        _ => format!(" ({})", figure(ratio.value)),
    });
    figure(micros.value) + &said.unwrap_or_default()
}
