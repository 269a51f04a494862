//! What the tests of the selectors share.

use std::os::fd::{AsRawFd, RawFd};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use selectors::{DefaultSelector, Mask};

/// The time-out of a `select` that is to find something: a test that fails ends nevertheless.
pub const SOON: Option<f64> = Some(10.0);

/// What one `select` of the implementation `name` reports, by descriptor.
pub fn ready<F: AsRawFd + Clone, D: Clone>(
    name: &str,
    sel: &mut DefaultSelector<F, D>,
    timeout: Option<f64>,
) -> Vec<(RawFd, Mask)> {
    let events = sel.select(timeout).expect(name);
    let mut ready: Vec<_> = events.iter().map(|(key, mask)| (key.fd, *mask)).collect();
    ready.sort_unstable();
    ready
}

/// Asserts that nothing is ready: `select` reports nothing, and waits. A server whose `select`
/// returns early with nothing is a busy loop.
pub fn assert_idle<F: AsRawFd + Clone, D: Clone>(name: &str, sel: &mut DefaultSelector<F, D>) {
    let start = Instant::now();
    let found = ready(name, sel, Some(0.02));
    let waited = start.elapsed();
    assert_eq!(found, [], "{name}");
    assert!(waited >= Duration::from_millis(20), "{name}: {waited:?}");
}

/// Runs `call` in a thread of its own, so that a test can go on while it waits.
#[allow(dead_code, reason = "not every file of tests waits")]
pub fn start<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> Receiver<T> {
    let (sender, receiver) = channel();
    thread::spawn(move || sender.send(call()));
    receiver
}

/// What a call that was started returns; it has ten seconds.
#[allow(dead_code, reason = "not every file of tests waits")]
pub fn finish<T>(name: &str, receiver: &Receiver<T>) -> T {
    let result = receiver.recv_timeout(Duration::from_secs(10));
    result.unwrap_or_else(|error| panic!("{name} has not returned: {error}"))
}
