//! What there is: data, and nothing that runs it.
//!
//! - [`server`]: what is known of a server; [`servers`]: the table of them, a file for each crate
//! - [`programs`]: what is no server: the notes' clients, and what runs by itself
//! - [`talk`]: what each says
//! - [`manifest`]: which file mirrors which listing; [`margin`]: the numbers of the note in a file
//! - [`fact`]: what each of a listing's lines says
//! - [`claim`]: what the notes claim; [`defect`]: small defects of the servers
//! - [`data`]: how files of data are read and written
//! - [`language`]: the two languages of what is said about the lesson
//! - [`numbers`]: line numbers as they are written

pub mod claim;
pub mod data;
pub mod defect;
pub mod fact;
pub mod language;
pub mod manifest;
pub mod margin;
pub mod numbers;
pub mod programs;
pub mod server;
pub mod servers;
pub mod talk;

pub use programs::{PROGRAMS, Program};
pub use server::{Concurrency, Journal, NoteClient, Readiness, Server, Target};
pub use servers::SERVERS;
pub use talk::{EXPECTED_LINE, Talk};

use anyhow::{Result, bail};
use strsim::jaro;

/// What is chosen by name on a command line.
pub struct Kind {
    /// What one of them is called.
    pub name: &'static str,
    /// The command that shows all.
    pub listed_by: &'static str,
}

/// Servers, by name.
pub const SERVER: Kind = Kind { name: "server", listed_by: "cargo xtask list" };
/// Checks, by name.
pub const CHECK: Kind = Kind { name: "check", listed_by: "cargo xtask list --checks" };
/// Defects, by name.
pub const DEFECT: Kind = Kind { name: "defect", listed_by: "cargo xtask list --defects" };
/// Claims of the notes, by name.
pub const CLAIM: Kind = Kind { name: "claim", listed_by: "cargo xtask list --claims" };
/// Questions of the benchmark, by name.
pub const SCENARIO: Kind = Kind { name: "scenario", listed_by: "cargo xtask bench --help" };

/// How alike two names are from which on one may be meant by the other (Jaro, 0 to 1).
const ALIKE: f64 = 0.8;
/// Names that an error offers at most.
const OFFERED: usize = 3;

/// Those of `all` that have one of these names, in the order of `all`; where there are no names,
/// all.
///
/// # Errors
/// When a name is unknown; the message says which may be meant, or lists those that there are.
pub fn select<'a, T>(
    kind: &Kind,
    names: &[String],
    all: impl IntoIterator<Item = &'a T>,
    name_of: fn(&T) -> &str,
) -> Result<Vec<&'a T>> {
    let mut all: Vec<&T> = all.into_iter().collect();
    if names.is_empty() {
        return Ok(all);
    }
    let known: Vec<&str> = all.iter().map(|one| name_of(one)).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        let offer = match alike(unknown, &known).as_slice() {
            [] => format!("there are {}", known.join(", ")),
            alike => format!("did you mean {}? {} shows all", alike.join(", "), kind.listed_by),
        };
        bail!("no {} is called {unknown}; {offer}", kind.name);
    }
    all.retain(|one| names.iter().any(|name| name_of(one) == name));
    Ok(all)
}

/// The names that may be meant by one that is unknown, the most likely first.
fn alike<'a>(unknown: &str, known: &[&'a str]) -> Vec<&'a str> {
    // The first word of a name is often all of it that is typed: `epol` for `epoll-server`.
    let likeness = |name: &str| {
        let first = name.split('-').next().unwrap_or(name);
        jaro(name, unknown).max(jaro(first, unknown))
    };
    let mut alike: Vec<&str> =
        known.iter().copied().filter(|name| likeness(name) > ALIKE).collect();
    alike.sort_by(|one, other| likeness(other).total_cmp(&likeness(one)));
    alike.truncate(OFFERED);
    alike
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_answered_by_what_may_be_meant() {
        let known = ["select-server", "epoll-server", "hello", "send-and-close"];
        assert_eq!(alike("epol", &known), ["epoll-server"]);
        assert_eq!(alike("epoll_server", &known)[0], "epoll-server");
        assert_eq!(alike("helo", &known), ["hello"]);
        assert_eq!(alike("send", &known), ["send-and-close"]);
        assert!(alike("x", &known).is_empty());
    }
}
