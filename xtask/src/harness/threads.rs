//! Threads of the tester: the system may refuse one.

use std::thread::{Builder, Scope, ScopedJoinHandle};

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
