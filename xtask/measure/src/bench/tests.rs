//! What is wrong with a server is an error of its round, and a small run of two servers fills every
//! table.

use std::time::Duration;
use std::{fs, thread};

use indicatif::ProgressBar;

use crate::bench::cell::{Cell, Work};
use crate::bench::contender::{Contender, Field, Kind};
use crate::bench::load::Size;
use crate::bench::peers::echo;
use crate::bench::plan::{Bench, Settings};
use crate::bench::round::{self, Asked, Figures};
use crate::bench::scenarios::SCENARIOS;
use crate::bench::write::{self, Done};
use crate::pin::Processors;
use xtask::harness::build;
use xtask::harness::command_line::CommandLine;
use xtask::harness::outcome::{Outcome, not_tested};
use xtask::harness::strace;

const TIME: Duration = Duration::from_millis(50);

/// How long a server is loaded that must fail: the first error ends its round.
const LONG: Duration = Duration::from_secs(10);

/// The broken server with a defect, as a contender.
fn broken(name: &str, kind: Kind, defect: &str) -> Contender {
    let built = build::build(&["--package", "xtask", "--example", "broken-server"], false).unwrap();
    let program = built.get("xtask", "broken-server").unwrap();
    let line = CommandLine::new(program).with(["127.0.0.1:0", defect, "--quiet"]);
    Contender { backlog: 128, ..echo(name, kind, line) }
}

fn cell(defect: &str, work: Work, active: usize) -> Cell {
    let size = Size { active, idle: 2, bytes: 64 };
    Cell::new("", broken(defect, Kind::Mirror, defect), size, work)
}

fn measure(defect: &str, work: Work, time: Duration) -> Outcome<Figures> {
    let active = if work == Work::Visits { 0 } else { 20 };
    round::measure(&cell(defect, work, active), time, &Processors::allowed().unwrap())
}

#[test]
fn a_server_that_answers_every_byte_has_figures() {
    for work in [Work::Closed, Work::Visits, Work::Burst(40)] {
        let figures = measure("healthy", work, TIME).unwrap();
        assert!(figures.ran.requests > 0 && figures.micros() > 0.0, "{figures:?}");
    }
}

#[test]
fn what_is_wrong_with_a_server_is_an_error() {
    let cases = [
        ("mixes-clients", Work::Closed, &["#"][..]),
        ("answers-twice", Work::Closed, &[""]),
        ("answers-twice", Work::Visits, &[""]),
        ("drops-bytes", Work::Closed, &[""]),
        ("stops-early", Work::Closed, &["silence for 10 s"]),
        // It closes everyone but the first 300.
        ("tires", Work::Visits, &["end of the stream", "reset"]),
    ];
    // All at once: some are silent up to the deadline.
    thread::scope(|scope| {
        for (defect, work, words) in cases {
            scope.spawn(move || {
                let failure = measure(defect, work, LONG).unwrap_err();
                let is_told = words.iter().any(|words| failure.actual.contains(words));
                assert!(is_told, "{defect}: {failure:?}");
            });
        }
    });
}

#[test]
fn answers_are_timed_at_their_rate() {
    for floods in [0, 2] {
        let asked = Asked { rate: 1000.0, floods };
        let cell = cell("healthy", Work::Closed, 5);
        let times = round::time(&cell, asked, TIME, &Processors::allowed().unwrap());
        assert_eq!(times.unwrap().len(), 50);
    }
}

/// A server of which each request is two calls, with a thread for each client.
#[test]
fn the_calls_of_all_threads_are_counted() {
    if let Some(reason) = strace::refused() {
        return not_tested("system calls", reason);
    }
    let cell = cell("healthy", Work::Closed, 3);
    let (calls, requests) = round::count(&cell, &Processors::allowed().unwrap()).unwrap();
    let each = calls.all as f64 / requests as f64;
    assert!((1.9..2.2).contains(&each), "{each}");
    assert_eq!(calls.epoll_ctl, 0);
}

#[test]
#[ignore = "a whole measurement, which .ci/run takes"]
fn a_quick_run_of_two_servers_fills_tables_and_files() {
    let settings = Settings { rounds: 2, time: TIME, quick: true };
    let contenders = vec![
        broken("epoll-server", Kind::Model, "healthy"),
        broken("other", Kind::Peer, "mixes-clients"),
    ];
    let field = Field { contenders, ..Field::default() };
    let mut bench = Bench::new(settings, field, Processors::allowed().unwrap());
    let mut done = Vec::new();
    for scenario in SCENARIOS.iter().filter(|scenario| ["models", "flood"].contains(&scenario.name))
    {
        let plan = (scenario.plan)(&bench);
        bench.run(scenario.name, &plan, &ProgressBar::hidden());
        let section = (scenario.show)(&bench, &plan);
        done.push(Done { scenario, plan, section });
    }
    let rows = &done[0].section.tables[0].rows;
    let column = |place: usize| rows.iter().map(|row| row[place].clone()).collect::<Vec<_>>();
    assert_eq!(column(0), ["epoll-server", "other", "epoll-server again"]);
    assert_eq!(column(2)[1], "error");
    assert_eq!(column(8), ["reference", "-", "the same again"]);
    // Two rounds are too few for a percentile.
    assert_eq!(done[0].section.tables[2].rows[0][1], "-");
    assert_eq!(bench.results.errors.len(), 2);

    let folder = std::env::temp_dir().join(format!("xtask-bench-{}", std::process::id()));
    let names = write::write(&bench, &done, &folder).unwrap();
    let expected = [
        "models.svg",
        "models.csv",
        "models-answers.csv",
        "flood.csv",
        "flood-answers.csv",
        "tables.md",
    ];
    assert_eq!(names, expected);
    let lines = |name| fs::read_to_string(folder.join(name)).unwrap().lines().count();
    assert_eq!(lines("models.csv"), 1 + 2 * 2);
    // In each of two rounds two rates, for the one server that is right, and for the same again.
    assert_eq!(lines("models-answers.csv"), 1 + 2 * 2 * 2);
    let tables = fs::read_to_string(folder.join("tables.md")).unwrap();
    assert!(tables.contains("error: other in models") && tables.contains("not measured"));
    fs::remove_dir_all(folder).unwrap();
}
