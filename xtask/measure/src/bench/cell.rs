//! What is measured: a contender under a load.

use crate::bench::contender::Contender;
use crate::bench::load::Size;

/// What figures are kept under: in which scenario, of whom, with how many clients.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub scenario: &'static str,
    pub name: String,
    pub size: Size,
}

impl Key {
    /// Of a contender in a scenario that has one load.
    pub fn new((scenario, size): (&'static str, Size), name: &str) -> Key {
        Key { scenario, name: name.to_owned(), size }
    }

    /// Of the same once more, which shows what noise alone does.
    pub fn again(&self) -> Key {
        Key { name: format!("{} again", self.name), ..self.clone() }
    }
}

/// How a server is loaded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Work {
    /// Each client asks again when it is answered.
    Closed,
    /// Clients connect, ask once and leave.
    Visits,
    /// So many clients connect at the same moment and ask once, beside those that are active.
    Burst(usize),
}

/// A contender under a load.
#[derive(Clone)]
pub struct Cell {
    pub key: Key,
    pub contender: Contender,
    pub work: Work,
}

impl Cell {
    pub fn new(scenario: &'static str, contender: Contender, size: Size, work: Work) -> Cell {
        Cell { key: Key::new((scenario, size), &contender.name), contender, work }
    }
}
