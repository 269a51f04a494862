//! `ols2004`: three findings of Gammo, Brecht, Shukla and Pariag, "Comparing and Evaluating epoll,
//! select, and poll Event Mechanisms" (Ottawa Linux Symposium, 2004).

use crate::bench::cell::{Key, Work};
use crate::bench::load::Size;
use crate::bench::plan::{Bench, Plan};
use crate::bench::round::Figures;
use crate::bench::scenarios::columns::{
    CALLS, Column, EPOLL_CTL, IDLE, MICROS, MICROS_INTERVAL, SERVER, table, told,
};
use crate::bench::scenarios::{Section, USUAL, fit, named};
use crate::bench::syscalls::Calls;
use crate::bench::table::Table;
use crate::units::figure;

const NAME: &str = "ols2004";

/// One program with three mechanisms, and one model with both ways to be told.
const SELECT: &str = "selectors-server select";
const POLL: &str = "selectors-server poll";
const EPOLL: &str = "selectors-server epoll";
const EDGE: &str = "edge-triggered";
const LEVEL: &str = "edge-triggered --level";

/// Idle clients beside the visitors.
const NONE: usize = 0;
const MANY: usize = 900;

/// A visit is a request.
const COLUMNS: &[Column] =
    &[SERVER, IDLE, ("µs/visit", MICROS.1), MICROS_INTERVAL, ("calls/visit", CALLS.1), EPOLL_CTL];

fn size(idle: usize) -> Size {
    Size { active: 0, idle, ..USUAL }
}

fn key(name: &str, idle: usize) -> Key {
    Key::new((NAME, size(idle)), name)
}

/// Visitors, without idle clients and with many.
pub fn plan(bench: &Bench) -> Plan {
    let (mut cells, mut cut) = (Vec::new(), Vec::new());
    let all = named(bench, &[SELECT, POLL, EPOLL, EDGE, LEVEL]);
    let twins = named(bench, &[EPOLL, LEVEL]).into_iter().map(|one| one.again());
    for contender in all.into_iter().chain(twins) {
        for idle in [NONE, MANY] {
            match fit::exactly(bench, NAME, &contender, size(idle), Work::Visits) {
                Ok(cell) => cells.push(cell),
                Err(why) => cut.push((format!("{} with {idle} idle clients", contender.name), why)),
            }
        }
    }
    let rounds = bench.settings.rounds;
    let counted = cells.clone();
    Plan { rounds, cells, counted, cut: fit::told(cut), ..Plan::default() }
}

/// The figures, and for each finding: found then, found here.
pub fn show(bench: &Bench, plan: &Plan) -> Section {
    let title = "A client connects, asks once and leaves";
    let figures = table(bench, title, &plan.cells, None, COLUMNS);
    const ALIKE: &str = "without idle clients, select and poll cost what epoll costs";
    const UNLIKE: &str = "with many idle clients they do not";
    const PART: &str = "epoll_ctl is a visible part of epoll's cost";
    const EDGES: &str = "edge triggering removes calls, but little time";
    let [parts, all] = [|calls: &Calls| calls.epoll_ctl, |calls: &Calls| calls.all];
    let mut found = Table::new("Found then, found here", &["found then", "measured", "found here"]);
    found.rows = vec![
        beside(bench, ALIKE, SELECT, EPOLL, NONE),
        beside(bench, ALIKE, POLL, EPOLL, NONE),
        beside(bench, UNLIKE, SELECT, EPOLL, MANY),
        beside(bench, UNLIKE, POLL, EPOLL, MANY),
        calls(bench, PART, (EPOLL, parts), (EPOLL, all), "epoll_ctl of all calls"),
        calls(bench, EDGES, (EDGE, all), (LEVEL, all), "calls"),
        beside(bench, EDGES, EDGE, LEVEL, NONE),
    ];
    Section { tables: vec![figures, found], ..Section::default() }
}

fn row(then: &str, measured: String, here: Option<String>) -> Vec<String> {
    vec![then.to_owned(), measured, here.unwrap_or_else(|| "not measured".to_owned())]
}

fn beside(bench: &Bench, then: &str, one: &str, other: &str, idle: usize) -> Vec<String> {
    let measured = format!("time of {one} to {other}, {idle} idle");
    let (one, other) = (key(one, idle), key(other, idle));
    let ratio = bench.results.ratio(&one, &other, Figures::micros);
    let noise = bench.results.noise(&other, Figures::micros);
    row(then, measured, ratio.map(|it| format!("{}: {}", figure(it.value), told(it, noise))))
}

fn calls(
    bench: &Bench,
    then: &str,
    one: (&str, fn(&Calls) -> u64),
    other: (&str, fn(&Calls) -> u64),
    what: &str,
) -> Vec<String> {
    let measured = match one.0 == other.0 {
        true => format!("{what} a visit of {}", one.0),
        false => format!("{what} a visit of {} to {}", one.0, other.0),
    };
    let [one, other] =
        [one, other].map(|(name, calls)| bench.results.calls_per_request(&key(name, NONE), calls));
    let here = one.zip(other);
    row(then, measured, here.map(|(one, other)| format!("{} to {}", figure(one), figure(other))))
}
