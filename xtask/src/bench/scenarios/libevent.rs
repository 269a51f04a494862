//! `libevent`: many pipes, 100 of them active, 1,000 writes.

use crate::bench::chart::Chart;
use crate::bench::pipes::{MECHANISMS, Mechanism};
use crate::bench::plan::{Bench, Plan};
use crate::bench::scenarios::Section;
use crate::bench::statistics::Median;
use crate::bench::table::{NONE, Table, figure};
use crate::terminal::grouped;

/// How many pipes there are.
const PIPES: &[usize] = &[100, 400, 1000, 4000, 9000];

fn fits(bench: &Bench, mechanism: Mechanism, count: usize) -> bool {
    mechanism.is_missing().is_none() && count <= mechanism.most(bench.descriptors)
}

/// Each mechanism with each number of pipes.
pub fn plan(bench: &Bench) -> Plan {
    let counts = bench.settings.of(PIPES);
    let all = MECHANISMS.iter().flat_map(|one| counts.iter().map(move |count| (*one, *count)));
    let (pipes, cut): (Vec<_>, Vec<_>) =
        all.partition(|(mechanism, count)| fits(bench, *mechanism, *count));
    let told = cut.into_iter().map(|(mechanism, count)| {
        let why = mechanism.is_missing().unwrap_or_else(|| {
            format!("has room for {} pipes here", grouped(mechanism.most(bench.descriptors) as f64))
        });
        format!("{mechanism}, {} pipes: {why}", grouped(count as f64))
    });
    Plan { rounds: bench.settings.rounds, pipes, cut: told.collect(), ..Plan::default() }
}

fn micros(bench: &Bench, mechanism: Mechanism, count: usize) -> Option<Median> {
    let rounds = bench.results.pipes.iter();
    let rounds = rounds.filter(|(known, pipes, _, _)| (*known, *pipes) == (mechanism, count));
    Median::of(&rounds.map(|(_, _, _, micros)| *micros).collect::<Vec<_>>())
}

/// The classic chart.
pub fn show(bench: &Bench) -> Section {
    let counts = bench.settings.of(PIPES);
    let names: Vec<String> = counts.iter().map(|count| grouped(*count as f64)).collect();
    let header: Vec<&str> = ["pipes"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let mut table = Table::new("µs of processor time for each event, 100 pipes active", &header);
    let mut lines = Vec::new();
    for mechanism in MECHANISMS {
        let found: Vec<_> =
            counts.iter().map(|count| (*count, micros(bench, mechanism, *count))).collect();
        let cells = found.iter().map(|(_, median)| match median {
            Some(Median { value, low, high }) => {
                format!("{} ({} to {})", figure(*value), figure(*low), figure(*high))
            }
            None => NONE.to_owned(),
        });
        table.rows.push([mechanism.to_string()].into_iter().chain(cells).collect());
        let points = found
            .iter()
            .filter_map(|(count, median)| Some((*count as f64, median.as_ref()?.value)));
        lines.push((mechanism.to_string(), points.collect()));
    }
    let title = "µs for each event, 100 pipes active".to_owned();
    let charts = vec![Chart::Lines { title, across: "pipes".to_owned(), lines }];
    let notes = vec![
        "Each event is one wait's share, one read and one write; a byte is read and written in all \
         four alike. io_uring waits for readiness here, and is asked anew after each event."
            .to_owned(),
    ];
    Section { tables: vec![table], charts, notes }
}
