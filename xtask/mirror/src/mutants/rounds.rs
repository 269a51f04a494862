//! Which defects can be built together.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;

use xtask::catalog::defect::Defect;
use xtask::catalog::{Server, Target};
use xtask::checkout;

pub type Dependencies = HashMap<String, Vec<String>>;

pub fn dependencies(root: &Path) -> Result<Dependencies> {
    let packages = checkout::metadata(root)?.packages;
    let names = |package: &cargo_metadata::Package| {
        let names = package.dependencies.iter().map(|other| other.name.clone());
        names.collect()
    };
    Ok(packages.iter().map(|package| (package.name.to_string(), names(package))).collect())
}

/// Puts defects into rounds, so that no program that is tested holds more than one in a round: each
/// into the first round that has room for it.
pub fn rounds(
    defects: &[&'static Defect],
    dependencies: &Dependencies,
) -> Result<Vec<Vec<&'static Defect>>> {
    let mut rounds: Vec<Vec<(&Defect, &Server)>> = Vec::new();
    for defect in defects {
        let server = defect.row()?;
        let goes_with = |(other, tested): &(&Defect, &Server)| {
            !is_part_of(&defect.file, tested, dependencies)
                && !is_part_of(&other.file, server, dependencies)
        };
        match rounds.iter_mut().find(|round| round.iter().all(goes_with)) {
            Some(round) => round.push((defect, server)),
            None => rounds.push(vec![(defect, server)]),
        }
    }
    let defects = |round: Vec<(&'static Defect, _)>| round.into_iter().map(|(defect, _)| defect);
    Ok(rounds.into_iter().map(|round| defects(round).collect()).collect())
}

/// Whether a server's program is another one when `file` changes: its own file, and those of its
/// package's library and of the libraries that this uses.
pub fn is_part_of(file: &str, server: &Server, dependencies: &Dependencies) -> bool {
    let (package, path) = file.split_once('/').unwrap_or((file, ""));
    if path == "src/main.rs" {
        return server.package == package && server.target == Target::Bin;
    }
    if let Some(example) = path.strip_prefix("examples/") {
        let is_its_own = example.strip_suffix(".rs") == Some(server.name);
        return server.package == package && server.target == Target::Example && is_its_own;
    }
    uses(server.package, package, dependencies)
}

/// Whether `user` is the package `used`, or depends on it.
fn uses(user: &str, used: &str, dependencies: &Dependencies) -> bool {
    let depends_on = dependencies.get(user).into_iter().flatten();
    user == used || depends_on.into_iter().any(|name| uses(name, used, dependencies))
}

#[cfg(test)]
mod tests {
    use super::*;
    use xtask::catalog::{SERVERS, defect};

    #[test]
    fn every_defect_is_in_the_server_that_is_tested() {
        let dependencies = dependencies(xtask::root()).unwrap();
        for Defect { name, file, server, .. } in defect::read(xtask::root()).unwrap() {
            let row = SERVERS.iter().find(|row| row.name == server).unwrap();
            assert!(is_part_of(&file, row, &dependencies), "{name}: {file} is no part of {server}");
        }
    }

    #[test]
    fn a_library_is_part_of_all_that_use_it_and_a_program_only_of_itself() {
        let dependencies = dependencies(xtask::root()).unwrap();
        let has = |file| {
            let servers = SERVERS.iter().filter(|one| is_part_of(file, one, &dependencies));
            servers.map(|server| server.name).collect::<Vec<_>>()
        };
        assert_eq!(has("select-server/src/main.rs"), ["select-server"]);
        assert_eq!(has("select-server/examples/upper.rs"), ["upper"]);
        let of_select = has("select-server/src/sys.rs");
        for name in ["select-server", "upper", "selectors-server", "your-msg"] {
            assert!(of_select.contains(&name), "{name}");
        }
        assert!(!of_select.contains(&"epoll-server"));
        assert!(has("common/src/lib.rs").contains(&"epoll-server"));
    }

    #[test]
    fn no_program_holds_two_defects_in_a_round() {
        let dependencies = dependencies(xtask::root()).unwrap();
        let defects: &'static [Defect] = defect::read(xtask::root()).unwrap().leak();
        let defects: Vec<&Defect> = defects.iter().collect();
        let rounds = rounds(&defects, &dependencies).unwrap();
        assert_eq!(rounds.concat().len(), defects.len());
        assert!(rounds.len() < defects.len() / 2, "{} rounds", rounds.len());
        for round in rounds {
            for one in &round {
                let row = one.row().unwrap();
                let inside = round.iter().filter(|it| is_part_of(&it.file, row, &dependencies));
                assert_eq!(inside.count(), 1, "{}", one.name);
            }
        }
    }
}
