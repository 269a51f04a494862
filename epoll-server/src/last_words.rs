//! What a program says before a signal ends it.

use std::io;
use std::thread::Builder;

use common::started;

use crate::sys::{SignalSet, mask_signals, raise, wait_for_signal};

/// Lets SIGINT and SIGTERM wait until `say` has said its last words; then the signal ends the
/// program as if nobody had caught it. Who is not heard out ends it by a second signal.
///
/// To be called before the first thread is started, because threads inherit what is blocked.
///
/// # Errors
/// Those of pthread_sigmask(3), and when the thread cannot be started that waits for them.
pub fn last_words(say: impl Fn() + Send + 'static) -> io::Result<()> {
    let signals = SignalSet::new(&[libc::SIGINT, libc::SIGTERM])?;
    mask_signals(libc::SIG_BLOCK, &signals)?;
    let listen = move || -> io::Result<()> {
        loop {
            let signal = wait_for_signal(&signals)?;
            mask_signals(libc::SIG_UNBLOCK, &signals)?;
            say();
            // One that the program was started to ignore (nohup(1)) ends nothing.
            raise(signal)?;
            mask_signals(libc::SIG_BLOCK, &signals)?;
        }
    };
    let listen = move || listen().expect("signals can be blocked and waited for");
    started("the thread that waits for signals", Builder::new().spawn(listen))?;
    Ok(())
}
