//! In which order the checks are tried on a defect.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use crate::test_all::checks::{CHECKS, Check, Pace};

/// Which check found each defect when the document was written, by their names. It only says what
/// is tried first: where it is old or missing, a run takes longer.
pub struct LastTime(HashMap<String, String>);

impl LastTime {
    /// Reads the table of `docs/mutants.md` in `root`; a document that is not there has no rows.
    pub fn read(root: &Path) -> LastTime {
        LastTime::parse(&fs::read_to_string(root.join("docs/mutants.md")).unwrap_or_default())
    }

    fn parse(text: &str) -> LastTime {
        let row = |line: &str| {
            let cells: Vec<&str> = line.strip_prefix("| ")?.split(" | ").collect();
            let [defect, _server, _breaks, found, _after] = cells.as_slice() else { return None };
            Some(((*defect).to_owned(), (*found).to_owned()))
        };
        LastTime(text.lines().filter_map(row).collect())
    }

    /// All checks: the one that found `defect` the last time, then quick ones, then slow ones.
    pub fn order(&self, defect: &str) -> Vec<&'static Check> {
        let found = self.0.get(defect);
        let mut checks: Vec<&Check> = CHECKS.iter().collect();
        checks.sort_by_key(|check| {
            (found.is_none_or(|found| found != check.name), check.pace == Pace::Slow)
        });
        checks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutants::table;

    #[test]
    fn what_found_a_defect_goes_first_and_slow_checks_last() {
        let last = "| defect | server | what it breaks | found by | after |\n|---|---|---|---|---|\n\
                    | late | a-server | One \\| two. | churn | 3.0 s |\n";
        let order = |defect| LastTime::parse(last).order(defect);
        assert_eq!(order("late").len(), CHECKS.len());
        assert_eq!(order("late")[0].name, "churn");
        for checks in [&order("late")[1..], &order("another")] {
            assert!(checks.is_sorted_by_key(|check| check.pace == Pace::Slow));
        }
    }

    #[test]
    fn the_document_names_defects_and_checks_that_there_are() {
        for (defect, found) in LastTime::read(crate::root()).0 {
            let is_heading = defect == "defect";
            assert!(is_heading || table::all().any(|one| one.name == defect), "{defect}");
            let is_known = CHECKS.iter().any(|check| check.name == found);
            assert!(is_heading || is_known || found == "**nothing**", "{found}");
        }
    }
}
