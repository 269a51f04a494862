//! SIGINT and SIGTERM, for a program that does something before it ends.

use std::io;
use std::process;
use std::thread;
use std::time::Duration;

use common::started;

use crate::sys::{SignalSet, is_ignored, mask_signals, raise, wait_for_signal};

/// Waits for SIGINT or SIGTERM in a thread of its own. It passes the number to `ask`, which must
/// not block. After `grace` that thread ends the program by the signal, even if another thread
/// blocks. A second signal ends it at once. A signal that the parent ignored (nohup(1)) is still
/// ignored.
///
/// It must be called before the first thread is started, because threads inherit what is blocked.
///
/// # Errors
/// Those of pthread_sigmask(3), and of pthread_create(3).
pub fn ask_to_end(
    grace: Duration,
    ask: impl FnOnce(libc::c_int) + Send + 'static,
) -> io::Result<()> {
    let mut signals = vec![libc::SIGINT, libc::SIGTERM];
    signals.retain(|signal| !is_ignored(*signal));
    let signals = SignalSet::new(&signals)?;
    mask_signals(libc::SIG_BLOCK, &signals)?;
    let wait = move || {
        let signal = wait_for_signal(&signals).expect("the set has valid signals");
        mask_signals(libc::SIG_UNBLOCK, &signals).expect("the set is valid");
        ask(signal);
        thread::sleep(grace);
        end_by(signal)
    };
    let thread = thread::Builder::new().name("signals".to_owned()).spawn(wait);
    started("the thread that waits for signals", thread).map(drop)
}

/// Ends the program by a signal, as if no thread had waited for it.
pub fn end_by(signal: libc::c_int) -> ! {
    let unblocked = SignalSet::new(&[signal]);
    let unblocked = unblocked.and_then(|signals| mask_signals(libc::SIG_UNBLOCK, &signals));
    let _ = unblocked.and_then(|()| raise(signal));
    // No signal ends process 1 of a container (pid_namespaces(7)). It exits with the status that a
    // shell gives for the signal.
    process::exit(128 + signal)
}
