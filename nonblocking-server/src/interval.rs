//! The option of the two servers that sleep.

use std::time::Duration;

use common::clap::{self, Args};

/// `--interval SECONDS`.
#[derive(Args)]
pub struct Options {
    /// Sleep after a pass that found no new client; decimals are allowed [default: 4]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub interval: Option<f64>,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok();
    seconds
        .filter(|seconds| Duration::try_from_secs_f64(*seconds).is_ok())
        .ok_or_else(|| "expected seconds, for example 0.5".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_slept_is_no_interval() {
        assert_eq!(seconds("0"), Ok(0.0));
        assert_eq!(seconds("0.5"), Ok(0.5));
        for text in ["", "x", "-1", "nan", "inf", "1e300"] {
            assert!(seconds(text).unwrap_err().contains("expected seconds"), "{text}");
        }
    }
}
