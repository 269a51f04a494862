//! What a process does about signals, with a safe face.
#![allow(unsafe_code)]

use nix::sys::signal::{SigHandler, Signal, signal};

/// Gives a signal its default action.
///
/// # Errors
/// Those of signal(2).
pub fn set_default(number: Signal) -> nix::Result<()> {
    // SAFETY: the default action runs no code of this process.
    unsafe { signal(number, SigHandler::SigDfl) }.map(drop)
}
