//! Live servers under strace: where each waits, and what it asks of the kernel.

use std::time::Duration;

use crate::trace::fold::Row;
use crate::trace::meaning::Phase;
use crate::trace::script::{STAYS, What};
use crate::trace::{self, Trace, text};
use xtask::catalog::SERVERS;
use xtask::harness::build;
use xtask::harness::outcome::not_tested;
use xtask::harness::strace;

/// A server that asks again and again does it more often in the script, also on a busy machine.
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

/// The calls that waited through a pause, and from which to which, by their names. A call that is only
/// held up by other programs is shorter.
fn waits(trace: &Trace) -> Vec<(&str, usize, usize)> {
    let pauses = pauses(trace);
    let waits = |row: &&Row| {
        matches!(row.meaning.phase, Phase::Waits | Phase::WaitsAndCopies) && row.took >= STAYS
    };
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

/// How often it was told: not yet.
fn questions(trace: &Trace) -> usize {
    let asks = trace.rows.iter().filter(|row| row.meaning.phase == Phase::Asks);
    asks.map(|row| row.count).sum()
}

/// Where each server waits, and how its clients' bytes come: by the call that waited, by another one
/// that may be asked again and again, or by none of its own.
#[test]
#[ignore = "a whole measurement, which .ci/run takes"]
fn each_pause_of_the_script_is_a_wait_of_each_server_that_waits() {
    if let Some(reason) = strace::refused() {
        return not_tested("cargo xtask trace", reason);
    }
    let binaries = build::build(build::SERVERS, false).unwrap();
    let mut wrong = String::new();
    for server in SERVERS {
        let expected = WAITS.iter().filter(|(name, _)| *name == server.name);
        let expected: Vec<&[Wait]> = expected.map(|(_, waits)| *waits).collect();
        assert!(!expected.is_empty(), "{}: say where it waits", server.name);
        if let Some(reason) = (server.requires)() {
            not_tested(server.name, reason);
            continue;
        }
        let trace = trace::watch(server, server.name, &binaries, 2).unwrap();
        let waits = waits(&trace);
        let brings = |phase| trace.rows.iter().any(|row| row.meaning.phase == phase);
        let copies_where_it_waits = waits.iter().any(|(call, _, _)| *call == READS);
        let is_its_model = brings(Phase::WaitsAndCopies) == copies_where_it_waits
            && (questions(&trace) > MANY) == server.asks_again()
            && !(brings(Phase::Copies) && server.asks_io_uring());
        if !expected.contains(&waits.as_slice()) || !is_its_model {
            wrong += &format!("{waits:?}, not {expected:?}: {}\n", text::report(&trace));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
