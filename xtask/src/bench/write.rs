//! The files of a run: charts, figures of every round, and one page with everything.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::bench::plan::{Bench, Plan};
use crate::bench::report;
use crate::bench::scenarios::{Scenario, Section};

/// A scenario that was run, and what it found.
pub struct Done {
    /// Which.
    pub scenario: &'static Scenario,
    /// What it measured.
    pub plan: Plan,
    /// What it found.
    pub section: Section,
}

/// Writes `report.html`, and for each scenario its charts and figures, into a folder that is made
/// where it is missing; returns the files' names.
///
/// # Errors
/// When the folder cannot be written to.
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
        for (number, chart) in drawn(&one.section).enumerate() {
            let more = if number > 0 { format!("-{}", number + 1) } else { String::new() };
            put(format!("{name}{more}.svg"), chart.svg()?.as_bytes())?;
        }
        put(format!("{name}.csv"), &figures(bench, name)?)?;
    }
    put("report.html".to_owned(), report::html(bench, done)?.as_bytes())?;
    Ok(names)
}

/// The charts of a section that have something to show.
pub fn drawn(section: &Section) -> impl Iterator<Item = &crate::bench::chart::Chart> {
    section.charts.iter().filter(|chart| !chart.is_empty())
}

/// The figures of every round of a scenario, as CSV.
fn figures(bench: &Bench, scenario: &str) -> Result<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    if scenario == "libevent" {
        csv.write_record(["mechanism", "pipes", "round", "us_per_event"])?;
        for (mechanism, pipes, round, micros) in &bench.results.pipes {
            csv.serialize((mechanism.to_string(), pipes, round, micros))?;
        }
        return Ok(csv.into_inner()?);
    }
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
            figures.in_kernel(),
            figures.switches(),
            figures.memory,
            figures.load_busy(),
        ))?;
    }
    Ok(csv.into_inner()?)
}
