//! `models`: what each model costs at its best, beside its peers; and what the mirrors cost.

use crate::bench::contender::Kind;
use crate::bench::plan::{Bench, Cell, Plan};
use crate::bench::results::Rate;
use crate::bench::scenarios::compare::Compared;
use crate::bench::scenarios::{Section, USUAL, fit, of_kinds, reference};

const NAME: &str = "models";

/// All contenders, and the reference twice.
pub fn plan(bench: &Bench) -> Plan {
    let cells = [best(bench), mirrors(bench)].concat();
    Plan {
        rounds: bench.settings.rounds,
        counted: cells.clone(),
        timed: best(bench),
        cells,
        ..Plan::default()
    }
}

/// Models at their best, peers, and the reference once more.
fn best(bench: &Bench) -> Vec<Cell> {
    let again = reference(bench).map(|reference| reference.again());
    let all = of_kinds(bench, &[Kind::Model, Kind::Peer]).chain(&again);
    all.map(|contender| fit::as_many(contender, USUAL)).collect()
}

/// Mirrors of the notes' listings, which keep what those say.
fn mirrors(bench: &Bench) -> Vec<Cell> {
    of_kinds(bench, &[Kind::Mirror]).map(|contender| fit::as_many(contender, USUAL)).collect()
}

/// The tables and the summary chart.
pub fn show(bench: &Bench) -> Section {
    let Some(reference) = reference(bench) else {
        return Section::default();
    };
    let (best, mirrors) = (best(bench), mirrors(bench));
    let reference = fit::as_many(reference, USUAL).key(NAME);
    let compared = |cells| Compared { bench, scenario: NAME, cells, reference: &reference };
    let (models, mirrors) = (compared(&best), compared(&mirrors));
    let half = bench.results.slowest(NAME).map_or(0.0, |slowest| slowest / 2.0);
    let of_all =
        format!("Answers, at {half:.0} requests/s for each: half of what the slowest does");
    const OF_ITS_OWN: &str = "Answers, at half of the requests/s that each does itself";
    Section {
        tables: vec![
            models.costs("Processor time of the server for each request, closed loop"),
            models.behaviour("Calls, switches, memory"),
            models.answers(&of_all, Rate::OfTheSlowest),
            models.answers(OF_ITS_OWN, Rate::OfItsOwn),
            mirrors.costs("The mirrors: they do what their listings say, and no less"),
            mirrors.behaviour("Calls, switches, memory of the mirrors"),
        ],
        charts: vec![models.bars("µs of the server's processor time for each request")],
        notes: [
            "A server with fewer clients than the others serves no more at once. A single client \
             never finds the server busy, so each of its requests wakes the server: compare it \
             with no server of 50 clients.",
            "Where the load is busy all of the time, requests/s are the load's limit; the processor \
             time is the figure to compare.",
            "On the loopback interface a send also does the receiver's work: the kernel runs the \
             receiver's softirq in the sender's call. It is part of the server's time.",
            "\"Calls/request\" of io_uring is how many completions one call brings under this load. \
             It is no property of the model.",
        ]
        .map(str::to_owned)
        .to_vec(),
    }
}
