//! What the last run over all defects found: data, written by `--markdown`.

use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use xtask::catalog::data;
use xtask::test_all::checks::{CHECKS, Check, Pace};

pub const FILE: &str = "xtask/data/results/mutants.toml";

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Results {
    pub date: String,
    pub machine: String,
    /// Where random numbers began: a number that may be larger than those of TOML.
    pub seed: String,
    pub seconds: u64,
    pub defect: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub name: String,
    /// The check that found it; `None` where none did.
    pub found_by: Option<String>,
    pub after: f64,
}

impl Results {
    pub fn read(root: &Path) -> Result<Results> {
        data::read_or_default(root, FILE)
    }

    pub fn write(&self, root: &Path) -> Result<()> {
        data::write(root, FILE, self)
    }

    /// All checks in the order in which they are tried on `defect`: the one that found it in this
    /// run, then quick ones, then slow ones.
    pub fn order(&self, defect: &str) -> Vec<&'static Check> {
        let row = self.defect.iter().find(|row| row.name == defect);
        let found = row.and_then(|row| row.found_by.as_deref());
        let mut checks: Vec<&Check> = CHECKS.iter().collect();
        checks.sort_by_key(|check| (found != Some(check.name), check.pace == Pace::Slow));
        checks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xtask::catalog::defect;

    #[test]
    fn what_found_a_defect_goes_first_and_slow_checks_last() {
        let row = Row { name: "late".into(), found_by: Some("churn".into()), after: 3.0 };
        let results = Results { defect: vec![row], ..Results::default() };
        assert_eq!(results.order("late").len(), CHECKS.len());
        assert_eq!(results.order("late")[0].name, "churn");
        for checks in [&results.order("late")[1..], &results.order("another")] {
            assert!(checks.is_sorted_by_key(|check| check.pace == Pace::Slow));
        }
    }

    #[test]
    fn the_file_names_defects_and_checks_that_there_are() {
        let root = xtask::root();
        let defects = defect::read(root).unwrap();
        for row in Results::read(root).unwrap().defect {
            assert!(defects.iter().any(|one| one.name == row.name), "{}", row.name);
            let is_known = |found: &String| CHECKS.iter().any(|check| check.name == *found);
            assert!(row.found_by.as_ref().is_none_or(is_known), "{:?}", row.found_by);
        }
    }
}
