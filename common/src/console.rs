//! Python's `print`, for programs whose reader may go away.

use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

static QUIET: AtomicBool = AtomicBool::new(false);

/// Leaves out the lines of [`say!`] from now on (`--quiet`).
pub(crate) fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

pub(crate) fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Prints a line about an event on standard output, as Python's `print`; with `--quiet`, nothing.
///
/// Unlike `println!` it does not panic when the reader is gone (`server | head -1`): the server serves on.
#[macro_export]
macro_rules! say {
    ($($arg:tt)*) => { $crate::say(format_args!($($arg)*)) };
}

/// Prints a line about trouble on standard error, with `--quiet` too; it never fails.
#[macro_export]
macro_rules! warn {
    ($($arg:tt)*) => { $crate::warn(format_args!($($arg)*)) };
}

/// The function behind [`say!`].
pub fn say(line: fmt::Arguments<'_>) {
    if !is_quiet() {
        print_line(line);
    }
}

/// The function behind [`warn!`].
pub fn warn(line: fmt::Arguments<'_>) {
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Prints a line whatever `--quiet` says; the reader may be gone.
pub(crate) fn print_line(line: fmt::Arguments<'_>) {
    let _ = io::stdout().write_all(format!("{line}\n").as_bytes());
}
