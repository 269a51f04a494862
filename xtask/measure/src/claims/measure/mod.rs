//! The measurements, one file for each group of claims. Each takes figures from the kernel or from a
//! server, and gives them to a function that judges them, so that a test can give it other figures.
//! It fails when the kernel refuses a call, or a server does not answer.
//!
//! - [`server`], [`sockets`], [`calls`], [`turns`]: the steps that several of them take

pub mod asynchronous;
pub mod calls;
pub mod copying;
pub mod epoll;
pub mod limits;
pub mod memory;
pub mod polling;
pub mod process;
pub mod select;
pub mod served;
pub mod server;
pub mod serving;
pub mod signals;
pub mod sleep;
pub mod sockets;
pub mod switching;
pub mod turns;
pub mod watching;

use anyhow::{Context, Result};

use crate::claims::claim::{Answer, Measured};
use xtask::catalog::claim::Claim;

/// What measures a claim.
pub type Measure = fn() -> Result<Measured>;

/// The measurement of each claim, by its name.
pub const MEASUREMENTS: &[(&str, Measure)] = &[
    ("switching", switching::switching),
    ("descriptor-is-not-zero", process::lowest_number),
    ("synchronous-asks-again", polling::asking_of_a_synchronous_call),
    ("sleep-uninterruptible", sleep::state),
    ("copying-blocks", copying::copying_holds_the_process),
    ("second-list-comes-back-whole", select::second_list_whole),
    ("third-list-has-errors", select::errors_in_third_list),
    ("select-two-calls", serving::calls_of_select),
    ("select-limit-by-ulimit", limits::select_limit_by_ulimit),
    ("cost-of-watching", watching::cost_of_watching),
    ("cost-of-copying", watching::cost_of_copying),
    ("poll-has-no-limit", limits::poll_has_no_limit),
    ("level-again-edge-once", epoll::reports),
    ("edge-is-better", serving::better_trigger),
    ("connections-in-memory", memory::connections_in_memory),
    ("epoll-shares-memory", epoll::epoll_shares_memory),
    ("select-ends-at-1024", limits::select_ends_at_1024),
    ("data-does-not-come", served::data_of_a_client),
    ("selectors-block-nowhere", served::selectors_block_nowhere),
    ("three-and-one-gib", process::three_and_one_gib),
    ("cached-io-copies", copying::cached_io),
    ("three-empty-lists", select::three_empty_lists),
    ("null-returns-at-once", select::null_returns_at_once),
    ("signal-when-ready", signals::signal_driven),
    ("asynchronous-returns-at-once", asynchronous::asynchronous),
    ("pool-up-to-its-size", serving::pool),
    ("polling-wastes", polling::waste_of_asking),
    ("poll-holds-more-than-select", limits::poll_holds_more_than_select),
    // Nothing on this machine can show it: only the source tells.
    ("epoll-on-a-mac", || Ok((Answer::False, String::new()))),
];

/// The measurement of a claim.
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
