//! What the listing takes from Python's `time` and `random`, and the mechanisms of the examples.
//!
//! - [`sleep`], [`uniform`] and [`pause_option`]: `time.sleep` and `random.uniform`, as the listing
//!   calls them, and the option that sets the longest pause
//! - [`Local`], [`with`] and [`shared_option`]: what `threading.local` keeps for a thread
//! - [`Pool`]: a pool of connections, on the client's side

use std::thread;
use std::time::Duration;

use common::clap::Arg;
use common::{chosen, whole_number};

mod local;
mod pool;
mod sys;

pub use local::{Local, shared_option, with};
pub use pool::{Lease, Pool};

/// `--pause MS`, for [`uniform`].
pub fn pause_option() -> Arg {
    Arg::new("pause")
        .long("pause")
        .value_name("MS")
        .value_parser(whole_number::<u32>(0..=u32::MAX.into()))
        .help("Longest pause before a worker prints, in milliseconds [default: 2000]")
}

/// `time.sleep(seconds)`.
pub fn sleep(seconds: f64) {
    thread::sleep(Duration::from_secs_f64(seconds));
}

/// `random.uniform(low, high)`, or up to what `--pause` says instead of `high`; in seconds.
pub fn uniform(low: f64, high: f64) -> f64 {
    let longest = chosen::<u32>("pause").map(|millis| f64::from(millis) / 1000.0);
    common::uniform(low, longest.unwrap_or(high))
}
