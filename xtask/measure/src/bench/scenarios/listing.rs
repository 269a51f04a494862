//! `listing`: each mirror beside its Python original, and beside its model at its best.

use crate::bench::contender::{Contender, printing};
use crate::bench::peers::originals;
use crate::bench::plan::{Bench, Cell, Plan};
use crate::bench::results::Key;
use crate::bench::round::Figures;
use crate::bench::scenarios::compare::{noise, told};
use crate::bench::scenarios::{Section, USUAL, fit};
use crate::bench::table::{NONE, Table, figure_or_none, interval, value};

const NAME: &str = "listing";

/// A mirror, its listing, and its model at its best.
const LISTINGS: &[(&str, &str, &str)] = &[
    ("select-server", "002:146-224", "poll"),
    ("epoll-server", "002:226-355", "edge-triggered"),
    ("selectors-server", "002:367-528", "edge-triggered"),
];

/// The rows that are together: the mirror, the same again, the original, the model; then the two that
/// print.
fn group(bench: &Bench, (mirror, listing, best): (&str, &str, &str)) -> Vec<Contender> {
    let original = originals::name_of(listing);
    let get = |name: &str| bench.field.get(name).cloned();
    let again = get(mirror).as_ref().map(Contender::again);
    let quiet = [get(mirror), again, get(&original), get(best)];
    let all = quiet.into_iter().chain([get(&printing(mirror)), get(&printing(&original))]);
    all.flatten().collect()
}

/// The groups; a model that two of them have is measured once.
pub fn plan(bench: &Bench) -> Plan {
    let mut cells: Vec<Cell> = Vec::new();
    for contender in LISTINGS.iter().flat_map(|listing| group(bench, *listing)) {
        if !cells.iter().any(|cell| cell.contender.name == contender.name) {
            cells.push(fit::as_many(&contender, USUAL));
        }
    }
    Plan { rounds: bench.settings.rounds, counted: cells.clone(), cells, ..Plan::default() }
}

/// The key of a contender in this scenario.
pub fn key(name: &str) -> Key {
    Key { scenario: NAME, name: name.to_owned(), size: USUAL }
}

/// The keys of a mirror and of its original: both print, or neither does.
pub fn with_its_original(mirror: &str, prints: bool) -> (Key, Key) {
    let listing = LISTINGS.iter().find(|(name, _, _)| *name == mirror);
    let (_, listing, _) = listing.expect("the mirror is in the table");
    let name = |name: &str| if prints { printing(name) } else { name.to_owned() };
    (key(&name(mirror)), key(&name(&originals::name_of(listing))))
}

/// A table with a block for each listing.
pub fn show(bench: &Bench) -> Section {
    let mut table = Table::new(
        "Processor time for each request: what the other takes to what the mirror takes",
        &["listing", "server", "µs/request", "interval", "calls/request", "ratio", "interval", ""],
    );
    for listing in LISTINGS {
        let (mirror, lines, _) = *listing;
        for contender in group(bench, *listing) {
            let (one, other) = (key(&contender.name), key(mirror));
            let micros = bench.results.median(&one, Figures::micros);
            let ratio = bench.results.ratio(&one, &other, Figures::micros);
            let noise = noise(bench, &other, Figures::micros);
            let said = match ratio {
                _ if contender.name == mirror => "the mirror",
                _ if contender.name.ends_with(" again") => "the same again",
                Some(ratio) => told(ratio, noise),
                None => NONE,
            };
            table.rows.push(vec![
                lines.to_owned(),
                contender.name,
                value(micros),
                interval(micros),
                figure_or_none(bench.results.calls_per_request(&one, |calls| calls.all)),
                value(ratio),
                interval(ratio),
                said.to_owned(),
            ]);
        }
    }
    let notes = vec![
        "What a mirror costs more than its model is what its listing says: the epoll listing reads \
         10 bytes at a time and changes what it watches twice for each message."
            .to_owned(),
        "Neither a mirror (--quiet) nor an original prints anything for a message, except where \
         the table says so: printing, both write each line at once, as to a terminal; the epoll \
         listing logs to /dev/null instead."
            .to_owned(),
    ];
    Section { tables: vec![table], notes, ..Section::default() }
}
