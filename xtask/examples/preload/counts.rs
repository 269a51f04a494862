//! What happened, for the tester to read while the server runs.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is counted: the file that the tester reads holds these numbers, eight bytes each, in this order.
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
}

static COUNTS: [AtomicU64; 6] = [const { AtomicU64::new(0) }; 6];

static FILE: LazyLock<Option<File>> = LazyLock::new(|| {
    let path = std::env::var_os("PRELOAD_COUNTS")?;
    OpenOptions::new().write(true).open(path).ok()
});

/// Counts one more. Without a file the tester reads nothing, and its check fails for that.
pub fn add(count: Count) {
    let now = COUNTS[count as usize].fetch_add(1, Ordering::Relaxed) + 1;
    if let Some(file) = &*FILE {
        let _ = file.write_at(&now.to_le_bytes(), 8 * count as u64);
    }
}
