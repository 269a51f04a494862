//! Signals that this process was told to ignore.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use procfs::process::Process;
use rustix::process::Signal;
use signal_hook::flag;

use crate::harness::outcome::{Expect, Outcome};

/// Lets `signal` end the children that are started from now on, though this process ignores it, as
/// the background job of a script does SIGINT. A child ignores what its parent ignores, and has the
/// default for what its parent catches (execve(2)), so it is caught here, and nothing more.
///
/// # Errors
/// When /proc does not tell what is ignored, or the signal cannot be caught.
pub fn stop_ignoring(signal: Signal) -> Outcome<()> {
    const READABLE: &str = "a process that tells which signals it ignores";
    let status = Process::myself().and_then(|process| process.status()).expect_to(READABLE)?;
    let number = signal.as_raw();
    if status.sigign & (1 << (number - 1)) == 0 {
        return Ok(());
    }
    let caught = flag::register(number, Arc::<AtomicBool>::default());
    caught.map(drop).expect_to("a signal that can be caught")
}
