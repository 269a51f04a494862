//! What a server does while nobody wants anything.

use std::time::Duration;

use crate::harness::calls;
use crate::harness::outcome::{Outcome, Verdict};
use crate::harness::trial::Trial;
use crate::test_all::checks::steps::come;

const CLIENTS: usize = 10;
const WATCHED: Duration = Duration::from_secs(1);

const POLLS: &str = "asks its sockets without a pause: `idle-cpu` tells what it takes";
const A_LISTING: &str = "mirrors a listing: `idle-cpu` tells what it takes";

pub fn idle_calls(trial: &Trial<'_>) -> Outcome {
    if !trial.server.in_words {
        return Ok(Verdict::Skip(A_LISTING));
    }
    if trial.server.polls {
        return Ok(Verdict::Skip(POLLS));
    }
    let clients = trial.server.concurrency.limit().map_or(CLIENTS, |limit| limit.min(CLIENTS));
    trial.launch().run(|running| {
        let idle = come(trial, running, 0..clients)?;
        calls::makes_none(running, WATCHED)?;
        // They were idle, and not forgotten.
        idle.iter().try_for_each(|speaker| speaker.exchange(0))?;
        Ok(Verdict::Pass)
    })
}
