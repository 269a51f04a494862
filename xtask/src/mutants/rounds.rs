//! Which defects can be built together.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use anyhow::{Context, Result};
use cargo_metadata::MetadataCommand;

use crate::mutants::table::Mutant;

/// The workspace's packages that each of its packages uses, by name.
pub type Dependencies = HashMap<String, Vec<String>>;

/// Reads the dependencies of the workspace in `root`.
///
/// # Errors
/// When cargo cannot read the manifests.
pub fn dependencies(root: &Path) -> Result<Dependencies> {
    let mut command = MetadataCommand::new();
    let metadata = command.current_dir(root).no_deps().exec();
    let packages = metadata.context("run cargo metadata")?.packages;
    let names = |package: &cargo_metadata::Package| {
        let names = package.dependencies.iter().map(|other| other.name.clone());
        names.collect()
    };
    Ok(packages.iter().map(|package| (package.name.to_string(), names(package))).collect())
}

/// Puts defects into rounds, so that no package holds more than one in a round: each into the first
/// round that has room for it.
pub fn rounds(
    mutants: &[&'static Mutant],
    dependencies: &Dependencies,
) -> Vec<Vec<&'static Mutant>> {
    let mut rounds: Vec<(Vec<&Mutant>, BTreeSet<String>)> = Vec::new();
    for mutant in mutants {
        let packages = changes(mutant.file, dependencies);
        let room = rounds.iter_mut().find(|(_, taken)| taken.is_disjoint(&packages));
        match room {
            Some((round, taken)) => {
                round.push(mutant);
                taken.extend(packages);
            }
            None => rounds.push((vec![mutant], packages)),
        }
    }
    rounds.into_iter().map(|(round, _)| round).collect()
}

/// The packages whose programs are others when `file` changes: its own, and where it is part of a
/// library, all that use that.
pub fn changes(file: &str, dependencies: &Dependencies) -> BTreeSet<String> {
    let (package, path) = file.split_once('/').unwrap_or((file, ""));
    let mut changed = BTreeSet::from([package.to_owned()]);
    if !path.starts_with("src/") || path == "src/main.rs" {
        return changed;
    }
    loop {
        let users =
            dependencies.iter().filter(|(_, used)| used.iter().any(|name| changed.contains(name)));
        let users: Vec<String> = users.map(|(name, _)| name.clone()).collect();
        let before = changed.len();
        changed.extend(users);
        if changed.len() == before {
            return changed;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutants::table::Verdict;

    fn dependencies() -> Dependencies {
        let uses = |name: &str, used: &[&str]| {
            let used = used.iter().map(|name| (*name).to_owned());
            (name.to_owned(), used.collect())
        };
        [
            uses("base", &[]),
            uses("middle", &["base", "libc"]),
            uses("top", &["middle"]),
            uses("other", &["base"]),
        ]
        .into()
    }

    #[test]
    fn a_library_changes_all_that_use_it_and_a_program_only_itself() {
        let changes = |file| {
            let changed = changes(file, &dependencies());
            changed.into_iter().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(changes("base/src/lib.rs"), "base middle other top");
        assert_eq!(changes("middle/src/sys.rs"), "middle top");
        assert_eq!(changes("middle/src/main.rs"), "middle");
        assert_eq!(changes("middle/examples/shared/one.rs"), "middle");
    }

    #[test]
    fn no_package_holds_two_defects_in_a_round() {
        const fn mutant(file: &'static str) -> Mutant {
            Mutant {
                name: file,
                server: "",
                file,
                from: "",
                to: "",
                breaks: "",
                verdict: Verdict::Found,
            }
        }
        const MUTANTS: [Mutant; 6] = [
            mutant("middle/src/main.rs"),
            mutant("middle/examples/a.rs"),
            mutant("top/src/main.rs"),
            mutant("middle/src/lib.rs"),
            mutant("other/src/main.rs"),
            mutant("base/src/lib.rs"),
        ];
        let mutants: Vec<&Mutant> = MUTANTS.iter().collect();
        let rounds = rounds(&mutants, &dependencies());
        let names: Vec<Vec<&str>> =
            rounds.iter().map(|round| round.iter().map(|mutant| mutant.file).collect()).collect();
        assert_eq!(
            names,
            [
                &["middle/src/main.rs", "top/src/main.rs", "other/src/main.rs"][..],
                &["middle/examples/a.rs"],
                &["middle/src/lib.rs"],
                &["base/src/lib.rs"],
            ]
        );
    }
}
