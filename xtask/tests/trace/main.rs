//! `cargo xtask trace`: the report of a recorded server, and of live ones.
#![forbid(unsafe_code)]

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use xtask::catalog::{SERVERS, Server};
use xtask::harness::build;
use xtask::trace::fold::Row;
use xtask::trace::meaning::Phase;
use xtask::trace::record::need_strace;
use xtask::trace::rows::Rows;
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
    let svg = picture::svg(&[recorded()], "measured here");
    for label in ["epoll-server", "client 1", "client 2", "kernel", "process", "measured here"] {
        assert!(svg.contains(&format!("{label}\n</text>")), "{label}: {svg}");
    }
    let bars = |class: &str| {
        let rectangles = svg.split("<rect ").skip(1);
        let of_class = rectangles.filter(|rest| rest.split('>').next().unwrap().contains(class));
        of_class.count()
    };
    let moment = |row: &&Row| {
        let speaks = Duration::from_micros(100_637_800);
        row.end + Duration::from_micros(100) >= speaks
            && row.start <= speaks + Duration::from_micros(1100)
    };
    let count = |phase| {
        let rows: Vec<Row> = recorded().rows;
        let rows: Vec<&Row> = rows.iter().filter(|row| row.meaning.phase == phase).collect();
        rows.len() + rows.into_iter().filter(moment).count()
    };
    // One of each kind stands in the legend, the others in the script and once more in the moment.
    assert_eq!(bars("class=\"data\""), 1 + 2 + 1);
    assert_eq!(bars("class=\"waits\""), 1 + count(Phase::Waits));
    assert_eq!(bars("class=\"copies\""), 1 + count(Phase::Copies));
    assert_eq!(bars("class=\"asks\""), 1 + count(Phase::Asks));
    assert!(svg.contains("\n101 ms\n"), "{svg}");
    let word = "client 1's word is answered in 0.60 ms: epoll_wait, 3 × recvfrom, epoll_ctl, \
                epoll_wait, sendto, epoll_ctl";
    assert!(svg.contains(word), "{svg}");
}

#[test]
fn a_bar_is_as_long_as_its_call() {
    let mut trace = recorded();
    let width_of_waits = |trace: &Trace| -> Vec<f64> {
        let svg = picture::svg(std::slice::from_ref(trace), "");
        let bars = svg.split("<rect ").filter(|rest| rest.contains("class=\"waits\""));
        let width = |bar: &str| bar.split("width=\"").nth(1)?.split('"').next()?.parse().ok();
        bars.filter_map(width).collect()
    };
    let before = width_of_waits(&trace);
    let row = trace.rows.iter_mut().find(|row| row.meaning.phase == Phase::Waits).unwrap();
    row.end = row.start + row.took / 2;
    let after = width_of_waits(&trace);
    // The first bar is the legend's.
    assert_eq!(before[0].to_bits(), after[0].to_bits());
    assert!((before[1] / after[1] - 2.0).abs() < 0.01, "{before:?} {after:?}");
}

/// The same with every time so many times as long: on a machine that is so much slower.
fn stretched(factor: u32) -> Trace {
    let begin = Duration::from_secs(100);
    let time = |text: &str| {
        let (seconds, micros) = text.split_once('.').unwrap();
        Duration::from_secs(seconds.parse().unwrap())
            + Duration::from_micros(micros.parse().unwrap())
    };
    let text = |time: Duration| format!("{}.{:06}", time.as_secs(), time.subsec_micros());
    let lines = RECORDED.lines().map(|line| {
        let [thread, start, rest] = line.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!() };
        let start = text(begin + (time(start) - begin) * factor);
        match rest.rsplit_once(" <") {
            Some((call, took)) => {
                let took = text(time(took.trim_end_matches('>')) * factor);
                format!("{thread} {start} {call} <{took}>")
            }
            None => format!("{thread} {start} {rest}"),
        }
    });
    let at = |event: Event| Event { at: begin + (event.at - begin) * factor, ..event };
    let events: Vec<Event> = events().into_iter().map(at).collect();
    let rows = trace::rows(&lines.collect::<Vec<_>>(), &events);
    Trace { title: "epoll-server".to_owned(), rows, events }
}

#[test]
fn a_slow_machine_changes_no_meaning() {
    let told = |trace: Trace| -> Vec<(String, String)> {
        let last = trace.events.last().unwrap().at;
        let before = trace.rows.into_iter().filter(|row| row.start < last);
        before.map(|row| (row.name, row.meaning.words)).collect()
    };
    assert_eq!(told(stretched(500)), told(recorded()));
}

#[test]
fn live_rows_begin_when_the_server_listens() {
    let mut rows = Rows::live();
    let mut shown: Vec<Row> = Vec::new();
    let start_up = "7 100.300000 bind(4<TCP:[0.0.0.0:0]>, 0x7f, 16) = 0 <0.000017>";
    for line in [start_up].into_iter().chain(RECORDED.lines()) {
        shown.extend(rows.take(line));
    }
    shown.extend(rows.finish());
    assert_eq!(rows.begin(), Duration::from_micros(100_333_391), "when listen ends");
    assert_eq!((shown[0].name.as_str(), shown[1].name.as_str()), ("write", "ioctl"));
    let waits = shown.iter().filter(|row| row.meaning.phase == Phase::Waits).count();
    assert_eq!(waits, 6, "without a script the time tells: {shown:#?}");
    assert_eq!(shown.last().unwrap().meaning.words, "waits: which of 1 are ready? EINTR");
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
    assert_eq!(call.meaning.words, "waits: a signal: a socket is ready");
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
