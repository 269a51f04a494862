//! What a run of the whole matrix gave, as data: `xtask/data/results/matrix.toml`. `test-all
//! --markdown` writes it; what shows it reads it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::catalog::{Server, data};
use crate::harness::machine::{date, machine};
use crate::harness::outcome::Verdict;
use crate::test_all::matrix::{Cell, Plan, word};

/// Where it is, from the workspace's root.
pub const FILE: &str = "xtask/data/results/matrix.toml";

/// A run of the whole matrix.
#[derive(Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Matrix {
    /// The day.
    pub date: String,
    /// The processor and the kernel.
    pub machine: String,
    /// How long it took.
    pub seconds: u64,
    /// How many cells have which word.
    pub counts: BTreeMap<String, usize>,
    /// The servers, in the order of their table.
    pub server: Vec<Tested>,
    /// Why cells were skipped.
    pub skip: Vec<Skipped>,
}

/// A server, and what it can do.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub struct Tested {
    /// Its name.
    pub name: String,
    /// The crate that it belongs to.
    pub package: String,
    /// Each check with its word: `pass`, `waits`, `polls`, `refuses`, `skip` or
    /// `FAIL`.
    pub words: BTreeMap<String, String>,
}

/// A reason for a check to be skipped.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
pub struct Skipped {
    /// The check.
    pub check: String,
    /// Why.
    pub reason: String,
    /// The servers that it holds for.
    pub servers: Vec<String>,
}

impl Matrix {
    /// What a run gave.
    pub fn new(plan: &Plan, cells: &[Cell], time: Duration) -> Matrix {
        let mut matrix = Matrix {
            date: date(),
            machine: machine(),
            seconds: time.as_secs(),
            skip: skipped(cells),
            ..Matrix::default()
        };
        for server in &plan.servers {
            let own = cells.iter().filter(|cell| cell.server.key() == server.key());
            let words =
                own.map(|cell| (cell.check.name.to_owned(), word(&cell.outcome).to_owned()));
            matrix.server.push(Tested {
                name: server.name.to_owned(),
                package: server.package.to_owned(),
                words: words.collect(),
            });
        }
        for cell in cells {
            *matrix.counts.entry(word(&cell.outcome).to_owned()).or_default() += 1;
        }
        matrix
    }

    /// Reads the file of the workspace at `root`.
    ///
    /// # Errors
    /// When it cannot be read, or says something else.
    pub fn read(root: &Path) -> Result<Matrix> {
        data::read(root, FILE)
    }

    /// Writes the file of the workspace at `root`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, root: &Path) -> Result<()> {
        data::write(root, FILE, self)
    }

    /// The words of a server by check; `None` where it was not tested.
    pub fn of(&self, server: &Server) -> Option<&BTreeMap<String, String>> {
        let is_it = |tested: &&Tested| (&*tested.package, &*tested.name) == server.key();
        self.server.iter().find(is_it).map(|tested| &tested.words)
    }

    /// The word of one check of a server.
    pub fn word(&self, server: &Server, check: &str) -> Option<&str> {
        self.of(server)?.get(check).map(String::as_str)
    }
}

/// Each reason for a skip, with the cells that it explains.
pub fn skipped(cells: &[Cell]) -> Vec<Skipped> {
    let mut skipped: Vec<Skipped> = Vec::new();
    for cell in cells {
        let Ok(Verdict::Skip(reason)) = cell.outcome else {
            continue;
        };
        let (check, server) = (cell.check.name, cell.server.name.to_owned());
        let known = |skip: &&mut Skipped| skip.check == check && skip.reason == reason;
        match skipped.iter_mut().find(known) {
            Some(skip) => skip.servers.push(server),
            None => skipped.push(Skipped {
                check: check.to_owned(),
                reason: reason.to_owned(),
                servers: vec![server],
            }),
        }
    }
    skipped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::SERVERS;
    use crate::harness::outcome::Outcome;
    use crate::test_all::checks::CHECKS;
    use crate::test_all::matrix::Settings;

    #[test]
    fn what_is_written_is_read_again() {
        let plan = Plan::new(&["select-server".into()], &[], Settings { seed: 1, release: false });
        let plan = plan.unwrap();
        let outcomes: [Outcome; 3] =
            [Ok(Verdict::Pass), Ok(Verdict::Skip("a \"reason\"")), Ok(Verdict::Skip("another"))];
        let cells = outcomes
            .into_iter()
            .zip(CHECKS)
            .map(|(outcome, check)| Cell { outcome, ..Cell::new(plan.servers[0], check) });
        let cells: Vec<Cell> = cells.collect();
        let matrix = Matrix::new(&plan, &cells, Duration::from_secs(7));
        let text = toml::to_string(&matrix).unwrap();
        assert_eq!(toml::from_str::<Matrix>(&text).unwrap(), matrix);
        assert_eq!(matrix.word(plan.servers[0], CHECKS[1].name), Some("skip"));
        assert_eq!(matrix.word(&SERVERS[0], CHECKS[1].name), None);
        assert_eq!((matrix.counts["skip"], matrix.skip.len(), matrix.seconds), (2, 2, 7));
    }

    #[test]
    fn the_workspace_has_results() {
        let matrix = Matrix::read(crate::root()).unwrap();
        let server = SERVERS.iter().find(|server| server.name == "blocking-server").unwrap();
        assert_eq!(matrix.word(server, "second-client"), Some("waits"));
    }
}
