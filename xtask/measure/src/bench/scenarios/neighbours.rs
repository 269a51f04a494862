//! `churn`, `burst` and `flood`: what others do to a server, and to its clients.

use crate::bench::cell::{Cell, Work};
use crate::bench::contender::{Contender, Kind};
use crate::bench::load::Size;
use crate::bench::plan::{Bench, Plan};
use crate::bench::results::Rate;
use crate::bench::round::Figures;
use crate::bench::scenarios::columns::{
    BEHAVIOUR, COSTS, LAST, LAST_INTERVAL, SERVER, answers, bars, bars_of_costs, table,
};
use crate::bench::scenarios::{Section, USUAL, of_kinds, reference, reference_key};

/// Nobody stays: each client connects, asks once and leaves.
pub const CHURN: (&str, Size) = ("churn", Size { active: 0, ..USUAL });
/// Clients that ask while others come all at once.
pub const BURST: (&str, Size) = ("burst", Size { active: 200, ..USUAL });
/// Clients that ask while others flood the server.
pub const FLOOD: (&str, Size) = ("flood", Size { active: 10, ..USUAL });

/// Clients that come at the same moment.
const NEW: usize = 1000;

/// Who has room for such a load, among the models and the peers; the reference twice.
fn cells(bench: &Bench, (name, size): (&'static str, Size), more: usize, work: Work) -> Vec<Cell> {
    let again = reference(bench).map(Contender::again);
    let all = of_kinds(bench, &[Kind::Model, Kind::Peer]).chain(&again);
    let with_room = all.filter(|one| one.most_clients() >= size.active + more);
    let with_room = with_room.map(|one| one.with_room_for(size.active + more));
    with_room.map(|contender| Cell::new(name, contender, size, work)).collect()
}

pub fn plan_of_churn(bench: &Bench) -> Plan {
    let cells = cells(bench, CHURN, 0, Work::Visits);
    let rounds = bench.settings.few_rounds();
    Plan { rounds, counted: cells.clone(), cells, ..Plan::default() }
}

/// What a connection costs.
pub fn show_churn(bench: &Bench, plan: &Plan) -> Section {
    let Some(reference) = reference_key(bench, CHURN) else {
        return Section::default();
    };
    let title = "Processor time for a client that connects, asks once and leaves (a request)";
    let reference = Some(&reference);
    let tables = vec![
        table(bench, title, &plan.cells, reference, COSTS),
        table(bench, "Calls and switches", &plan.cells, reference, BEHAVIOUR),
    ];
    let charts = reference.map(|reference| bars_of_costs(bench, title, &plan.cells, reference));
    Section { tables, charts: charts.into_iter().collect(), ..Section::default() }
}

pub fn plan_of_burst(bench: &Bench) -> Plan {
    let cells = cells(bench, BURST, NEW, Work::Burst(NEW));
    Plan { rounds: bench.settings.few_rounds(), cells, ..Plan::default() }
}

/// When the last of the burst is answered.
pub fn show_burst(bench: &Bench, plan: &Plan) -> Section {
    let title =
        format!("{NEW} clients connect and ask at once, beside {} that ask", BURST.1.active);
    let table = table(bench, title, &plan.cells, None, &[SERVER, LAST, LAST_INTERVAL]);
    let notes = vec![
        "A second and more: a first packet was dropped, for example because a backlog was full, \
         and the client's kernel asks again after a second (tcp(7), listen(2))."
            .to_owned(),
    ];
    let title = "ms until the last of the burst is answered";
    let bars = bars(bench, title, &plan.cells, Figures::millis, |key| key.name.clone());
    Section { tables: vec![table], charts: vec![bars], notes }
}

pub fn plan_of_flood(bench: &Bench) -> Plan {
    Plan { flooded: cells(bench, FLOOD, 0, Work::Closed), ..Plan::default() }
}

/// How long small clients wait beside floods, and without.
pub fn show_flood(bench: &Bench, plan: &Plan) -> Section {
    let notes = vec![
        "The floods and the small clients share the load's processor, and wait for each other \
         there, also."
            .to_owned(),
    ];
    let beside = "Answers of 64 bytes beside four floods";
    let tables = vec![
        answers(bench, beside, &plan.flooded, Rate::BesideFloods),
        answers(bench, "The same with nobody beside", &plan.flooded, Rate::Alone),
    ];
    Section { tables, notes, ..Section::default() }
}
