//! Servers that have no descriptor for another client.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use crate::catalog::{Concurrency, Talk};
use crate::harness::client::DEADLINE;
use crate::harness::launch::Running;
use crate::harness::limits::{forbid_descriptors, limit_descriptors, unlimit_descriptors};
use crate::harness::outcome::{Outcome, fail};
use crate::harness::trial::Trial;
use crate::test_all::checks::faults::serve_one;
use crate::test_all::checks::make_sure_it_rests;

/// Fewer than the clients that come, and enough for any server to start.
const DESCRIPTORS: u64 = 40;
const CLIENTS_FOR_DESCRIPTORS: usize = 60;
/// Slow enough for a backlog of 5 where the server looks every 10 ms.
const BETWEEN_ARRIVALS: Duration = Duration::from_millis(5);
/// When no further client was served for so long, the descriptors are used up.
const NO_MORE: Duration = Duration::from_millis(500);

/// Clients that come while none is left: more than the pool's workers and its queue take.
const CLIENTS_FOR_NONE: usize = 10;

/// What the system calls it (EMFILE).
const EXHAUSTED: &str = "Too many open files";

pub fn descriptors_exhausted(trial: &Trial<'_>) -> Outcome {
    let concurrency = trial.server.concurrency;
    // A process for each client has descriptors of its own, so the clients take none of the
    // listener's.
    let holds_few = concurrency.limit().is_some()
        || concurrency == Concurrency::Processes
        || matches!(trial.server.talk, Talk::Accepts);
    trial.while_running(|running| {
        if holds_few { all_are_taken(trial, running) } else { crowd(trial, running) }
    })
}

/// Clients that stay use the descriptors up, and free them when they leave.
fn crowd(trial: &Trial<'_>, running: &Running) -> Outcome {
    limit_descriptors(running, DESCRIPTORS)?;
    let seen = running.output.count();
    let (served, all_served) = channel();
    thread::scope(|scope| {
        for number in 0..CLIENTS_FOR_DESCRIPTORS {
            let served = served.clone();
            // Each client is served and stays.
            scope.spawn(move || served.send(trial.connect_patiently(running, number)));
            thread::sleep(BETWEEN_ARRIVALS);
        }
        drop(served);
        let mut stayed = Vec::new();
        loop {
            match all_served.recv_timeout(NO_MORE) {
                Ok(speaker) => stayed.push(speaker?),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => {
                    return fail(
                        format!("{DESCRIPTORS} descriptors do not suffice"),
                        "all were served",
                    );
                }
            }
        }
        running.output.have_line(DEADLINE, seen, EXHAUSTED)?;
        let verdict = make_sure_it_rests(trial, running)?;
        // Those that stayed leave, and every one that waited is served in its turn.
        let mut left = 0;
        for speaker in stayed {
            speaker.leave()?;
            left += 1;
        }
        for speaker in all_served {
            speaker?.leave()?;
            left += 1;
        }
        serve_one(trial, running)?;
        match left {
            CLIENTS_FOR_DESCRIPTORS => Ok(verdict),
            _ => fail(format!("{CLIENTS_FOR_DESCRIPTORS} clients are served in the end"), left),
        }
    })
}

/// Few clients cannot take all descriptors, so the server is forbidden to open one more; later it
/// may.
fn all_are_taken(trial: &Trial<'_>, running: &Running) -> Outcome {
    let seen = running.output.count();
    // An accept(2) that waits has set a descriptor aside, so the first client may still be served.
    forbid_descriptors(running)?;
    thread::scope(|scope| {
        let clients: Vec<_> =
            (0..CLIENTS_FOR_NONE).map(|_| scope.spawn(|| serve_one(trial, running))).collect();
        running.output.have_line(DEADLINE, seen, EXHAUSTED)?;
        let verdict = make_sure_it_rests(trial, running)?;
        unlimit_descriptors(running)?;
        for client in clients {
            client.join().expect("a client's thread does not panic")?;
        }
        let errors = running.output.errors();
        let exhausted = errors.iter().filter(|line| line.contains(EXHAUSTED));
        match exhausted.count() {
            1 => Ok(verdict),
            times => fail(format!("`{EXHAUSTED}` once"), format!("{times} times")),
        }
    })
}
