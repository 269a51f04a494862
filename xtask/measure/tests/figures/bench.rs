//! The benchmark: what is wrong with a server is an error of its round, and a small run of two
//! servers fills every table.

use std::fs;
use std::time::Duration;

use indicatif::ProgressBar;
use xtask::catalog::{Concurrency, Talk};
use xtask::harness::build;
use xtask::harness::command_line::CommandLine;
use xtask::harness::launch::Running;
use xtask::harness::outcome::Outcome;
use xtask::harness::output::Output;
use xtask_measure::bench::contender::{Contender, Field, Kind};
use xtask_measure::bench::load::Size;
use xtask_measure::bench::plan::{Bench, Settings};
use xtask_measure::bench::round::{self, Asked, Figures, Work};
use xtask_measure::bench::scenarios::SCENARIOS;
use xtask_measure::bench::syscalls::{self, Means};
use xtask_measure::bench::write::{self, Done};
use xtask_measure::pin::Processors;

const TIME: Duration = Duration::from_millis(50);

/// How long a server is loaded that must fail: the first error ends its round.
const LONG: Duration = Duration::from_secs(10);

/// The broken server with a defect, as a contender.
fn broken(name: &str, defect: &str) -> Contender {
    let built = build::build(&["--package", "xtask", "--example", "broken-server"], false).unwrap();
    let program = built.get("xtask", "broken-server").unwrap();
    Contender {
        name: name.to_owned(),
        kind: Kind::Mirror,
        line: CommandLine::new(program).with(["127.0.0.1:0"]),
        args: vec![defect.to_owned(), "--quiet".to_owned()],
        talk: Talk::Stream(<[u8]>::to_vec),
        backlog: 128,
        concurrency: Concurrency::Threads,
        processors: 1,
    }
}

fn measure(defect: &str, work: Work, time: Duration) -> Outcome<Figures> {
    let size = Size { active: 20, idle: 2, bytes: 64 };
    let size = if work == Work::Visits { Size { active: 0, ..size } } else { size };
    round::measure(&broken(defect, defect), work, size, time, &Processors::allowed().unwrap())
}

#[test]
fn a_server_that_answers_every_byte_has_figures() {
    for work in [Work::Closed, Work::Visits, Work::Burst(40)] {
        let figures = measure("healthy", work, TIME).unwrap();
        assert!(figures.ran.requests > 0 && figures.micros() > 0.0, "{figures:?}");
    }
}

#[test]
fn a_wrong_byte_is_an_error() {
    let failure = measure("mixes-clients", Work::Closed, LONG).unwrap_err();
    assert!(failure.expected.contains("the answer to request"), "{failure:?}");
    assert!(failure.actual.contains('#'), "{failure:?}");
}

#[test]
fn a_byte_too_many_or_too_few_is_an_error() {
    measure("answers-twice", Work::Closed, LONG).unwrap_err();
    measure("answers-twice", Work::Visits, LONG).unwrap_err();
    measure("drops-bytes", Work::Closed, LONG).unwrap_err();
}

#[test]
fn an_answer_that_does_not_come_is_an_error() {
    let failure = measure("stops-early", Work::Closed, LONG).unwrap_err();
    assert!(failure.actual.contains("silence for 10 s"), "{failure:?}");
}

#[test]
fn a_server_that_closes_is_an_error() {
    // It closes everyone but the first 300.
    let failure = measure("tires", Work::Visits, LONG).unwrap_err();
    assert!(failure.actual.contains("end of the stream") || failure.actual.contains("reset"));
}

#[test]
fn answers_are_timed_at_their_rate() {
    let size = Size { active: 5, idle: 0, bytes: 64 };
    let healthy = broken("healthy", "healthy");
    for floods in [0, 2] {
        let asked = Asked { rate: 1000.0, floods };
        let times = round::time(&healthy, asked, size, TIME, &Processors::allowed().unwrap());
        assert_eq!(times.unwrap().len(), 50);
    }
}

/// A server of which each request is two calls, one thread each, however they are counted.
#[test]
fn calls_are_counted_by_every_means() {
    let size = Size { active: 3, idle: 0, bytes: 64 };
    let healthy = broken("healthy", "healthy");
    let processors = Processors::allowed().unwrap();
    for means in [Means::Tracepoint, Means::Strace] {
        if means == Means::Tracepoint && Means::best() != Some(Means::Tracepoint) {
            eprintln!("not tested: the kernel does not count for this user");
            continue;
        }
        let counted = round::count(&healthy, Work::Closed, size, means, &processors);
        let (calls, requests) = counted.unwrap();
        let each = calls.all as f64 / requests as f64;
        assert!((1.9..2.2).contains(&each), "{each} by {means}");
        assert_eq!(calls.epoll_ctl, 0);
    }
}

#[test]
fn calls_of_threads_that_begin_later_count() {
    let Some(means @ Means::Tracepoint) = Means::best() else {
        return;
    };
    let healthy = broken("healthy", "healthy");
    let running = Running::start(&healthy.command_line(), None, &Output::default()).unwrap();
    let size = Size { active: 3, idle: 0, bytes: 64 };
    let connect = || xtask_measure::bench::load::Load::connect(running.addr, healthy.talk, size, 3);
    let (calls, _load) = syscalls::count(means, &running, connect).unwrap();
    assert!(calls.all >= 6, "{calls:?}");
}

#[test]
fn a_quick_run_of_two_servers_fills_tables_and_files() {
    let settings = Settings { rounds: 2, time: TIME, quick: true };
    let mut epoll = broken("epoll-server", "healthy");
    epoll.kind = Kind::Model;
    let mut other = broken("other", "mixes-clients");
    other.kind = Kind::Peer;
    let field = Field { contenders: vec![epoll, other], ..Field::default() };
    let mut bench = Bench::new(settings, field, Processors::allowed().unwrap());
    let mut done = Vec::new();
    for scenario in SCENARIOS.iter().filter(|scenario| ["models", "flood"].contains(&scenario.name))
    {
        let plan = (scenario.plan)(&bench);
        bench.run(scenario.name, &plan, &ProgressBar::hidden());
        let section = (scenario.show)(&bench);
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
