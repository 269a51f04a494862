//! `ols2004`: three findings of Gammo, Brecht, Shukla and Pariag, "Comparing and Evaluating epoll,
//! select, and poll Event Mechanisms" (Ottawa Linux Symposium, 2004).

use crate::bench::load::Size;
use crate::bench::plan::{Bench, Cell, Plan};
use crate::bench::results::Key;
use crate::bench::round::{Figures, Work};
use crate::bench::scenarios::compare::{noise, told};
use crate::bench::scenarios::{Section, USUAL, fit, named};
use crate::bench::statistics::{Median, median};
use crate::bench::table::{NONE, Table, figure, figure_or_none, grouped, interval, value};

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
    Plan { rounds, cells, counted, epoll_ctl: true, cut: fit::told(cut), ..Plan::default() }
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
    let mut found = Table::new("Found then, found here", &["then", "here"]);
    found.rows.push(row(
        "without idle connections, select and poll stand beside epoll",
        &[beside(bench, SELECT, EPOLL, 0), beside(bench, POLL, EPOLL, 0)],
    ));
    found.rows.push(row(
        "with many idle connections they do not",
        &[beside(bench, SELECT, EPOLL, IDLE[1]), beside(bench, POLL, EPOLL, IDLE[1])],
    ));
    found.rows.push(row("epoll_ctl is a visible part of epoll's cost", &[share(bench)]));
    found.rows.push(row(
        "edge triggering removes calls, but little time",
        &[calls(bench), beside(bench, EDGE, LEVEL, 0)],
    ));
    let notes = vec![
        "The share of epoll_ctl is the number of its calls times what one call takes in a loop of \
         its own, of the processor time of a visit: an estimate."
            .to_owned(),
    ];
    Section { tables: vec![table, found], notes, ..Section::default() }
}

fn row(then: &str, here: &[String]) -> Vec<String> {
    vec![then.to_owned(), here.join("; ")]
}

/// The ratio of one to the other, in words.
fn beside(bench: &Bench, one: &str, other: &str, idle: usize) -> String {
    let other = key(other, idle);
    let words = |ratio: Median| {
        let verdict = told(ratio, noise(bench, &other, Figures::micros));
        format!("{} to {}: {verdict}", figure(ratio.value), other.name)
    };
    let ratio = bench.results.ratio(&key(one, idle), &other, Figures::micros);
    format!("{one} {}", ratio.map_or_else(|| "not measured".to_owned(), words))
}

fn share(bench: &Bench) -> String {
    let key = key(EPOLL, 0);
    let share = || {
        let calls = bench.results.calls_per_request(&key, |calls| calls.epoll_ctl)?;
        let each = median(&bench.results.epoll_ctl)?;
        let visit = bench.results.median(&key, Figures::micros)?.value;
        let percent = figure(calls * each / visit * 100.0);
        Some(format!("{percent} %: {} calls of {} µs a visit", figure(calls), figure(each)))
    };
    share().unwrap_or_else(|| "not measured".to_owned())
}

fn calls(bench: &Bench) -> String {
    let calls = [LEVEL, EDGE].map(|name| {
        let calls = bench.results.calls_per_request(&key(name, 0), |calls| calls.all);
        calls.map_or(NONE.to_owned(), figure)
    });
    format!("calls a visit: {} level-triggered, {} edge-triggered", calls[0], calls[1])
}
