//! The questions: what each scenario measures, and how it shows what was found.
//!
//! - [`fit`]: how many clients a contender can have
//! - [`columns`]: what tables and charts say of each
//! - [`models`], [`listing`], [`threads`], [`cores`]: one load
//! - [`sweeps`]: `sizes`, `clients` and `idle`, many loads
//! - [`neighbours`]: `churn`, `burst` and `flood`, what others do
//! - [`ols2004`]: what others found before

use crate::bench::cell::Key;
use crate::bench::chart::Chart;
use crate::bench::contender::{Contender, Kind};
use crate::bench::load::Size;
use crate::bench::plan::{Bench, Plan};
use crate::bench::table::Table;

pub mod columns;
pub mod cores;
pub mod fit;
pub mod listing;
pub mod models;
pub mod neighbours;
pub mod ols2004;
pub mod sweeps;
pub mod threads;

/// The usual load.
pub const USUAL: Size = Size { active: 50, idle: 0, bytes: 64 };

/// Whom all others are compared with: the first of these that there is.
const REFERENCES: [&str; 2] = ["edge-triggered", "epoll-server"];

/// A question that is measured.
pub struct Scenario {
    pub name: &'static str,
    pub question: &'static str,
    pub plan: fn(&Bench) -> Plan,
    pub show: fn(&Bench, &Plan) -> Section,
}

/// What a scenario found.
#[derive(Default)]
pub struct Section {
    pub tables: Vec<Table>,
    pub charts: Vec<Chart>,
    /// What a reader must know besides.
    pub notes: Vec<String>,
}

/// All scenarios, in the order in which they run.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "models",
        question: "What does each model cost? 50 clients, 64 bytes.",
        plan: models::plan,
        show: models::show,
    },
    Scenario {
        name: "listing",
        question: "What does a mirror cost beside its Python, and beside its model at its best?",
        plan: listing::plan,
        show: listing::show,
    },
    Scenario {
        name: "sizes",
        question: "How does the cost grow with the size of a message?",
        plan: |bench| sweeps::plan(&sweeps::SIZES, bench),
        show: |bench, plan| sweeps::show(&sweeps::SIZES, bench, plan),
    },
    Scenario {
        name: "clients",
        question: "How does the cost grow with the number of clients, all active?",
        plan: |bench| sweeps::plan(&sweeps::CLIENTS, bench),
        show: |bench, plan| sweeps::show(&sweeps::CLIENTS, bench, plan),
    },
    Scenario {
        name: "idle",
        question: "What do idle clients cost? 10 active ones among them (note 000, lines 147-161).",
        plan: |bench| sweeps::plan(&sweeps::IDLE, bench),
        show: |bench, plan| sweeps::show(&sweeps::IDLE, bench, plan),
    },
    Scenario {
        name: "threads",
        question: "What do a thread, a process, a pool and a loop cost for each client?",
        plan: threads::plan,
        show: threads::show,
    },
    Scenario {
        name: "cores",
        question: "What do more processors bring?",
        plan: cores::plan,
        show: cores::show,
    },
    Scenario {
        name: "churn",
        question: "What does a connection with one message cost?",
        plan: neighbours::plan_of_churn,
        show: neighbours::show_churn,
    },
    Scenario {
        name: "burst",
        question: "When are 1,000 clients answered that come at once?",
        plan: neighbours::plan_of_burst,
        show: neighbours::show_burst,
    },
    Scenario {
        name: "flood",
        question: "How long does a small client wait beside four that flood the server?",
        plan: neighbours::plan_of_flood,
        show: neighbours::show_flood,
    },
    Scenario {
        name: "ols2004",
        question: "Does what Gammo, Brecht, Shukla and Pariag found (OLS 2004) hold here?",
        plan: ols2004::plan,
        show: ols2004::show,
    },
];

/// All scenarios with their questions, as `--help` shows them.
pub fn help() -> String {
    let lines = SCENARIOS.iter().map(|one| format!("\n  {:<9} {}", one.name, one.question));
    format!("Scenarios:{}", lines.collect::<String>())
}

/// Whom all others are compared with.
pub fn reference(bench: &Bench) -> Option<&Contender> {
    REFERENCES.iter().find_map(|name| bench.field.get(name))
}

/// Its key under a load.
pub fn reference_key(bench: &Bench, scenario: (&'static str, Size)) -> Option<Key> {
    Some(Key::new(scenario, &reference(bench)?.name))
}

/// Contenders of these kinds, in the order of the tables.
pub fn of_kinds<'a>(bench: &'a Bench, kinds: &'a [Kind]) -> impl Iterator<Item = &'a Contender> {
    bench.field.contenders.iter().filter(|contender| kinds.contains(&contender.kind))
}

/// Those of these names that are there.
pub fn named(bench: &Bench, names: &[&str]) -> Vec<Contender> {
    names.iter().filter_map(|name| bench.field.get(name)).cloned().collect()
}
