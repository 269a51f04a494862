//! What tables and charts say of a cell: each column is a function of its row.

use crate::bench::cell::{Cell, Key};
use crate::bench::chart::Chart;
use crate::bench::plan::Bench;
use crate::bench::results::{Answers, Figure, Rate};
use crate::bench::round::Figures;
use crate::bench::syscalls::Calls;
use crate::bench::table::{NONE, Table, figure_or_none, interval, value};
use crate::statistics::Median;
use crate::units::figure;
use xtask::terminal::grouped;

/// Of what a row tells.
pub struct Row<'a> {
    pub bench: &'a Bench,
    pub cell: &'a Cell,
    pub reference: Option<&'a Key>,
}

/// The head of a column, and what it says of a row.
pub type Column = (&'static str, fn(&Row<'_>) -> String);

// Who was measured, with how many clients and how much else.
pub const SERVER: Column = ("server", |row| row.cell.key.name.clone());
pub const CLIENTS: Column = ("clients", |row| grouped(row.cell.key.size.active as f64));
pub const IDLE: Column = ("idle", |row| grouped(row.cell.key.size.idle as f64));
pub const THREADS: Column = ("threads", |row| row.cell.contender.processors.to_string());
// What was answered, and what an answer costs.
pub const RATE: Column = ("requests/s", |row| {
    let rate = row.median(Figures::rate).map(|rate| grouped(rate.value));
    rate.unwrap_or_else(|| row.nothing().to_owned())
});
pub const MICROS: Column = ("µs/request", |row| value(row.median(Figures::micros)));
pub const MICROS_INTERVAL: Column = ("interval", |row| interval(row.median(Figures::micros)));
pub const IN_KERNEL: Column = ("in kernel", |row| row.percent(Figures::in_kernel));
pub const CALLS: Column = ("calls/request", |row| row.calls(|calls| calls.all));
pub const EPOLL_CTL: Column = ("of those epoll_ctl", |row| row.calls(|calls| calls.epoll_ctl));
pub const SWITCHES: Column = ("switches/request", |row| value(row.median(Figures::switches)));
pub const MEMORY: Column = ("KiB/client", |row| value(row.median(Figures::kib_per_client)));
pub const BUSY: Column = ("server busy", |row| row.percent(Figures::busy));
pub const LOAD_BUSY: Column = ("load busy", |row| row.percent(Figures::load_busy));
// When the last answer came.
pub const LAST: Column = ("last answer, ms", |row| value(row.median(Figures::millis)));
pub const LAST_INTERVAL: Column = ("interval", |row| interval(row.median(Figures::millis)));
// What that is to the reference.
pub const RATIO: Column = ("ratio", |row| value(row.ratio()));
pub const RATIO_INTERVAL: Column = ("interval", |row| interval(row.ratio()));
pub const VERDICT: Column = ("to the reference", |row| row.verdict());

/// Processor time for each request, and its ratio to the reference.
pub const COSTS: &[Column] =
    &[SERVER, CLIENTS, RATE, MICROS, MICROS_INTERVAL, IN_KERNEL, RATIO, RATIO_INTERVAL, VERDICT];
/// What a request costs besides.
pub const BEHAVIOUR: &[Column] = &[SERVER, CALLS, SWITCHES, MEMORY, BUSY, LOAD_BUSY];

impl Row<'_> {
    pub fn median(&self, figure: Figure) -> Option<Median> {
        self.bench.results.median(&self.cell.key, figure)
    }

    /// What its processor time is to the reference's.
    pub fn ratio(&self) -> Option<Median> {
        self.bench.results.ratio(&self.cell.key, self.reference?, Figures::micros)
    }

    /// What there is in place of figures.
    pub fn nothing(&self) -> &'static str {
        if self.bench.results.has_failed(&self.cell.key) { "error" } else { NONE }
    }

    fn calls(&self, calls: fn(&Calls) -> u64) -> String {
        figure_or_none(self.bench.results.calls_per_request(&self.cell.key, calls))
    }

    fn percent(&self, share: Figure) -> String {
        let share = self.median(share);
        share.map_or(NONE.to_owned(), |share| format!("{} %", figure(share.value * 100.0)))
    }

    /// Whether the ratio shows anything, against what the reference does to itself.
    fn verdict(&self) -> String {
        let verdict = match (self.reference, self.ratio()) {
            (Some(reference), Some(_)) if self.cell.key == *reference => "reference",
            (Some(reference), Some(_)) if self.cell.key == reference.again() => "the same again",
            (Some(reference), Some(ratio)) => {
                told(ratio, self.bench.results.noise(reference, Figures::micros))
            }
            _ => NONE,
        };
        verdict.to_owned()
    }
}

/// A table with a row for each cell.
pub fn table(
    bench: &Bench,
    title: impl Into<String>,
    cells: &[Cell],
    reference: Option<&Key>,
    columns: &[Column],
) -> Table {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let mut table = Table::new(title, &names);
    for cell in cells {
        let row = Row { bench, cell, reference };
        table.rows.push(columns.iter().map(|(_, says)| says(&row)).collect());
    }
    table
}

pub fn answers(bench: &Bench, title: impl Into<String>, cells: &[Cell], rate: Rate) -> Table {
    let mut table = Table::new(title, &["server", "p50 µs", "interval", "p99 µs", "interval"]);
    for Cell { key, .. } in cells {
        // One round's percentile says more of the round than of the server.
        let enough = |time: fn(&Answers) -> f64| {
            bench.results.answers(key, rate, time).filter(|median| median.is_of_enough())
        };
        let (half, most) = (enough(|answers| answers.half), enough(|answers| answers.most));
        let row = [key.name.clone(), value(half), interval(half), value(most), interval(most)];
        table.rows.push(row.to_vec());
    }
    table
}

/// A bar for each cell that has the figure; `label` names it.
pub fn bars(
    bench: &Bench,
    title: impl Into<String>,
    cells: &[Cell],
    figure: Figure,
    label: impl Fn(&Key) -> String,
) -> Chart {
    let bars = cells.iter().filter_map(|Cell { key, .. }| {
        let Median { value, low, high, .. } = bench.results.median(key, figure)?;
        Some((label(key), value, low, high))
    });
    Chart::Bars { title: title.into(), bars: bars.collect() }
}

/// A bar of processor time for each cell, beside that of the reference.
pub fn bars_of_costs(bench: &Bench, title: &str, cells: &[Cell], reference: &Key) -> Chart {
    let is_alike = |cell: &Cell| cell.key.size.active == reference.size.active;
    let title = match cells.iter().all(is_alike) {
        true => title.to_owned(),
        false => format!("{title}, {} where none are named", clients(reference)),
    };
    bars(bench, title, cells, Figures::micros, |key| labelled(key, reference))
}

/// A name, with the number of clients where that is not the reference's: what one client costs is
/// no bar to compare with what each of many does.
fn labelled(key: &Key, reference: &Key) -> String {
    match key.size.active == reference.size.active {
        true => key.name.clone(),
        false => with_clients(key),
    }
}

pub fn with_clients(key: &Key) -> String {
    format!("{}, {}", key.name, clients(key))
}

fn clients(key: &Key) -> String {
    let plural = if key.size.active == 1 { "" } else { "s" };
    format!("{} client{plural}", key.size.active)
}

/// What a ratio says, beside what noise alone does.
pub fn told(ratio: Median, noise: Option<Median>) -> &'static str {
    match noise {
        _ if !ratio.is_of_enough() => "too few rounds",
        None => "no twin to tell",
        Some(noise) if !ratio.shows_a_difference(noise) => "no difference shown",
        Some(_) if ratio.value < 1.0 => "less",
        Some(_) => "more",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::load::Size;
    use crate::statistics::ENOUGH;

    #[test]
    fn who_has_fewer_clients_than_the_reference_says_so() {
        let key =
            |name: &str, active| Key::new(("models", Size { active, idle: 0, bytes: 64 }), name);
        let reference = key("edge-triggered", 50);
        let labels = [key("poll", 50), key("blocking-server", 1), key("pre-forked", 4)]
            .map(|key| labelled(&key, &reference));
        assert_eq!(labels, ["poll", "blocking-server, 1 client", "pre-forked, 4 clients"]);
    }

    #[test]
    fn a_ratio_inside_of_the_noise_shows_nothing() {
        let noise = Some(Median { value: 1.0, low: 0.97, high: 1.03, rounds: ENOUGH });
        let of = |value, rounds| Median { value, low: value - 0.01, high: value + 0.01, rounds };
        let ratio = |value| of(value, ENOUGH);
        assert_eq!(told(ratio(1.03), noise), "no difference shown");
        assert_eq!(told(ratio(0.9), noise), "less");
        assert_eq!(told(ratio(1.1), noise), "more");
        assert_eq!(told(ratio(1.1), None), "no twin to tell");
        assert_eq!(told(of(1.1, ENOUGH - 1), noise), "too few rounds");
    }
}
