//! Python's `time.sleep`, which two of this crate's listings call between their questions, and the
//! option that sets it.

use std::thread;
use std::time::Duration;

use common::chosen;
use common::clap::Arg;

/// `--interval SECONDS`, for [`sleep`].
pub fn interval_option() -> Arg {
    Arg::new("interval")
        .long("interval")
        .value_name("SECONDS")
        .value_parser(seconds)
        .help("Sleep after a pass that found no new client; decimals are allowed [default: 4]")
}

/// `time.sleep(seconds)`, or as long as `--interval` says.
pub fn sleep(seconds: u64) {
    thread::sleep(chosen("interval").unwrap_or(Duration::from_secs(seconds)));
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok();
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "expected seconds, for example 0.5".to_owned())
}
