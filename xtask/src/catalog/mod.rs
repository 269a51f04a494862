//! What there is: data, and nothing that runs it.
//!
//! - [`servers`]: the table of what can be launched
//! - [`talk`]: what each says
//! - [`journals`]: what each writes about a client
//! - [`manifest`]: which file mirrors which listing
//! - [`fact`]: what each of a listing's lines says
//! - [`numbers`]: line numbers as they are written

pub mod fact;
pub mod journals;
pub mod manifest;
pub mod numbers;
pub mod servers;
pub mod talk;

pub use servers::{Concurrency, Journal, NoteClient, SERVERS, Server, Target};
pub use talk::{EXPECTED_LINE, Talk};

use anyhow::{Result, bail};

/// Those of `all` that have one of these names, in the order of `all`; where there are no names,
/// all.
///
/// # Errors
/// When a name is unknown; the message lists those that there are.
pub fn select<T>(
    kind: &str,
    names: &[String],
    all: &'static [T],
    name_of: fn(&T) -> &str,
) -> Result<Vec<&'static T>> {
    if names.is_empty() {
        return Ok(all.iter().collect());
    }
    if let Some(unknown) = names.iter().find(|name| !all.iter().any(|one| name_of(one) == **name)) {
        let known: Vec<&str> = all.iter().map(name_of).collect();
        bail!("no {kind} is called {unknown}; there are {}", known.join(", "));
    }
    Ok(all.iter().filter(|one| names.iter().any(|name| name_of(one) == name)).collect())
}
