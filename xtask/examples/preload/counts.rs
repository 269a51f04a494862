//! What happened, for the tester to read while the server runs.

use std::fs::OpenOptions;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::sys;

/// What is counted: the file that the tester reads holds these numbers, eight bytes each, in this
/// order.
#[derive(Clone, Copy)]
pub enum Count {
    /// Sends of which the kernel was given less than all.
    CutSends,
    /// Receives that got as much as was asked for here, and less than the server asked for.
    CutReceives,
    /// Calls that ended with EINTR.
    Interrupted,
    /// Sends that the kernel refused for want of room, or made to wait for it.
    Refused,
    /// Receives that got data.
    Received,
    /// Descriptors that epoll was not allowed to take.
    NotRegistered,
    /// Threads and processes that were refused.
    NotStarted,
}

/// How many counts there are.
pub const LENGTH: usize = 7;

/// The tester's file in memory, which all processes of the server share: each adds to the same
/// numbers.
static COUNTS: LazyLock<Option<&[AtomicU64; LENGTH]>> = LazyLock::new(|| {
    let path = std::env::var_os("PRELOAD_COUNTS")?;
    let file = OpenOptions::new().read(true).write(true).open(path).ok()?;
    sys::map(&file)
});

/// Counts one more. Without a file the tester reads nothing, and its check fails for that.
pub fn add(count: Count) {
    if let Some(counts) = &*COUNTS {
        counts[count as usize].fetch_add(1, Ordering::Relaxed);
    }
}
