//! Small defects of the real servers, which `cargo xtask mutants` puts into copies of them.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::catalog::{SERVERS, Server, data, margin};

/// The folder with a file for each crate, from the workspace's root.
pub const FOLDER: &str = "xtask/data/defects";

/// One edit that compiles, of the kind that a server's author makes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defect {
    /// Its name in kebab-case.
    pub name: String,
    /// The server that is tested with it.
    pub server: String,
    /// The file, from the workspace's root.
    pub file: String,
    /// The text that it replaces, which is once in the file.
    pub from: String,
    /// The text that it puts there.
    pub to: String,
    /// What it breaks, in one sentence.
    pub breaks: String,
    /// Why neither a client nor an operator can see it; `None` for a defect that a check must find.
    pub equivalent: Option<String>,
}

impl Defect {
    /// The row of its server in the table of servers.
    ///
    /// # Errors
    /// When no server has that name.
    pub fn row(&self) -> Result<&'static Server> {
        let server = SERVERS.iter().find(|server| server.name == self.server);
        server.with_context(|| format!("{}: no server is called {}", self.name, self.server))
    }

    /// The text of its file with the defect in it; where a mirror's margin is makes no difference.
    ///
    /// # Errors
    /// When what the defect replaces is not there exactly once.
    pub fn put_into(&self, text: &str) -> Result<String> {
        let text = margin::narrow(text);
        match text.matches(&self.from).count() {
            1 => Ok(text.replacen(&self.from, &self.to, 1)),
            count => bail!("{}: {:?} is {count} times in {}", self.name, self.from, self.file),
        }
    }
}

#[derive(Deserialize)]
struct File {
    defect: Vec<Defect>,
}

/// All defects of the workspace at `root`, by the names of their crates.
///
/// # Errors
/// When a file cannot be read, or is malformed.
pub fn read(root: &Path) -> Result<Vec<Defect>> {
    let context = || format!("read {FOLDER}");
    let entries = fs::read_dir(root.join(FOLDER)).with_context(context)?;
    let paths: io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.with_context(context)?;
    paths.retain(|path| path.extension() == Some(OsStr::new("toml")));
    paths.sort();
    let mut defects = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        defects.extend(data::read::<File>(root, &format!("{FOLDER}/{name}"))?.defect);
    }
    Ok(defects)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn defects() -> Vec<Defect> {
        read(crate::root()).unwrap()
    }

    #[test]
    fn every_defect_fits_its_file() {
        let misfit = |defect: &Defect| {
            let text = fs::read_to_string(crate::root().join(&defect.file)).unwrap();
            match defect.put_into(&text) {
                Ok(changed) if changed == text => Some(format!("{}: no change", defect.name)),
                Ok(_) => None,
                Err(error) => Some(error.to_string()),
            }
        };
        // All of them at once: a file that was rewritten has many.
        let misfits: Vec<String> = defects().iter().filter_map(misfit).collect();
        assert!(misfits.is_empty(), "{}", misfits.join("\n"));
    }

    #[test]
    fn every_name_is_there_once_and_every_server_is_known() {
        let mut names = BTreeSet::new();
        for defect in defects() {
            defect.row().unwrap();
            assert!(names.insert(defect.name.clone()), "{} is there twice", defect.name);
        }
    }

    #[test]
    fn what_is_replaced_is_there_once() {
        let defect: Defect = toml::from_str(
            "name = 'never-again'\nserver = 'chat'\nfile = 'a.rs'\nfrom = 'twice'\nto = 'once'\n\
             breaks = 'It comes once.'\n",
        )
        .unwrap();
        assert_eq!(defect.put_into("come twice").unwrap(), "come once\n");
        for text in ["come", "twice twice"] {
            let error = defect.put_into(text).unwrap_err().to_string();
            assert!(error.contains("never-again: \"twice\" is "), "{error}");
        }
    }
}
