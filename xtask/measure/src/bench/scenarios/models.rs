//! `models`: what each model costs at its best, beside its peers; and what the mirrors cost.

use crate::bench::contender::Kind;
use crate::bench::load::Size;
use crate::bench::plan::{Bench, Plan};
use crate::bench::results::Rate;
use crate::bench::scenarios::columns::{BEHAVIOUR, COSTS, answers, bars_of_costs, table};
use crate::bench::scenarios::{Section, USUAL, fit, of_kinds, reference, reference_key};

pub const MODELS: (&str, Size) = ("models", USUAL);

/// Models at their best, peers, and the reference once more; then the mirrors of the notes' listings,
/// which keep what those say.
pub fn plan(bench: &Bench) -> Plan {
    let again = reference(bench).map(|reference| reference.again());
    let best = of_kinds(bench, &[Kind::Model, Kind::Peer]).chain(&again);
    let timed: Vec<_> = best.map(|contender| fit::as_many(MODELS.0, contender, USUAL)).collect();
    let mirrors = of_kinds(bench, &[Kind::Mirror]);
    let mirrors = mirrors.map(|contender| fit::as_many(MODELS.0, contender, USUAL)).collect();
    let cells = [timed.clone(), mirrors].concat();
    let rounds = bench.settings.rounds;
    Plan { rounds, counted: cells.clone(), timed, cells, ..Plan::default() }
}

pub fn show(bench: &Bench, plan: &Plan) -> Section {
    let Some(reference) = reference_key(bench, MODELS) else {
        return Section::default();
    };
    let (best, mirrors) = plan.cells.split_at(plan.timed.len());
    let table = |title, cells, columns| table(bench, title, cells, Some(&reference), columns);
    let half = bench.results.slowest(MODELS.0).map_or(0.0, |slowest| slowest / 2.0);
    let of_all =
        format!("Answers, at {half:.0} requests/s for each: half of what the slowest does");
    const OF_ITS_OWN: &str = "Answers, at half of the requests/s that each does itself";
    const MIRRORS: &str = "The mirrors: they do what their listings say, and no less";
    let bars = "µs of the server's processor time for each request";
    Section {
        tables: vec![
            table("Processor time of the server for each request, closed loop", best, COSTS),
            table("Calls, switches, memory", best, BEHAVIOUR),
            answers(bench, of_all, best, Rate::OfTheSlowest),
            answers(bench, OF_ITS_OWN, best, Rate::OfItsOwn),
            table(MIRRORS, mirrors, COSTS),
            table("Calls, switches, memory of the mirrors", mirrors, BEHAVIOUR),
        ],
        charts: vec![bars_of_costs(bench, bars, best, &reference)],
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
