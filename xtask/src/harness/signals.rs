//! Signals that this process was told to ignore or to block, and its children are not.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGCHLD, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::harness::outcome::{Expect, Outcome};
use crate::harness::proc::Process;
use crate::harness::sys;

const CHANGED: &str = "a signal whose action can be changed";

/// Lets this process begin as at a terminal, whoever started it: no signal is blocked, and its
/// children are left to be waited for (SIGCHLD), and can be ended by signals.
///
/// # Errors
/// Those of [`stop_ignoring`], and when a signal cannot be unblocked.
pub fn begin_afresh() -> Outcome<()> {
    sys::unblock_all().expect_to(CHANGED)?;
    sys::set_default(SIGCHLD).expect_to(CHANGED)?;
    stop_ignoring()
}

/// Lets SIGINT and SIGTERM end the children that are started from now on, though this process
/// ignores them, as the background job of a script does SIGINT. A child ignores what its parent
/// ignores, and has the default for what its parent catches (execve(2)), so they are caught here,
/// and nothing more.
///
/// # Errors
/// When /proc does not tell what is ignored, or a signal's action cannot be changed.
pub fn stop_ignoring() -> Outcome<()> {
    const READABLE: &str = "a process that tells which signals it ignores";
    let status = Process::own().and_then(|process| process.read("status")).expect_to(READABLE)?;
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = u64::from_str_radix(mask.unwrap_or_default().trim(), 16).expect_to(READABLE)?;
    for number in [SIGINT, SIGTERM] {
        if ignored & (1 << (number - 1)) != 0 {
            flag::register(number, Arc::<AtomicBool>::default()).expect_to(CHANGED)?;
        }
    }
    Ok(())
}
