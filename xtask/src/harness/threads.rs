//! Threads of the tester: the system may refuse one.

use std::thread::{self, Builder, Scope, ScopedJoinHandle};

use crate::harness::outcome::{Outcome, started};

const STARTED: &str = "a thread of the tester's own";

/// Starts a thread that may outlive its caller.
///
/// # Errors
/// When the system refuses it.
pub fn spawn(work: impl FnOnce() + Send + 'static) -> Outcome<()> {
    started(Builder::new().spawn(work).map(drop), STARTED)
}

/// Starts a thread that ends before its scope does.
///
/// # Errors
/// When the system refuses it.
pub fn spawn_in<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Outcome<ScopedJoinHandle<'scope, T>> {
    started(Builder::new().spawn_scoped(scope, work), STARTED)
}

/// Does all of it at the same time, in a thread each; returns what came of each.
///
/// # Errors
/// The first that failed, and when the system refuses a thread.
pub fn at_once<T: Send, Work: FnOnce() -> Outcome<T> + Send>(
    work: impl Iterator<Item = Work>,
) -> Outcome<Vec<T>> {
    thread::scope(|scope| {
        let threads = work.map(|work| spawn_in(scope, work));
        let threads: Vec<_> = threads.collect::<Outcome<_>>()?;
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a thread of the tester does not panic"))
            .collect()
    })
}
