//! `cargo xtask bench`: what each model costs, in one run.
//!
//! - [`scenarios`]: the questions, and how each shows what was found
//! - [`targets`]: what it must show
//! - [`plan`], [`round`]: shuffled rounds, and one of them
//! - [`contender`], [`peers`]: who is measured; [`cell`]: under which load
//! - [`load`]: the clients
//! - [`cycles`], [`syscalls`]: processor time, system calls
//! - [`results`]: what all rounds say together
//! - [`table`], [`chart`], [`write`](mod@write), [`method`]: how it is shown

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::value_parser;
use indicatif::ProgressBar;

use xtask::catalog::{SCENARIO, SERVERS, select};
use xtask::checkout;
use xtask::harness::build;
use xtask::harness::limits::raise_own_limit;
use xtask::harness::strace;
use xtask::terminal::{print, timed_progress};
use xtask::{FAILED, usage};

use crate::pin::{self, Processors};
use contender::{Field, is_measured};

use plan::{Bench, Plan, Settings};
use results::Results;
use scenarios::{SCENARIOS, Scenario};
use write::Done;

mod cell;
mod chart;
mod contender;
mod cycles;
mod load;
mod method;
mod peers;
mod plan;
mod results;
mod round;
mod scenarios;
pub mod syscalls;
mod table;
mod targets;
mod write;

#[cfg(test)]
mod tests;

/// The rounds of `--quick`, and how long each is.
const QUICK: (usize, f64) = (1, 0.02);

#[derive(clap::Args)]
#[command(after_help = scenarios::help())]
pub struct Args {
    /// Questions to measure [default: all]
    #[arg(value_name = "SCENARIO")]
    scenarios: Vec<String>,
    /// Rounds where ratios matter; scenarios with many sizes have a third of them
    #[arg(long, value_name = "N", default_value_t = 15, value_parser = value_parser!(u64).range(1..))]
    rounds: u64,
    /// How long a round is, in seconds
    #[arg(long, value_name = "N", default_value_t = 0.7, value_parser = seconds)]
    seconds: f64,
    /// Folder with the notes' own files, to measure their Python, too
    #[arg(long, value_name = "DIR")]
    notes: Option<PathBuf>,
    /// Folder for the charts, the figures and the tables [default: target/bench]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Few and short rounds of few sizes, to see within a minute that everything works
    #[arg(long, conflicts_with_all = ["rounds", "seconds"])]
    quick: bool,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse::<f64>().map_err(|error| error.to_string())?;
    let is_fine = (0.01..=60.0).contains(&seconds);
    is_fine.then_some(seconds).ok_or_else(|| "from 0.01 to 60 seconds".to_owned())
}

pub fn run(args: &Args) -> Result<ExitCode> {
    let scenarios = match select(&SCENARIO, &args.scenarios, SCENARIOS, |one| one.name) {
        Ok(scenarios) => scenarios,
        Err(error) => return Ok(usage(&error)),
    };
    let (rounds, seconds) = if args.quick { QUICK } else { (args.rounds as usize, args.seconds) };
    let settings = Settings { rounds, time: Duration::from_secs_f64(seconds), quick: args.quick };
    let default = || Ok(checkout::target()?.join("bench"));
    let out = args.out.clone().map_or_else(default, anyhow::Ok)?;
    let processors = Processors::allowed()?;
    let field = field(args, &processors)?;
    let mut bench = Bench::new(settings, field, processors);
    // Whatever this process starts besides the servers stays with the load.
    pin::stay_on(bench.processors.of_load())?;
    let plans: Vec<Plan> = scenarios.iter().map(|scenario| (scenario.plan)(&bench)).collect();
    let launches = plans.iter().map(|plan| plan.launches(&settings)).sum();
    let progress = timed_progress(launches);
    print(&format!("{}\n", bench.run));
    let mut done = Vec::new();
    for (scenario, plan) in scenarios.into_iter().zip(plans) {
        done.push(run_one(&mut bench, scenario, plan, &progress)?);
    }
    progress.finish_and_clear();
    print_end(&bench);
    let names = write::write(&bench, &done, &out)?;
    print(&format!("\nwritten to {}: {}\n", out.display(), names.join(", ")));
    Ok(ExitCode::from(if bench.results.errors.is_empty() { 0 } else { FAILED }))
}

impl Bench {
    pub fn new(settings: Settings, field: Field, processors: Processors) -> Bench {
        Bench {
            run: method::run(settings),
            settings,
            field,
            processors,
            descriptors: raise_own_limit(),
            counts_calls: strace::refused().is_none(),
            results: Results::default(),
        }
    }
}

fn field(args: &Args, processors: &Processors) -> Result<Field> {
    let mut targets = Vec::new();
    for server in SERVERS.iter().filter(|server| is_measured(server)) {
        let kind = if server.target == xtask::catalog::Target::Bin { "--bin" } else { "--example" };
        targets.extend(["--package", server.package, kind, server.name]);
    }
    let binaries = build::build(&targets, true)?;
    let mut field = contender::of_catalog(&binaries);
    print("compiling the peers; Tokio takes a minute the first time\n");
    let start = Instant::now();
    let peers = peers::all(args.notes.as_deref(), processors.count())?;
    print(&format!("compiled in {:.0} s\n\n", start.elapsed().as_secs_f64()));
    field.contenders.extend(peers.contenders);
    field.skipped.extend(peers.skipped);
    Ok(field)
}

fn run_one(
    bench: &mut Bench,
    scenario: &'static Scenario,
    plan: Plan,
    progress: &ProgressBar,
) -> Result<Done> {
    bench.run(scenario.name, &plan, progress);
    let section = (scenario.show)(bench, &plan);
    progress.suspend(|| {
        print(&format!("\n{}: {}\n", scenario.name, scenario.question));
        section.tables.iter().for_each(|table| print(&format!("\n{}", table.text())));
        let notes = section.notes.iter().chain(&plan.cut);
        notes.for_each(|note| print(&format!("- {note}\n")));
    });
    Ok(Done { scenario, plan, section })
}

fn print_end(bench: &Bench) {
    print(&format!("\n{}\n", targets::table(bench).text()));
    let all = method::not_measured(bench).into_iter().chain(method::errors(bench));
    all.for_each(|line| print(&format!("{line}\n")));
}
