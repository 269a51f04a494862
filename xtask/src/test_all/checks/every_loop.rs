//! Several loops on one port.

use rustix::process::Signal;

use crate::harness::outcome::{Outcome, Verdict, fail};
use crate::harness::trial::Trial;
use crate::test_all::checks::faults::serve_one;
use crate::test_all::checks::signals::end_by;

const LOOPS: usize = 4;
/// So many that the kernel leaves out one of four loops once in 10^16 runs.
const CLIENTS: usize = 128;

const ONE_LOOP: &str = "has one listener";

pub fn every_loop(trial: &Trial<'_>) -> Outcome {
    if trial.server.listeners == 1 {
        return Ok(Verdict::Skip(ONE_LOOP));
    }
    let mut running = trial.launch_with(&["--threads", &LOOPS.to_string()])?;
    for _ in 0..CLIENTS {
        serve_one(trial, &running)?;
    }
    end_by(&mut running, Signal::TERM)?;
    running.output.wait_for_end();
    let lines = trial.output.printed();
    let served: Vec<usize> = lines.iter().filter_map(|line| served_by_a_loop(line)).collect();
    if served.len() != LOOPS || served.contains(&0) || served.iter().sum::<usize>() != CLIENTS {
        return fail(
            format!("{CLIENTS} clients, some by each of {LOOPS} loops, as it says at its end"),
            format!("{served:?}"),
        );
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
