//! What happens to the next call.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// One call in so many is interrupted before it begins.
const INTERRUPTED: u64 = 16;
/// One send in so many finds its buffer shrunk.
const SQUEEZED: u64 = 4;

static STATE: LazyLock<AtomicU64> = LazyLock::new(|| {
    let seed = std::env::var("PRELOAD_SEED").ok();
    AtomicU64::new(seed.and_then(|seed| seed.parse().ok()).unwrap_or_default())
});

/// Whether a signal comes before this call.
pub fn is_interrupted() -> bool {
    random().is_multiple_of(INTERRUPTED)
}

/// Whether the send buffer is shrunk for this call.
pub fn is_squeezed() -> bool {
    random().is_multiple_of(SQUEEZED)
}

/// How many bytes of `length` this call may move: at least one, if there are any.
pub fn cut(length: usize) -> usize {
    match length as u64 {
        0 => 0,
        length => 1 + (random() % length) as usize,
    }
}

/// A random number (splitmix64): from any thread, and the same in every run with the same seed and order.
fn random() -> u64 {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut bits = STATE.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
