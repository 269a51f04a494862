//! What happens to the next call.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, OnceLock};
use std::time::{Duration, Instant};

/// One call in so many is interrupted before it begins.
const INTERRUPTED: u64 = 16;
/// One send in so many finds its buffer shrunk.
const SQUEEZED: u64 = 4;

/// How long listen(2) takes: a client that comes meanwhile is refused.
pub const BEFORE_LISTENING: Duration = Duration::from_millis(50);

static STATE: LazyLock<AtomicU64> =
    LazyLock::new(|| AtomicU64::new(setting("PRELOAD_SEED").unwrap_or_default()));

/// The most bytes that a send may move.
static MOST_SENT: LazyLock<Option<u64>> = LazyLock::new(|| setting("PRELOAD_MOST_SENT"));

/// Whether a receive gets all that there is.
static WHOLE_RECEIVES: LazyLock<bool> =
    LazyLock::new(|| setting("PRELOAD_WHOLE_RECEIVES") == Some(1));

/// Whether a receive claims to have got more than there is room for.
static TOO_MUCH: LazyLock<bool> = LazyLock::new(|| setting("PRELOAD_TOO_MUCH") == Some(1));

/// Which of the sockets that epoll is handed it refuses, counted from one.
static NOT_REGISTERED: LazyLock<Option<u64>> = LazyLock::new(|| setting("PRELOAD_NOT_REGISTERED"));
static HANDED_TO_EPOLL: AtomicU64 = AtomicU64::new(0);

/// For how many milliseconds the threads and processes that the server wants are refused, and since
/// when.
static NOT_STARTED: LazyLock<Option<u64>> = LazyLock::new(|| setting("PRELOAD_NOT_STARTED"));
static FIRST_START: OnceLock<Instant> = OnceLock::new();

/// How many ways to set up a ring of io_uring(7) are unknown, and how many were tried.
static RINGS_UNKNOWN: LazyLock<u64> =
    LazyLock::new(|| setting("PRELOAD_RINGS_UNKNOWN").unwrap_or_default());
static RINGS: AtomicU64 = AtomicU64::new(0);

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Whether a signal comes before this call.
pub fn is_interrupted() -> bool {
    random().is_multiple_of(INTERRUPTED)
}

/// Whether this kernel does not know how the ring is to be that it is asked for now.
pub fn is_ring_unknown() -> bool {
    RINGS.fetch_add(1, Ordering::Relaxed) < *RINGS_UNKNOWN
}

/// What a ring answers instead of taking requests, if it does not take them.
pub fn error_of_ring() -> Option<i32> {
    const ERRORS: [i32; 4] = [libc::EINTR, libc::EAGAIN, libc::EBUSY, libc::ENOMEM];
    is_interrupted().then(|| ERRORS[random() as usize % ERRORS.len()])
}

/// Whether the send buffer is shrunk for this call.
pub fn is_squeezed() -> bool {
    random().is_multiple_of(SQUEEZED)
}

/// Whether epoll refuses the socket that it is handed now.
pub fn is_not_registered() -> bool {
    let number = HANDED_TO_EPOLL.fetch_add(1, Ordering::Relaxed) + 1;
    *NOT_REGISTERED == Some(number)
}

/// Whether the thread or process is refused that the server wants now.
pub fn is_not_started() -> bool {
    NOT_STARTED.is_some_and(|millis| {
        FIRST_START.get_or_init(Instant::now).elapsed() < Duration::from_millis(millis)
    })
}

/// How many bytes of `length` this send may move.
pub fn cut_send(length: usize) -> usize {
    MOST_SENT.map_or_else(|| cut(length), |most| length.min(most as usize))
}

/// How many bytes of `length` this receive may move.
pub fn cut_receive(length: usize) -> usize {
    if *WHOLE_RECEIVES { length } else { cut(length) }
}

/// Whether a receive claims to have got more than there is room for.
pub fn is_too_much() -> bool {
    *TOO_MUCH
}

/// How many bytes of `length` a call may move: at least one, if there are any.
fn cut(length: usize) -> usize {
    match length as u64 {
        0 => 0,
        length => 1 + (random() % length) as usize,
    }
}

/// A random number (splitmix64): from any thread, and the same in every run with the same seed and
/// order.
fn random() -> u64 {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut bits = STATE.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
