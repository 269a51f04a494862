//! Ctrl-C: what is finished is not lost.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::{Context, Result};
use signal_hook::consts::SIGINT;
use signal_hook::flag;
use signal_hook::iterator::Signals;

/// Exit code after Ctrl-C, as a shell's: 128 and the number of SIGINT.
pub const INTERRUPTED: u8 = 128 + SIGINT as u8;

/// Whether Ctrl-C was pressed since somebody watches for it.
#[derive(Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Watches for Ctrl-C from now on: alone it does not end this process any more.
    ///
    /// # Errors
    /// When the signal cannot be caught.
    pub fn watch() -> Result<Interrupt> {
        let interrupt = Interrupt::default();
        flag::register(SIGINT, interrupt.0.clone()).context("watch for Ctrl-C")?;
        Ok(interrupt)
    }

    /// The same, and calls `report` when it is pressed, whatever else runs. Then this process ends,
    /// and with it all that it has launched.
    ///
    /// # Errors
    /// When the signal cannot be caught.
    pub fn report(report: impl FnOnce() + Send + 'static) -> Result<Interrupt> {
        let mut signals = Signals::new([SIGINT]).context("watch for Ctrl-C")?;
        let interrupt = Interrupt::watch()?;
        let watch = move || {
            if signals.forever().next().is_some() {
                report();
                process::exit(INTERRUPTED.into());
            }
        };
        thread::Builder::new().spawn(watch).context("watch for Ctrl-C")?;
        Ok(interrupt)
    }

    /// Whether it was pressed.
    pub fn came(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Returns what was done, unless Ctrl-C was pressed: then the report is under way, and what
    /// failed may have failed because of it, for example cargo.
    pub fn unless_it_came<T>(&self, done: T) -> T {
        while self.came() {
            thread::park();
        }
        done
    }
}
