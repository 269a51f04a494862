//! The option that sets how long a polling server sleeps.

use std::time::Duration;

use common::clap::Arg;

/// `--interval SECONDS`, with the listings' 4 as default; its value is a [`Duration`].
pub fn interval_option() -> Arg {
    Arg::new("interval")
        .long("interval")
        .value_name("SECONDS")
        .default_value("4")
        .value_parser(seconds)
        .help("Sleep after a pass that found no new client; decimals are allowed")
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok();
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "expected seconds, for example 0.5".to_owned())
}
