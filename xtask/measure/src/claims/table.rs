//! How each claim is measured.

use anyhow::{Context, Result};

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::measure::{
    accepted, addresses, asking, asynchronous, copies, descriptors, edge, epoll_memory, memory,
    one_client, poll_limit, polling, pool, second_phase, select_empty, select_limit, select_lists,
    selectors, signals, sleep, switching, triggers, watching,
};
use xtask::catalog::claim::Claim;

/// What measures a claim.
pub type Measure = fn() -> Result<Measured>;

/// The measurement of each claim, by its name.
pub const MEASUREMENTS: &[(&str, Measure)] = &[
    ("switching", switching::switching),
    ("descriptor-is-not-zero", descriptors::lowest_number),
    ("synchronous-asks-again", asking::asking_of_a_synchronous_call),
    ("sleep-uninterruptible", sleep::state),
    ("copying-blocks", second_phase::copying_holds_the_process),
    ("second-list-comes-back-whole", select_lists::second_list_whole),
    ("third-list-has-errors", select_lists::errors_in_third_list),
    ("select-two-calls", one_client::calls_of_select),
    ("select-limit-by-ulimit", select_limit::select_limit_by_ulimit),
    ("cost-of-watching", watching::cost_of_watching),
    ("cost-of-copying", watching::cost_of_copying),
    ("poll-has-no-limit", poll_limit::poll_has_no_limit),
    ("level-again-edge-once", triggers::reports),
    ("edge-is-better", edge::better_trigger),
    ("connections-in-memory", memory::connections_in_memory),
    ("epoll-shares-memory", epoll_memory::epoll_shares_memory),
    ("select-ends-at-1024", select_limit::select_ends_at_1024),
    ("data-does-not-come", accepted::data_of_a_client),
    ("selectors-block-nowhere", selectors::selectors_block_nowhere),
    ("three-and-one-gib", addresses::three_and_one_gib),
    ("cached-io-copies", copies::cached_io),
    ("three-empty-lists", select_empty::three_empty_lists),
    ("null-returns-at-once", select_lists::null_returns_at_once),
    ("signal-when-ready", signals::signal_driven),
    ("asynchronous-returns-at-once", asynchronous::asynchronous),
    ("pool-up-to-its-size", pool::pool),
    ("polling-wastes", polling::waste_of_asking),
    ("poll-holds-more-than-select", poll_limit::poll_holds_more_than_select),
    ("epoll-on-a-mac", || {
        Ok(told(
            Answer::False,
            "epoll is a part of Linux. macOS and BSD have kqueue, as note 003:77-78 says, and Python's `select` has no `epoll` there.",
        ))
    }),
];

/// An answer that nothing on this machine can show, so that only the source tells it.
const fn told(answer: Answer, why: &'static str) -> Measured {
    Measured::Found(Finding { answer, figures: String::new(), why })
}

/// The measurement of a claim.
///
/// # Errors
/// When the table has none.
pub fn of(claim: &Claim) -> Result<Measure> {
    let found = MEASUREMENTS.iter().find(|(name, _)| *name == claim.name);
    let (_, measure) = found.with_context(|| format!("nothing measures {}", claim.name))?;
    Ok(*measure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use xtask::catalog::claim;

    #[test]
    fn every_claim_has_its_measurement_and_every_measurement_its_claim() {
        let claims = claim::read(xtask::root()).unwrap();
        let claims: Vec<&str> = claims.iter().map(|claim| claim.name.as_str()).collect();
        let measured: Vec<&str> = MEASUREMENTS.iter().map(|(name, _)| *name).collect();
        assert_eq!(claims, measured);
    }
}
