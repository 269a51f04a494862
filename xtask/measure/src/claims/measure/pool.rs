//! What a pool of threads saves, and where it ends.

use anyhow::Result;

use crate::claims::claim::{Answer, Measured};
use crate::claims::measure::server::{Launched, launch, told};
use crate::claims::measure::time::{figure, medians};
use xtask::harness::outcome::Outcome;
use xtask::harness::process::wait_for_sleep;
use xtask::harness::speaker::Speaker;

/// Threads of the pool, and clients that stay.
const WORKERS: &str = "4";
const STAYING: usize = 16;
/// Visits in one round, and rounds.
const VISITS: usize = 150;
const ROUNDS: usize = 9;

/// Whether a pool takes less than a thread for each client, and serves no more clients at once than
/// it has threads.
pub fn pool() -> Result<Measured> {
    let threads = launch("thread-per-connection", &[])?;
    let pool = launch("threadpool-server", &["--workers", WORKERS, "--pause", "0"])?;
    let servers = [&threads, &pool];
    let [by_threads, by_pool] =
        medians(ROUNDS, |at| servers[at].micros_each(|| visits(servers[at])))?;
    let (stay, stay_with_pool) = (told(stay(&threads))?, told(self::stay(&pool))?);
    let figures = format!(
        "processor µs of a visit: thread-per-connection {}, a pool of {WORKERS} {}; of {STAYING} \
         that stay, served: {stay} and {stay_with_pool}",
        figure(by_threads),
        figure(by_pool),
    );
    Ok((judge(by_pool / by_threads, stay_with_pool < stay), figures))
}

/// By the pool's share of what threads take.
fn judge(share: f64, is_bounded: bool) -> Answer {
    match (share < 0.9, is_bounded) {
        (true, true) => Answer::Holds,
        (false, false) => Answer::False,
        _ => Answer::Depends,
    }
}

/// Lets clients come one after the other, be answered, and leave.
fn visits(launched: &Launched) -> Outcome<usize> {
    for number in 0..VISITS {
        let client = Speaker::connect(&launched.running, launched.server)?;
        client.exchange(number)?;
        client.leave()?;
    }
    Ok(VISITS)
}

/// Lets clients stay that have asked; returns how many of them were answered once the server
/// sleeps.
fn stay(launched: &Launched) -> Outcome<usize> {
    let ask = |number| {
        let client = Speaker::connect(&launched.running, launched.server)?.client;
        client.send(&launched.server.talk.message(number))?;
        Ok(client)
    };
    let clients = (0..STAYING).map(ask).collect::<Outcome<Vec<_>>>()?;
    wait_for_sleep(&launched.running)?;
    let answered = clients.iter().map(|client| Ok(usize::from(client.unread()? > 0)));
    answered.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_visit_and_those_who_stay_decide() {
        assert_eq!(judge(0.6, true), Answer::Holds);
        assert_eq!(judge(1.0, true), Answer::Depends);
        assert_eq!(judge(0.6, false), Answer::Depends);
        assert_eq!(judge(1.0, false), Answer::False);
    }
}
