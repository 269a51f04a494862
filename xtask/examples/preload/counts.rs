//! What happened, for the tester to read while the server runs, and a word of the tester's.

use std::fs::OpenOptions;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::sys;

/// What is counted: the file that the tester reads holds these numbers, eight bytes each, in this
/// order. `xtask::harness::preload::Counts` says what each is.
#[derive(Clone, Copy)]
pub enum Count {
    CutSends,
    CutReceives,
    Interrupted,
    Refused,
    Received,
    NotRegistered,
    ReceivedBytes,
    SentBytes,
    NotStarted,
    RefusedByRing,
    Waits,
}

/// Where the tester writes whether sends find little room: after the counts.
const LITTLE_ROOM: usize = 11;

/// How many numbers there are.
pub const LENGTH: usize = 12;

/// The tester's file in memory, which all processes of the server share: each adds to the same
/// numbers.
static COUNTS: LazyLock<Option<&[AtomicU64; LENGTH]>> = LazyLock::new(|| {
    let path = std::env::var_os("PRELOAD_COUNTS")?;
    let file = OpenOptions::new().read(true).write(true).open(path).ok()?;
    sys::map(&file)
});

/// Counts one more. Without a file the tester reads nothing, and its check fails for that.
pub fn add(count: Count) {
    add_many(count, 1);
}

/// Counts `number` more.
pub fn add_many(count: Count, number: usize) {
    if let Some(counts) = &*COUNTS {
        counts[count as usize].fetch_add(number as u64, Ordering::Release);
    }
}

/// Whether the tester wants each send to find little room.
pub fn is_little_room() -> bool {
    COUNTS.is_some_and(|counts| counts[LITTLE_ROOM].load(Ordering::Relaxed) != 0)
}
