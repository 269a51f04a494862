//! `ols2004`: three findings of Gammo, Brecht, Shukla and Pariag, "Comparing and Evaluating epoll,
//! select, and poll Event Mechanisms" (Ottawa Linux Symposium, 2004).

use crate::bench::load::Size;
use crate::bench::plan::{Bench, Cell, Plan};
use crate::bench::results::Key;
use crate::bench::round::{Figures, Work};
use crate::bench::scenarios::compare::{noise, told};
use crate::bench::scenarios::{Section, USUAL, fit, named};
use crate::bench::table::{Table, figure, figure_or_none, interval, value};
use crate::statistics::Median;
use xtask::terminal::grouped;

const NAME: &str = "ols2004";

/// One program with three mechanisms, and one model with both ways to be told.
const SELECT: &str = "selectors-server select";
const POLL: &str = "selectors-server poll";
const EPOLL: &str = "selectors-server epoll";
const EDGE: &str = "edge-triggered";
const LEVEL: &str = "edge-triggered --level";

/// Idle clients beside the visitors.
const IDLE: &[usize] = &[0, 900];

fn key(name: &str, idle: usize) -> Key {
    Key { scenario: NAME, name: name.to_owned(), size: Size { active: 0, idle, ..USUAL } }
}

/// Visitors, without idle clients and with many.
pub fn plan(bench: &Bench) -> Plan {
    let (mut cells, mut cut) = (Vec::new(), Vec::new());
    let all = named(bench, &[SELECT, POLL, EPOLL, EDGE, LEVEL]);
    let twins = named(bench, &[EPOLL, LEVEL]).into_iter().map(|one| one.again());
    for contender in all.into_iter().chain(twins) {
        for idle in IDLE {
            match fit::exactly(bench, &contender, key("", *idle).size) {
                Ok(cell) => cells.push(Cell { work: Work::Visits, ..cell }),
                Err(why) => cut.push((format!("{} with {idle} idle clients", contender.name), why)),
            }
        }
    }
    let rounds = bench.settings.rounds;
    let counted = cells.clone();
    Plan { rounds, cells, counted, cut: fit::told(cut), ..Plan::default() }
}

/// The figures, and for each finding: found then, found here.
pub fn show(bench: &Bench) -> Section {
    let results = &bench.results;
    let mut table = Table::new(
        "A client connects, asks once and leaves",
        &["server", "idle", "µs/visit", "interval", "calls/visit", "of those epoll_ctl"],
    );
    for cell in plan(bench).cells {
        let key = cell.key(NAME);
        let micros = results.median(&key, Figures::micros);
        table.rows.push(vec![
            key.name.clone(),
            grouped(key.size.idle as f64),
            value(micros),
            interval(micros),
            figure_or_none(results.calls_per_request(&key, |calls| calls.all)),
            figure_or_none(results.calls_per_request(&key, |calls| calls.epoll_ctl)),
        ]);
    }
    let mut found = Table::new("Found then, found here", &["found then", "measured", "found here"]);
    const ALIKE: &str = "without idle clients, select and poll cost what epoll costs";
    const UNLIKE: &str = "with many idle clients they do not";
    const EDGES: &str = "edge triggering removes calls, but little time";
    found.rows.push(beside(bench, ALIKE, SELECT, EPOLL, 0));
    found.rows.push(beside(bench, ALIKE, POLL, EPOLL, 0));
    found.rows.push(beside(bench, UNLIKE, SELECT, EPOLL, IDLE[1]));
    found.rows.push(beside(bench, UNLIKE, POLL, EPOLL, IDLE[1]));
    found.rows.push(share(bench));
    found.rows.push(calls(bench, EDGES));
    found.rows.push(beside(bench, EDGES, EDGE, LEVEL, 0));
    Section { tables: vec![table, found], ..Section::default() }
}

fn row(then: &str, measured: &str, here: Option<String>) -> Vec<String> {
    let here = here.unwrap_or_else(|| "not measured".to_owned());
    vec![then.to_owned(), measured.to_owned(), here]
}

/// The ratio of one to the other.
fn beside(bench: &Bench, then: &str, one: &str, other: &str, idle: usize) -> Vec<String> {
    let measured = format!("time of {one} to {other}, {idle} idle");
    let other = key(other, idle);
    let ratio = bench.results.ratio(&key(one, idle), &other, Figures::micros);
    let here = ratio.map(|ratio: Median| {
        format!("{}: {}", figure(ratio.value), told(ratio, noise(bench, &other, Figures::micros)))
    });
    row(then, &measured, here)
}

/// How many of the calls of a visit are of epoll_ctl(2).
fn share(bench: &Bench) -> Vec<String> {
    let calls = |calls| bench.results.calls_per_request(&key(EPOLL, 0), calls);
    let here = calls(|calls| calls.epoll_ctl).zip(calls(|calls| calls.all));
    let here = here.map(|(epoll_ctl, all)| format!("{} of {}", figure(epoll_ctl), figure(all)));
    row("epoll_ctl is a visible part of epoll's cost", &format!("calls a visit of {EPOLL}"), here)
}

/// How many calls edge triggering removes.
fn calls(bench: &Bench, then: &str) -> Vec<String> {
    let calls = |name| bench.results.calls_per_request(&key(name, 0), |calls| calls.all);
    let here = calls(EDGE).zip(calls(LEVEL));
    let here = here.map(|(edge, level)| format!("{} to {}", figure(edge), figure(level)));
    row(then, &format!("calls a visit of {EDGE} to {LEVEL}"), here)
}
