//! Tables of contenders beside a reference.

use crate::bench::chart::Chart;
use crate::bench::plan::{Bench, Cell};
use crate::bench::results::{Figure, Key, Rate};
use crate::bench::round::Figures;
use crate::bench::table::{NONE, Table, figure, figure_or_none, interval, value};
use crate::statistics::{Median, median};
use xtask::terminal::grouped;

/// What a failed round shows in place of its figures.
const ERROR: &str = "error";

/// Those that are compared, in the order of the table, and with whom.
pub struct Compared<'a> {
    /// What was measured.
    pub bench: &'a Bench,
    /// Where.
    pub scenario: &'static str,
    /// Who; the reference and the same again are among them.
    pub cells: &'a [Cell],
    /// With whom.
    pub reference: &'a Key,
}

impl Compared<'_> {
    /// Processor time for each request, and its ratio to the reference.
    pub fn costs(&self, title: &str) -> Table {
        let mut table = Table::new(
            title,
            &[
                "server",
                "clients",
                "requests/s",
                "µs/request",
                "interval",
                "in kernel",
                "ratio",
                "interval",
                "to the reference",
            ],
        );
        for cell in self.cells {
            let key = cell.key(self.scenario);
            let results = &self.bench.results;
            let ratio = results.ratio(&key, self.reference, Figures::micros);
            let micros = results.median(&key, Figures::micros);
            let rate = results.median(&key, Figures::rate).map(|rate| grouped(rate.value));
            table.rows.push(vec![
                key.name.clone(),
                key.size.active.to_string(),
                rate.unwrap_or_else(|| self.nothing(&key).to_owned()),
                value(micros),
                interval(micros),
                self.in_kernel(&key),
                value(ratio),
                interval(ratio),
                self.verdict(&key, ratio),
            ]);
        }
        table
    }

    /// What a request costs besides.
    pub fn behaviour(&self, title: &str) -> Table {
        let mut table = Table::new(
            title,
            &[
                "server",
                "calls/request",
                "switches/request",
                "KiB/client",
                "server busy",
                "load busy",
            ],
        );
        for cell in self.cells {
            let key = cell.key(self.scenario);
            let results = &self.bench.results;
            let median = |figure| median(&results.values(&key, figure));
            table.rows.push(vec![
                key.name.clone(),
                figure_or_none(results.calls_per_request(&key, |calls| calls.all)),
                figure_or_none(median(Figures::switches)),
                figure_or_none(memory_per_client(self.bench, &key).map(|bytes| bytes / 1024.0)),
                percent(median(Figures::busy)),
                percent(median(Figures::load_busy)),
            ]);
        }
        table
    }

    /// How long answers take at a rate.
    pub fn answers(&self, title: &str, rate: Rate) -> Table {
        let mut table = Table::new(title, &["server", "p50 µs", "interval", "p99 µs", "interval"]);
        for cell in self.cells {
            let key = cell.key(self.scenario);
            let answers = |time| self.bench.results.answers(&key, rate, time);
            // One round's percentile says more of the round than of the server.
            let enough = |time| answers(time).filter(|median| median.is_of_enough());
            let (half, most) = (enough(|answers| answers.half), enough(|answers| answers.most));
            let row = [key.name.clone(), value(half), interval(half), value(most), interval(most)];
            table.rows.push(row.to_vec());
        }
        table
    }

    /// A bar for each: processor time for a request.
    pub fn bars(&self, title: &str) -> Chart {
        let bars = self.cells.iter().filter_map(|cell| {
            let key = cell.key(self.scenario);
            let Median { value, low, high, .. } =
                self.bench.results.median(&key, Figures::micros)?;
            Some((labelled(&key, self.reference), value, low, high))
        });
        let usual = self.reference.size.active;
        let title = match self.cells.iter().all(|cell| cell.size.active == usual) {
            true => title.to_owned(),
            false => format!("{title}, {} where none are named", clients(self.reference)),
        };
        Chart::Bars { title, bars: bars.collect() }
    }

    /// Whether the ratio shows anything, against what the reference does to itself.
    fn verdict(&self, key: &Key, ratio: Option<Median>) -> String {
        let Some(ratio) = ratio else {
            return NONE.to_owned();
        };
        if key == self.reference {
            return "reference".to_owned();
        }
        if key.name == again(self.reference).name {
            return "the same again".to_owned();
        }
        let noise = noise(self.bench, self.reference, Figures::micros);
        told(ratio, noise).to_owned()
    }

    fn in_kernel(&self, key: &Key) -> String {
        percent(self.bench.results.kernel_share(key))
    }

    fn nothing(&self, key: &Key) -> &'static str {
        if self.bench.results.has_failed(key) { ERROR } else { NONE }
    }
}

/// A name, with the number of clients where that is not the reference's: what one client costs is
/// no bar to compare with what each of many does.
fn labelled(key: &Key, reference: &Key) -> String {
    match key.size.active == reference.size.active {
        true => key.name.clone(),
        false => format!("{}, {}", key.name, clients(key)),
    }
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

/// The ratio of the reference to itself.
pub fn noise(bench: &Bench, reference: &Key, figure: Figure) -> Option<Median> {
    bench.results.ratio(&again(reference), reference, figure)
}

/// The same once more.
fn again(key: &Key) -> Key {
    Key { name: format!("{} again", key.name), ..key.clone() }
}

/// The memory that a client takes, in bytes: `memory` says whose. `None` where none stays.
pub fn memory_of(bench: &Bench, key: &Key, memory: fn(&Figures, usize) -> f64) -> Option<f64> {
    let clients = key.size.active + key.size.idle;
    let rounds = bench.results.rounds.iter().filter(|(known, _, _)| clients > 0 && known == key);
    median(&rounds.map(|(_, _, figures)| memory(figures, clients)).collect::<Vec<_>>())
}

/// The memory of the server's processes that a client takes, in bytes.
pub fn memory_per_client(bench: &Bench, key: &Key) -> Option<f64> {
    memory_of(bench, key, Figures::memory_per_client)
}

/// A share as a percentage.
pub fn percent(share: Option<f64>) -> String {
    share.map_or(NONE.to_owned(), |share| format!("{} %", figure(share * 100.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::load::Size;
    use crate::statistics::ENOUGH;

    #[test]
    fn who_has_fewer_clients_than_the_reference_says_so() {
        let key = |name: &str, active| {
            let size = Size { active, idle: 0, bytes: 64 };
            Key { scenario: "models", name: name.to_owned(), size }
        };
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
