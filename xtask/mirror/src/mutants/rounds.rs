//! Which defects can be built together.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;

use xtask::catalog::defect::Defect;
use xtask::catalog::{Server, Target};
use xtask::checkout;

/// The workspace's packages that each of its packages uses, by name.
pub type Dependencies = HashMap<String, Vec<String>>;

/// Reads the dependencies of the workspace in `root`.
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

    fn dependencies() -> Dependencies {
        let uses = |name: &str, used: &[&str]| {
            let used = used.iter().map(|name| (*name).to_owned());
            (name.to_owned(), used.collect())
        };
        [
            uses("common", &[]),
            uses("select-server", &["common", "libc"]),
            uses("selectors-server", &["select-server"]),
            uses("epoll-server", &["common"]),
        ]
        .into()
    }

    #[test]
    fn every_defect_is_in_the_server_that_is_tested() {
        let dependencies = super::dependencies(xtask::root()).unwrap();
        for Defect { name, file, server, .. } in defect::read(xtask::root()).unwrap() {
            let row = SERVERS.iter().find(|row| row.name == server).unwrap();
            assert!(is_part_of(&file, row, &dependencies), "{name}: {file} is no part of {server}");
        }
    }

    #[test]
    fn a_library_is_part_of_all_that_use_it_and_a_program_only_of_itself() {
        let has = |file| {
            let servers = SERVERS.iter().filter(|one| is_part_of(file, one, &dependencies()));
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
        let defect = |server: &str, file: &str| Defect {
            name: file.to_owned(),
            server: server.to_owned(),
            file: file.to_owned(),
            from: String::new(),
            to: String::new(),
            breaks: String::new(),
            equivalent: None,
        };
        let defects: &'static [Defect] = vec![
            defect("select-server", "select-server/src/main.rs"),
            defect("upper", "select-server/examples/upper.rs"),
            defect("selectors-server", "selectors-server/src/main.rs"),
            defect("hello", "select-server/src/lib.rs"),
            defect("select-server", "select-server/src/select.rs"),
            defect("epoll-server", "epoll-server/src/main.rs"),
            defect("select-server", "common/src/lib.rs"),
        ]
        .leak();
        let defects: Vec<&Defect> = defects.iter().collect();
        let rounds = rounds(&defects, &dependencies()).unwrap();
        let names: Vec<Vec<&str>> = rounds
            .iter()
            .map(|round| round.iter().map(|defect| defect.file.as_str()).collect())
            .collect();
        assert_eq!(
            names,
            [
                &[
                    "select-server/src/main.rs",
                    "select-server/examples/upper.rs",
                    "selectors-server/src/main.rs",
                    "epoll-server/src/main.rs"
                ][..],
                &["select-server/src/lib.rs"],
                &["select-server/src/select.rs"],
                &["common/src/lib.rs"],
            ]
        );
    }
}
