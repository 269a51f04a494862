//! `cargo xtask trace`: the report of a recorded server, and of live ones.
#![forbid(unsafe_code)]

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::{self, Command};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use xtask::catalog::{SERVERS, Server};
use xtask::harness::build;
use xtask::terminal::WIDTH;
use xtask::trace::fold::Row;
use xtask::trace::meaning::Phase;
use xtask::trace::record::need_strace;
use xtask::trace::rows::Rows;
use xtask::trace::script::{Event, SILENCE, STAYS, What};
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
    let rows = trace::rows(&lines, &events, Duration::from_micros(100_770_000));
    Trace { title: "epoll-server".to_owned(), rows, events }
}

#[test]
fn a_recorded_server_is_told_line_for_line() {
    let report = text::report(&recorded());
    assert_eq!(console::strip_ansi_codes(&report), REPORT);
    let widest = REPORT.lines().map(console::measure_text_width).max();
    assert!(widest <= Some(WIDTH), "{widest:?} columns");
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
    assert_eq!(waits, 6, "{shown:#?}");
    assert_eq!(shown.last().unwrap().meaning.words, "waits: which are ready? EINTR");
}

/// What `cargo xtask trace` says where `strace` is this shell script.
fn told_with(strace: &str) -> (Option<i32>, String) {
    let folder = env::temp_dir().join(format!("xtask-trace-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("strace");
    fs::write(&path, format!("#!/bin/sh\n{strace}\n")).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let output = command.args(["trace", "epoll-server"]).env("PATH", &folder).output().unwrap();
    fs::remove_dir_all(&folder).unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_strace_that_may_not_watch_is_told_with_what_allows_it() {
    // What strace 6.1 says where ptrace(2) is refused, and where its last line is about its own end.
    let refused = [
        "echo 'strace: test_ptrace_get_syscall_info: PTRACE_TRACEME: Operation not permitted' >&2",
        "echo 'strace: ptrace(PTRACE_TRACEME, ...): Operation not permitted' >&2",
        "echo 'strace: detach: waitpid(9104): No child processes' >&2",
        "exit 1",
    ];
    let (code, error) = told_with(&refused.join("\n"));
    assert_eq!(code, Some(1), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.starts_with("error: this system refuses ptrace(2)"), "{error}");
    assert!(error.contains("sysctl kernel.yama.ptrace_scope"), "{error}");
    let (code, error) = told_with("echo 'strace: out of memory' >&2; exit 1");
    assert_eq!((code, error.as_str()), (Some(1), "error: strace fails: strace: out of memory\n"));
}

/// A call that waits, and the first and the last pause of the script that it lasts through.
type Wait = (&'static str, usize, usize);

/// The waits of a server that waits once in each pause.
const fn in_each_pause(call: &'static str) -> [Wait; 5] {
    [(call, 1, 1), (call, 2, 2), (call, 3, 3), (call, 4, 4), (call, 5, 5)]
}

/// The waits of one that has an acceptor, and another thread or process for each client.
const fn in_each_thread(accepts: &'static str) -> [Wait; 5] {
    [(accepts, 1, 1), (READS, 1, 3), (READS, 2, 2), (READS, 3, 5), (READS, 4, 4)]
}

const READS: &str = "recvfrom";
const BY_SELECT: &[Wait] = &in_each_pause("pselect6");
const BY_POLL: &[Wait] = &in_each_pause("poll");
const BY_EPOLL: &[Wait] = &in_each_pause("epoll_wait");
const BY_TWO_EPOLLS: &[Wait] = &[
    ("epoll_wait", 1, 1),
    ("epoll_wait", 1, 3),
    ("epoll_wait", 2, 2),
    ("epoll_wait", 3, 5),
    ("epoll_wait", 4, 4),
];
/// It asks again and again, and a sleep of a fifth of a millisecond is no wait.
const POLLS: &[Wait] = &[];

/// Where each server waits; one with two rows does either. A wait that the end of the server cuts off
/// is in no trace.
const WAITS: &[(&str, &[Wait])] = &[
    ("blocking-server", &[(READS, 1, 3), (READS, 4, 4), (READS, 5, 5)]),
    ("nonblocking-server", POLLS),
    ("select-server", BY_SELECT),
    ("epoll-server", BY_EPOLL),
    ("selectors-server", BY_EPOLL),
    (
        "threadpool-server",
        &[
            ("accept4", 1, 1),
            // A worker without a client waits for the queue.
            ("futex", 1, 1),
            (READS, 1, 3),
            (READS, 2, 2),
            (READS, 3, 5),
            (READS, 4, 4),
        ],
    ),
    ("interval", POLLS),
    ("greet-once", POLLS),
    ("operator", BY_SELECT),
    // The two that only accept know nothing of their clients' words.
    ("level-triggered", &[("pselect6", 1, 1)]),
    ("chat", BY_SELECT),
    ("upper", BY_SELECT),
    ("hello", BY_SELECT),
    ("operator-callbacks", BY_EPOLL),
    ("echo-callbacks", BY_EPOLL),
    ("accept-only", &[("epoll_wait", 1, 1)]),
    ("your-msg", BY_EPOLL),
    ("thread-per-connection", &in_each_thread("accept4")),
    ("process-per-connection", &in_each_thread("accept4")),
    ("pre-forked", &in_each_thread("accept4")),
    ("signal-driven", &in_each_pause("read")),
    ("poll", BY_POLL),
    ("edge-triggered", BY_EPOLL),
    // The kernel gives both clients to one thread, or each to its own.
    ("epoll-per-core", BY_EPOLL),
    ("epoll-per-core", BY_TWO_EPOLLS),
    ("io-uring", &in_each_pause("io_uring_enter")),
    ("async-await", BY_EPOLL),
    ("socketserver", &in_each_thread("poll")),
];

/// A moment of each pause, in which a server has long done what it had to do: each pause ends when
/// the second client comes or speaks, when the first speaks or leaves, and when the second leaves.
fn pauses(trace: &Trace) -> [Duration; 5] {
    let end = |client, ends: fn(&What) -> bool| {
        let mut events = trace.events.iter().filter(|event| event.client == client);
        events.find(|event| ends(&event.what)).unwrap().at - STAYS / 2
    };
    [
        end(2, |what| matches!(what, What::Connects(_))),
        end(2, |what| matches!(what, What::Says(_))),
        end(1, |what| matches!(what, What::Says(_))),
        end(1, |what| matches!(what, What::Leaves)),
        end(2, |what| matches!(what, What::Leaves)),
    ]
}

/// The calls that waited in a pause, and from which to which, by their names.
fn waits(trace: &Trace) -> Vec<(&str, usize, usize)> {
    let pauses = pauses(trace);
    let waits = |row: &&Row| matches!(row.meaning.phase, Phase::Waits | Phase::WaitsAndCopies);
    let waits = trace.rows.iter().filter(waits).filter_map(|row| {
        let holds = |pause: &Duration| (row.start..row.end).contains(pause);
        let first = pauses.iter().position(holds)?;
        let last = pauses.iter().rposition(holds)?;
        Some((row.name.as_str(), first + 1, last + 1))
    });
    let mut waits: Vec<_> = waits.collect();
    waits.sort_unstable();
    waits
}

#[test]
fn each_pause_of_the_script_is_a_wait_of_each_server_that_waits() {
    let mut wrong = String::new();
    for server in SERVERS {
        let expected = WAITS.iter().filter(|(name, _)| *name == server.name);
        let expected: Vec<&[Wait]> = expected.map(|(_, waits)| *waits).collect();
        assert!(!expected.is_empty(), "{}: say where it waits", server.name);
        let Some(trace) = watched(server.name, 2) else { continue };
        let waits = waits(&trace);
        if !expected.contains(&waits.as_slice()) {
            wrong += &format!("{waits:?}, not {expected:?}: {}\n", text::report(&trace));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A live server that so many clients speak with; `None`, and a line that says why, where this
/// system cannot show it.
fn watched(name: &str, clients: usize) -> Option<Trace> {
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
    Some(trace::watch(server, name, &binaries, clients).unwrap())
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
    let Some(trace) = watched("blocking-server", 1) else { return };
    let call = long_call(&trace).expect("a call that waits");
    assert_eq!((call.name.as_str(), call.meaning.phase), ("recvfrom", Phase::WaitsAndCopies));
}

#[test]
fn select_and_epoll_wait_in_one_call_and_copy_in_another() {
    for (name, wait) in [("select-server", "pselect6"), ("epoll-server", "epoll_wait")] {
        let Some(trace) = watched(name, 1) else { return };
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
    let Some(trace) = watched("nonblocking-server", 1) else { return };
    let asked: usize =
        trace.rows.iter().filter(|row| row.meaning.phase == Phase::Asks).map(|row| row.count).sum();
    assert!(asked > MANY, "{asked} questions in {} ms", SILENCE.as_millis());
    assert!(long_call(&trace).is_none(), "a call that waits");
}

#[test]
fn signal_driven_is_told_by_a_signal() {
    let Some(trace) = watched("signal-driven", 1) else { return };
    let call = long_call(&trace).expect("a call that waits");
    assert_eq!(call.meaning.words, "waits: a signal: a socket is ready");
    assert!(calls_in_silence(&trace) < MANY);
}

#[test]
fn io_uring_neither_reads_nor_sends() {
    let Some(trace) = watched("io-uring", 1) else { return };
    let call = long_call(&trace).expect("a call that waits");
    assert_eq!(call.name, "io_uring_enter");
    let moves = |row: &&Row| matches!(row.meaning.phase, Phase::Copies | Phase::WaitsAndCopies);
    assert_eq!(trace.rows.iter().find(moves), None);
    let heard = |event: &Event| matches!(event.what, What::Hears(_));
    assert!(trace.events.iter().any(heard), "the client has its answer");
}
