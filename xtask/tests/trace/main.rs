//! `cargo xtask trace`: the report of a recorded server, and of live ones.
#![forbid(unsafe_code)]

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use xtask::catalog::{SERVERS, Server};
use xtask::harness::build;
use xtask::trace::fold::Row;
use xtask::trace::meaning::Phase;
use xtask::trace::record::need_strace;
use xtask::trace::script::{Event, SILENCE, What};
use xtask::trace::{self, Trace, picture, text};

/// What strace wrote of the epoll server, with other addresses and shorter times.
const RECORDED: &str = include_str!("epoll-server.strace");
/// What the terminal shows of it.
const REPORT: &str = include_str!("epoll-server.txt");

/// A call that lasts as long spans the silence, also on a busy machine.
const LONG: Duration = Duration::from_millis(100);
/// A server that asks again and again does it more often in the silence, also on a busy machine.
const MANY: usize = 50;

/// What the clients did while it was recorded.
fn events() -> Vec<Event> {
    let addr = |port: u16| What::Connects(([127, 0, 0, 1], port).into());
    let events = [
        (333_700, 1, addr(40_001)),
        (433_900, 2, addr(40_002)),
        (536_200, 2, What::Says(18)),
        (536_700, 2, What::Hears(18)),
        (637_800, 1, What::Says(18)),
        (638_400, 1, What::Hears(18)),
        (699_300, 1, What::Leaves),
        (749_500, 2, What::Leaves),
    ];
    let event = |(micros, client, what)| Event {
        at: Duration::from_secs(100) + Duration::from_micros(micros),
        client,
        what,
    };
    events.into_iter().map(event).collect()
}

fn recorded() -> Trace {
    let lines: Vec<String> = RECORDED.lines().map(str::to_owned).collect();
    let events = events();
    Trace { title: "epoll-server".to_owned(), rows: trace::rows(&lines, &events), events }
}

#[test]
fn a_recorded_server_is_told_line_for_line() {
    let report = text::report(&recorded());
    assert_eq!(console::strip_ansi_codes(&report), REPORT);
}

#[test]
fn the_picture_has_a_lane_for_each_client_the_kernel_and_the_process() {
    let svg = picture::svg(&[recorded()]);
    for label in ["epoll-server", "client 1", "client 2", "kernel: its socket", "process"] {
        assert!(svg.contains(&format!("{label}\n</text>")), "{label}: {svg}");
    }
    let bars = |class: &str| {
        let rectangles = svg.split("<rect ").skip(1);
        rectangles.filter(|rest| rest.split('>').next().unwrap().contains(class)).count()
    };
    // One of each kind stands in the legend; two messages wait in the kernel.
    assert_eq!(bars("class=\"data\""), 1 + 2);
    let count = |phase| recorded().rows.iter().filter(|row| row.meaning.phase == phase).count();
    assert_eq!(bars("class=\"waits\""), 1 + count(Phase::Waits));
    assert_eq!(bars("class=\"copies\""), 1 + count(Phase::Copies));
    assert_eq!(bars("class=\"asks\""), 1 + count(Phase::Asks));
    assert!(svg.contains("waits 101.2 ms"), "{svg}");
}

/// A live server and a single client, who is silent and then says a word; `None`, and a line that
/// says why, where this system cannot show it.
fn watched(name: &str) -> Option<Trace> {
    let server: &Server = SERVERS.iter().find(|server| server.name == name).unwrap();
    let missing = need_strace().err().map(|error| error.to_string());
    if let Some(reason) = missing.or((server.requires)().map(str::to_owned)) {
        eprintln!("skip {name}: {reason}");
        return None;
    }
    // One at a time: strace slows a server down, and others beside it even more.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let binaries = build::build(build::SERVERS, false).unwrap();
    Some(trace::watch(server, name, &binaries, 1).unwrap())
}

/// The silence of the first client, from its connection to its word.
fn silence(trace: &Trace) -> (Duration, Duration) {
    let says = trace.events.iter().find(|event| matches!(event.what, What::Says(_)));
    (trace.events[0].at, says.unwrap().at)
}

/// The call that spans the silence's end, if it lasts long.
fn long_call(trace: &Trace) -> Option<&Row> {
    let (_, end) = silence(trace);
    trace.rows.iter().find(|row| {
        row.count == 1 && row.start < end && row.end >= end && row.end - row.start > LONG
    })
}

fn calls_in_silence(trace: &Trace) -> usize {
    let (begin, end) = silence(trace);
    let inside = trace.rows.iter().filter(|row| row.start > begin && row.end < end);
    inside.map(|row| row.count).sum()
}

#[test]
fn blocking_waits_and_copies_in_one_call() {
    let Some(trace) = watched("blocking-server") else { return };
    let call = long_call(&trace).expect("a call that waits");
    assert_eq!((call.name.as_str(), call.meaning.phase), ("recvfrom", Phase::WaitsAndCopies));
}

#[test]
fn select_and_epoll_wait_in_one_call_and_copy_in_another() {
    for (name, wait) in [("select-server", "pselect6"), ("epoll-server", "epoll_wait")] {
        let Some(trace) = watched(name) else { return };
        let call = long_call(&trace).expect("a call that waits");
        assert_eq!((call.name.as_str(), call.meaning.phase), (wait, Phase::Waits), "{name}");
        let brings = |row: &&Row| row.meaning.brings.is_some();
        let copies = trace.rows.iter().find(brings).expect("a call that copies");
        assert!(copies.start >= call.end, "{name}");
        assert_eq!(copies.meaning.phase, Phase::Copies, "{name}");
    }
}

#[test]
fn non_blocking_asks_again_and_again_through_the_silence() {
    let Some(trace) = watched("nonblocking-server") else { return };
    let asked: usize =
        trace.rows.iter().filter(|row| row.meaning.phase == Phase::Asks).map(|row| row.count).sum();
    assert!(asked > MANY, "{asked} questions in {} ms", SILENCE.as_millis());
    assert!(long_call(&trace).is_none(), "a call that waits");
}

#[test]
fn signal_driven_is_told_by_a_signal() {
    let Some(trace) = watched("signal-driven") else { return };
    let call = long_call(&trace).expect("a call that waits");
    assert!(call.meaning.words.contains("signal"), "{call:?}");
    assert!(calls_in_silence(&trace) < MANY);
}

#[test]
fn io_uring_neither_reads_nor_sends() {
    let Some(trace) = watched("io-uring") else { return };
    let call = long_call(&trace).expect("a call that waits");
    assert_eq!(call.name, "io_uring_enter");
    let moves = |row: &&Row| matches!(row.meaning.phase, Phase::Copies | Phase::WaitsAndCopies);
    assert_eq!(trace.rows.iter().find(moves), None);
    let heard = |event: &Event| matches!(event.what, What::Hears(_));
    assert!(trace.events.iter().any(heard), "the client has its answer");
}
