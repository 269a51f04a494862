//! `models`: what each model costs.

use crate::bench::contender::Kind;
use crate::bench::plan::{Bench, Cell, Plan};
use crate::bench::scenarios::compare::Compared;
use crate::bench::scenarios::{Section, USUAL, fit, reference};

const NAME: &str = "models";

/// All contenders, and the reference twice.
pub fn plan(bench: &Bench) -> Plan {
    let cells = cells(bench);
    Plan {
        rounds: bench.settings.rounds,
        counted: cells.clone(),
        timed: cells.clone(),
        cells,
        ..Plan::default()
    }
}

fn cells(bench: &Bench) -> Vec<Cell> {
    let again = reference(bench).map(|reference| reference.again());
    let quiet = bench.field.contenders.iter().filter(|one| one.kind != Kind::Printing);
    let all = quiet.chain(&again);
    all.map(|contender| fit::as_many(contender, USUAL)).collect()
}

/// The tables and the summary chart.
pub fn show(bench: &Bench) -> Section {
    let Some(reference) = reference(bench) else {
        return Section::default();
    };
    let cells = cells(bench);
    let reference = fit::as_many(reference, USUAL).key(NAME);
    let compared = Compared { bench, scenario: NAME, cells: &cells, reference: &reference };
    let half = bench.results.slowest(NAME).map_or(0.0, |slowest| slowest / 2.0);
    Section {
        tables: vec![
            compared.costs("Processor time of the server for each request, closed loop"),
            compared.behaviour(&format!(
                "Calls, switches, memory; answers timed at {half:.0} requests/s for all, half of \
                 what the slowest can do"
            )),
        ],
        charts: vec![compared.bars("µs of the server's processor time for each request")],
        notes: vec![
            "A server with fewer clients than the others serves no more at once.".to_owned(),
            "Where the load is busy all of the time, requests/s are the load's limit; the processor \
             time is the figure to compare."
                .to_owned(),
        ],
    }
}
