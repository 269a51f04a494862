//! Python's `time`: `sleep` and `asctime`.

use std::io;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::sys;

/// `time.sleep(seconds)`.
///
/// # Panics
/// If the seconds are negative, or too many for a [`Duration`].
pub fn sleep(seconds: f64) {
    thread::sleep(Duration::from_secs_f64(seconds));
}

/// The local time as `%(asctime)s` of `logging` writes it: `2018-01-20 15:15:00,123`.
///
/// # Errors
/// Those of localtime_r(3), for a clock far beyond any calendar.
pub(crate) fn asctime() -> io::Result<String> {
    let now = SystemTime::now();
    format(now.duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn format(since_1970: Duration) -> io::Result<String> {
    let local = sys::localtime(since_1970.as_secs())?;
    Ok(format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02},{:03}",
        local.tm_year + 1900,
        local.tm_mon + 1,
        local.tm_mday,
        local.tm_hour,
        local.tm_min,
        local.tm_sec,
        since_1970.subsec_millis(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_stamp_looks_as_in_python() {
        // Noon of that day in Greenwich is the same day from 12 hours west to 11 hours east.
        let text = format(Duration::from_millis(1_516_449_600_007)).unwrap();
        assert!(text.starts_with("2018-01-2"), "{text}");
        assert!(text.ends_with(",007"), "{text}");
        assert_eq!(text.len(), "2018-01-20 15:15:00,123".len());
    }
}
