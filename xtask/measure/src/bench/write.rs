//! The files of a run: charts, figures of every round, and all tables in one file.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::bench::method::{errors, method, not_measured};
use crate::bench::plan::{Bench, Plan};
use crate::bench::results::Answers;
use crate::bench::scenarios::{Scenario, Section};
use crate::bench::table::Table;
use crate::bench::targets;

/// A scenario that was run, and what it found.
pub struct Done {
    pub scenario: &'static Scenario,
    pub plan: Plan,
    pub section: Section,
}

/// Writes `tables.md`, and for each scenario its charts and figures, into a folder that is made
/// where it is missing; returns the files' names.
pub fn write(bench: &Bench, done: &[Done], folder: &Path) -> Result<Vec<String>> {
    fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
    let mut names = Vec::new();
    let mut put = |name: String, text: &[u8]| {
        let path = folder.join(&name);
        fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
        names.push(name);
        anyhow::Ok(())
    };
    for one in done {
        let name = one.scenario.name;
        let drawn = one.section.charts.iter().filter(|chart| !chart.is_empty());
        for (number, chart) in drawn.enumerate() {
            let more = if number > 0 { format!("-{}", number + 1) } else { String::new() };
            put(format!("{name}{more}.svg"), chart.svg()?.as_bytes())?;
        }
        put(format!("{name}.csv"), &figures(bench, name)?)?;
        if !(one.plan.timed.is_empty() && one.plan.flooded.is_empty()) {
            put(format!("{name}-answers.csv"), &answers(bench, name)?)?;
        }
    }
    put("tables.md".to_owned(), tables(bench, done).as_bytes())?;
    Ok(names)
}

/// All tables and how they were measured, as Markdown.
fn tables(bench: &Bench, done: &[Done]) -> String {
    let list =
        |lines: Vec<String>| lines.iter().map(|line| format!("- {line}\n")).collect::<String>();
    let block = |table: &Table| format!("```\n{}```\n\n", table.text());
    let mut text = format!("# All tables\n\n{}\n\n{}", bench.run, block(&targets::table(bench)));
    for Done { scenario, plan, section } in done {
        text += &format!("## {}\n\n{}\n\n", scenario.name, scenario.question);
        section.tables.iter().for_each(|table| text += &block(table));
        text += &list([section.notes.clone(), plan.cut.clone()].concat());
        text += "\n";
    }
    let missing = [not_measured(bench), errors(bench)].concat();
    if !missing.is_empty() {
        text += &format!("## Not measured, and failed\n\n{}\n", list(missing));
    }
    text + "## How it was measured\n\n" + &list(method(bench))
}

/// The figures of every round of a scenario, as CSV.
fn figures(bench: &Bench, scenario: &str) -> Result<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record([
        "server",
        "active",
        "idle",
        "bytes",
        "round",
        "requests",
        "seconds",
        "cpu_us_per_request",
        "share_in_kernel",
        "switches_per_request",
        "memory_empty",
        "memory_with_clients",
        "kernel_memory_empty",
        "kernel_memory_with_clients",
        "load_busy",
    ])?;
    let rounds = bench.results.rounds.iter().filter(|(key, _, _)| key.scenario == scenario);
    for (key, round, figures) in rounds {
        csv.serialize((
            &key.name,
            (key.size.active, key.size.idle, key.size.bytes),
            round,
            figures.ran.requests,
            figures.ran.elapsed.as_secs_f64(),
            figures.micros(),
            figures.kernel_share,
            figures.switches(),
            figures.memory,
            figures.kernel_memory,
            figures.load_busy(),
        ))?;
    }
    Ok(csv.into_inner()?)
}

/// The times of answers of every round of a scenario, as CSV.
fn answers(bench: &Bench, scenario: &str) -> Result<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["server", "rate", "p50_us", "p99_us"])?;
    let rounds = bench.results.answers.iter().filter(|(key, _, _)| key.scenario == scenario);
    for (key, rate, Answers { half, most }) in rounds {
        csv.serialize((&key.name, format!("{rate:?}"), half, most))?;
    }
    Ok(csv.into_inner()?)
}
