//! Several loops on one port.

use rustix::process::Signal;

use crate::harness::limits::raise_own_limit;
use crate::harness::outcome::{Outcome, Verdict, fail};
use crate::harness::preload::RECEIVE_TOO_MUCH;
use crate::harness::process::memory;
use crate::harness::speaker::Speaker;
use crate::harness::trial::Trial;
use crate::test_all::checks::steps::{end_by, serve_one};

const LOOPS: usize = 4;
/// So many that the kernel leaves out one of four loops once in 10^16 runs.
const CLIENTS: usize = 128;

/// So many loops have so many clients, and as many again, each of which takes no more bytes.
const MANY_LOOPS: usize = 64;
const MANY_CLIENTS: usize = 400;
const MEMORY: u64 = 1024;

const ONE_LOOP: &str = "has one listener";

pub fn every_loop(trial: &Trial<'_>) -> Outcome {
    if trial.server.listeners == 1 {
        return Ok(Verdict::Skip(ONE_LOOP));
    }
    let mut running = trial.launch().with(&["--threads", &LOOPS.to_string()]).start()?;
    for _ in 0..CLIENTS {
        serve_one(trial, &running)?;
    }
    end_by(trial, &mut running, Signal::TERM)?;
    running.output.wait_for_end();
    let lines = trial.output.printed();
    tables_are_their_own(trial)?;
    let served: Vec<usize> = lines.iter().filter_map(|line| served_by_a_loop(line)).collect();
    if served.len() != LOOPS || served.contains(&0) || served.iter().sum::<usize>() != CLIENTS {
        return fail(
            format!("{CLIENTS} clients, some by each of {LOOPS} loops, as it says at its end"),
            format!("{served:?}"),
        );
    }
    panic_ends_it(trial)
}

/// What a loop knows of its clients has no room for those of the other loops.
fn tables_are_their_own(trial: &Trial<'_>) -> Outcome<()> {
    raise_own_limit();
    let running =
        trial.launch().with(&["--quiet", "--threads", &MANY_LOOPS.to_string()]).start()?;
    let come = |count: usize| -> Outcome<Vec<Speaker>> {
        (0..count).map(|number| trial.connect_patiently(&running, number)).collect()
    };
    let _first = come(MANY_CLIENTS)?;
    let before = memory(&running)?;
    let _others = come(MANY_CLIENTS)?;
    let each = memory(&running)?.saturating_sub(before) / MANY_CLIENTS as u64;
    if each > MEMORY {
        return fail(format!("at most {MEMORY} bytes for a client of {MANY_LOOPS} loops"), each);
    }
    Ok(())
}

/// A loop that panics leaves no program behind that lives and serves nobody.
fn panic_ends_it(trial: &Trial<'_>) -> Outcome {
    let preload = trial.preload(&[RECEIVE_TOO_MUCH])?;
    let mut running = trial.loaded().under(&preload).start()?;
    trial.connect(&running)?.client.send(b"panic")?;
    let status = running.program.end()?;
    running.output.wait_for_end();
    let said = running.output.errors().iter().any(|line| line.contains("panicked"));
    if !said || status.code().is_none_or(|code| code == 0) {
        return fail("a panic that is said, and an exit that is not 0", status);
    }
    Ok(Verdict::Pass)
}

/// The count in `loop 0 served 17 clients`.
fn served_by_a_loop(line: &str) -> Option<usize> {
    let words: Vec<&str> = line.split(' ').collect();
    match words.as_slice() {
        ["loop", _, "served", count, "clients"] => count.parse().ok(),
        _ => None,
    }
}
