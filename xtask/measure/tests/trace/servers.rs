//! Live servers under strace: where each waits, and what it asks of the kernel.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use xtask::catalog::{SERVERS, Server};
use xtask::harness::build;
use xtask_measure::trace::fold::Row;
use xtask_measure::trace::meaning::Phase;
use xtask_measure::trace::record::need_strace;
use xtask_measure::trace::script::{Event, SILENCE, STAYS, What};
use xtask_measure::trace::{self, Trace, text};

/// A call that lasts as long spans the silence, also on a busy machine.
const LONG: Duration = Duration::from_millis(100);
/// A server that asks again and again does it more often in the silence, also on a busy machine.
const MANY: usize = 50;

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

/// Newer architectures have only the calls that also take a set of signals.
const IS_OLD: bool = cfg!(target_arch = "x86_64");
const POLL: &str = if IS_OLD { "poll" } else { "ppoll" };
const EPOLL: &str = if IS_OLD { "epoll_wait" } else { "epoll_pwait" };
const READS: &str = "recvfrom";
const BY_SELECT: &[Wait] = &in_each_pause("pselect6");
const BY_POLL: &[Wait] = &in_each_pause(POLL);
const BY_EPOLL: &[Wait] = &in_each_pause(EPOLL);
const BY_TWO_EPOLLS: &[Wait] =
    &[(EPOLL, 1, 1), (EPOLL, 1, 3), (EPOLL, 2, 2), (EPOLL, 3, 5), (EPOLL, 4, 4)];
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
    ("accept-only", &[(EPOLL, 1, 1)]),
    ("your-msg", BY_EPOLL),
    ("thread-per-connection", &in_each_thread("accept4")),
    ("process-per-connection", &in_each_thread("accept4")),
    ("pre-forked", &in_each_thread("accept4")),
    ("busy-polling", POLLS),
    ("signal-driven", &in_each_pause("read")),
    ("poll", BY_POLL),
    ("edge-triggered", BY_EPOLL),
    // The kernel gives both clients to one thread, or each to its own.
    ("epoll-per-core", BY_EPOLL),
    ("epoll-per-core", BY_TWO_EPOLLS),
    ("io-uring", &in_each_pause("io_uring_enter")),
    ("async-await", BY_EPOLL),
    ("socketserver", &in_each_thread(POLL)),
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
    for (name, wait) in [("select-server", "pselect6"), ("epoll-server", EPOLL)] {
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
