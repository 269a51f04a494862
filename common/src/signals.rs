//! Signals that end a program, however it was started.

use std::io;
use std::process;

use crate::sys;

/// Lets SIGINT and SIGTERM end this program, unless its parent ignored them on purpose: nohup(1)
/// and a shell's background jobs do.
///
/// A parent may have blocked signals, and a blocked signal is not delivered (sigprocmask(2)).
/// Process 1 of a container gets only signals that it handles (pid_namespaces(7)).
///
/// # Errors
/// Those of sigprocmask(2) and of sigaction(2).
pub fn let_signals_end_it() -> io::Result<()> {
    sys::unblock_signals()?;
    if process::id() == 1 {
        for signal in [libc::SIGINT, libc::SIGTERM] {
            sys::exit_on(signal)?;
        }
    }
    Ok(())
}
