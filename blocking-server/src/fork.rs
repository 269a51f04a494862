//! A process that ends with the one that started it.

use std::io;
use std::os::unix::process::{ExitStatusExt, parent_id};
use std::process::{self, ExitStatus};

use common::{start_patiently, uninterrupted_within};

use crate::sys;

/// In which of the two processes [`fork`] has returned.
#[derive(Debug, PartialEq)]
pub enum Fork {
    /// In the old one; the new one has this number.
    Parent(u32),
    /// In the new one.
    Child,
}

/// fork(2): starts a process that continues here, with a copy of this one's memory. The kernel
/// kills it when this one ends.
///
/// fork(2) copies only the calling thread, and a lock of another thread would stay locked for ever.
/// So only a program with a single thread can fork. While the system has no room for another
/// process, it waits, and prints that once.
///
/// # Errors
/// That there is another thread; those of fork(2) and of PR_SET_PDEATHSIG(2const).
pub fn fork() -> io::Result<Fork> {
    let parent = process::id();
    match start_patiently("fork", sys::fork)? {
        0 => {
            sys::end_with_parent()?;
            // The kernel sends no signal for a parent that ended before that call.
            if parent_id() != parent {
                process::exit(0);
            }
            Ok(Fork::Child)
        }
        child => Ok(Fork::Parent(child)),
    }
}

/// wait(2): waits until a child has ended; returns its number and how it ended.
///
/// # Errors
/// ECHILD when there is no child.
pub fn wait() -> io::Result<(u32, ExitStatus)> {
    let (child, status) = uninterrupted_within(None, |_| sys::wait())?;
    Ok((child, ExitStatus::from_raw(status)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::thread;

    #[test]
    fn a_program_with_several_threads_cannot_fork() {
        // Apart from the thread of this test there are the main thread and these others.
        for others in [0, 1, 5] {
            let end = Barrier::new(others + 1);
            let forked = thread::scope(|scope| {
                for _ in 0..others {
                    scope.spawn(|| end.wait());
                }
                let forked = fork();
                if let Ok(Fork::Child) = forked {
                    process::abort();
                }
                end.wait();
                forked
            });
            let error = forked.unwrap_err().to_string();
            assert!(error.starts_with("fork: ") && error.contains(" threads run here"), "{error}");
        }
    }
}
