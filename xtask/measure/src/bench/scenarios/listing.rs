//! `listing`: each mirror beside its Python original, and beside its model at its best.

use crate::bench::cell::Cell;
use crate::bench::contender::{Contender, printing};
use crate::bench::peers::originals;
use crate::bench::plan::{Bench, Plan};
use crate::bench::scenarios::columns::{
    CALLS, Column, MICROS, MICROS_INTERVAL, RATIO, RATIO_INTERVAL, SERVER, VERDICT, table,
};
use crate::bench::scenarios::{Section, USUAL, fit};

const NAME: &str = "listing";

/// A mirror, its listing, and its model at its best.
const LISTINGS: &[(&str, &str, &str)] = &[
    ("select-server", "002:146-224", "poll"),
    ("epoll-server", "002:226-355", "edge-triggered"),
    ("selectors-server", "002:367-528", "edge-triggered"),
];

const COLUMNS: &[Column] =
    &[SERVER, MICROS, MICROS_INTERVAL, CALLS, RATIO, RATIO_INTERVAL, VERDICT];

/// The rows that are together: the mirror, the same again, the original, the model; then the two that
/// print.
fn group(bench: &Bench, (mirror, listing, best): (&str, &str, &str)) -> Vec<Cell> {
    let original = originals::name_of(listing);
    let get = |name: &str| bench.field.get(name).cloned();
    let again = get(mirror).as_ref().map(Contender::again);
    let quiet = [get(mirror), again, get(&original), get(best)];
    let all = quiet.into_iter().chain([get(&printing(mirror)), get(&printing(&original))]);
    all.flatten().map(|contender| fit::as_many(NAME, &contender, USUAL)).collect()
}

/// The groups; a model that two of them have is measured once.
pub fn plan(bench: &Bench) -> Plan {
    let mut cells: Vec<Cell> = Vec::new();
    for cell in LISTINGS.iter().flat_map(|listing| group(bench, *listing)) {
        if !cells.iter().any(|known| known.key == cell.key) {
            cells.push(cell);
        }
    }
    Plan { rounds: bench.settings.rounds, counted: cells.clone(), cells, ..Plan::default() }
}

/// A table for each listing: each row beside the mirror.
pub fn show(bench: &Bench, _: &Plan) -> Section {
    let tables = LISTINGS.iter().map(|listing| {
        let cells = group(bench, *listing);
        let mirror = cells.first().map(|cell| &cell.key);
        let title = format!("{}: what the other takes to what the mirror takes", listing.1);
        table(bench, title, &cells, mirror, COLUMNS)
    });
    let notes = vec![
        "What a mirror costs more than its model is what its listing says: the epoll listing reads \
         10 bytes at a time and changes what it watches twice for each message."
            .to_owned(),
        "Neither a mirror (--quiet) nor an original prints anything for a message, except where \
         the table says so: printing, both write each line at once, as to a terminal; the epoll \
         listing logs to /dev/null instead."
            .to_owned(),
    ];
    Section { tables: tables.collect(), notes, ..Section::default() }
}
