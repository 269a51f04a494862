//! What there is: data, and nothing that runs it.
//!
//! - [`server`]: what is known of a server; [`servers`]: the table of them, a file for each crate
//! - [`programs`]: what is no server: the notes' clients, and what runs by itself
//! - [`talk`]: what each says
//! - [`manifest`]: which file mirrors which listing
//! - [`fact`]: what each of a listing's lines says
//! - [`numbers`]: line numbers as they are written

pub mod fact;
pub mod manifest;
pub mod numbers;
pub mod programs;
pub mod server;
pub mod servers;
pub mod talk;

pub use programs::{PROGRAMS, Program};
pub use server::{Concurrency, Journal, NoteClient, Server, Target};
pub use servers::SERVERS;
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
