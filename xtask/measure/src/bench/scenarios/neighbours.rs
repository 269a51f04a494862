//! `churn`, `burst` and `flood`: what others do to a server, and to its clients.

use crate::bench::chart::Chart;
use crate::bench::contender::{Contender, Kind};
use crate::bench::load::Size;
use crate::bench::plan::{Bench, Cell, Plan};
use crate::bench::results::{Key, Rate};
use crate::bench::round::{Figures, Work};
use crate::bench::scenarios::compare::Compared;
use crate::bench::scenarios::{Section, USUAL, of_kinds, reference};
use crate::bench::table::{Table, interval, value};

/// Nobody stays: each client connects, asks once and leaves.
const CHURN: (&str, Size) = ("churn", Size { active: 0, ..USUAL });
/// Clients that ask while others come all at once.
const BURST: (&str, Size) = ("burst", Size { active: 200, ..USUAL });
/// Clients that ask while others flood the server.
const FLOOD: (&str, Size) = ("flood", Size { active: 10, ..USUAL });

/// Clients that come at the same moment.
const NEW: usize = 1000;

fn key(scenario: (&'static str, Size), name: &str) -> Key {
    Key { scenario: scenario.0, name: name.to_owned(), size: scenario.1 }
}

/// The key of a connection with one message.
pub fn key_of_churn(name: &str) -> Key {
    key(CHURN, name)
}

/// The key of a burst.
pub fn key_of_burst(name: &str) -> Key {
    key(BURST, name)
}

/// The key of clients beside floods.
pub fn key_of_flood(name: &str) -> Key {
    key(FLOOD, name)
}

/// Who has room for such a load, among the models and the peers; the reference twice.
fn cells(bench: &Bench, size: Size, more: usize, work: Work) -> Vec<Cell> {
    let again = reference(bench).map(Contender::again);
    let all = of_kinds(bench, &[Kind::Model, Kind::Peer]).chain(&again);
    let with_room = all.filter(|one| one.most_clients() >= size.active + more);
    let with_room = with_room.map(|one| one.with_room_for(size.active + more));
    with_room.map(|contender| Cell { contender, size, work }).collect()
}

fn visits(bench: &Bench) -> Vec<Cell> {
    cells(bench, CHURN.1, 0, Work::Visits)
}

fn burst(bench: &Bench) -> Vec<Cell> {
    cells(bench, BURST.1, NEW, Work::Burst(NEW))
}

fn flood(bench: &Bench) -> Vec<Cell> {
    cells(bench, FLOOD.1, 0, Work::Closed)
}

/// Connections with one message each.
pub fn plan_of_churn(bench: &Bench) -> Plan {
    let cells = visits(bench);
    let rounds = bench.settings.few_rounds();
    Plan { rounds, counted: cells.clone(), cells, ..Plan::default() }
}

/// What a connection costs.
pub fn show_churn(bench: &Bench) -> Section {
    let Some(reference) = reference(bench) else { return Section::default() };
    let (cells, reference) = (visits(bench), key(CHURN, &reference.name));
    let compared = Compared { bench, scenario: CHURN.0, cells: &cells, reference: &reference };
    let title = "Processor time for a client that connects, asks once and leaves (a request)";
    let tables = vec![compared.costs(title), compared.behaviour("Calls and switches")];
    Section { tables, charts: vec![compared.bars(title)], ..Section::default() }
}

/// A burst in each round.
pub fn plan_of_burst(bench: &Bench) -> Plan {
    Plan { rounds: bench.settings.few_rounds(), cells: burst(bench), ..Plan::default() }
}

/// When the last of the burst is answered.
pub fn show_burst(bench: &Bench) -> Section {
    let mut table = Table::new(
        format!("{NEW} clients connect and ask at once, beside {} that ask", BURST.1.active),
        &["server", "last answer, ms", "interval"],
    );
    let mut bars = Vec::new();
    for cell in burst(bench) {
        let key = cell.key(BURST.0);
        let last = bench.results.median(&key, Figures::millis);
        table.rows.push(vec![key.name.clone(), value(last), interval(last)]);
        bars.extend(last.map(|last| (key.name.clone(), last.value, last.low, last.high)));
    }
    let notes = vec![
        "A second and more: a first packet was dropped, for example because a backlog was full, \
         and the client's kernel asks again after a second (tcp(7), listen(2))."
            .to_owned(),
    ];
    let title = "ms until the last of the burst is answered".to_owned();
    Section { tables: vec![table], charts: vec![Chart::Bars { title, bars }], notes }
}

/// Answers beside floods.
pub fn plan_of_flood(bench: &Bench) -> Plan {
    Plan { flooded: flood(bench), ..Plan::default() }
}

/// How long small clients wait beside floods, and without.
pub fn show_flood(bench: &Bench) -> Section {
    let Some(reference) = reference(bench) else { return Section::default() };
    let (cells, reference) = (flood(bench), key(FLOOD, &reference.name));
    let compared = Compared { bench, scenario: FLOOD.0, cells: &cells, reference: &reference };
    let notes = vec![
        "The floods and the small clients share the load's processor, and wait for each other \
         there, also."
            .to_owned(),
    ];
    let tables = vec![
        compared.answers("Answers of 64 bytes beside four floods", Rate::BesideFloods),
        compared.answers("The same with nobody beside", Rate::Alone),
    ];
    Section { tables, notes, ..Section::default() }
}
