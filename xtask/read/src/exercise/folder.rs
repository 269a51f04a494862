//! The small package that a learner edits: `exercises/NAME`, outside of the workspace.

use std::fmt::Write;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use similar::TextDiff;

use crate::exercise::table::Exercise;
use xtask::catalog::language::Language;
use xtask::checkout;

/// The folder of all exercises, from the workspace's root.
const ALL: &str = "exercises";
/// What a learner edits.
const MAIN: &str = "main.rs";
/// Which exercise was started last.
const CURRENT: &str = ".current";
/// The text that passed all checks.
const PASSED: &str = ".passed";
/// How many hints were asked for.
const HINTS: &str = ".hints";

/// The folder of an exercise, which may not be there yet.
pub struct Folder {
    all: PathBuf,
    path: PathBuf,
}

/// The name of the exercise that was started last.
pub fn current(root: &Path) -> Result<String> {
    let name = fs::read_to_string(root.join(ALL).join(CURRENT));
    name.context("no exercise was started; start one: cargo xtask exercise start")
}

impl Folder {
    pub fn of(root: &Path, name: &str) -> Folder {
        let all = root.join(ALL);
        Folder { path: all.join(name), all }
    }

    /// Whether the exercise was started.
    pub fn exists(&self) -> bool {
        self.path.join(MAIN).is_file()
    }

    /// Whether its text is the one that passed all checks.
    pub fn is_done(&self) -> bool {
        let text = |name| fs::read_to_string(self.path.join(name)).ok();
        text(PASSED).is_some_and(|passed| text(MAIN) == Some(passed))
    }

    /// Writes the package, and returns the file to edit.
    pub fn start(&self, exercise: &Exercise) -> Result<String> {
        let name = &exercise.name;
        ensure!(
            !self.exists(),
            "{} is there already; to begin again: cargo xtask exercise reset {name}",
            self.path.display()
        );
        fs::create_dir_all(&self.path)
            .with_context(|| format!("create {}", self.path.display()))?;
        let root = checkout::root();
        self.write("Cargo.toml", &manifest(root, exercise)?)?;
        // The versions are those of the workspace, so nothing has to be fetched.
        let lock = root.join("Cargo.lock");
        self.write("Cargo.lock", &fs::read_to_string(&lock).context("read Cargo.lock")?)?;
        self.write(MAIN, &exercise.starter(root)?)?;
        fs::write(self.all.join(CURRENT), name).context("write exercises/.current")?;
        Ok(format!("{ALL}/{name}/{MAIN}"))
    }

    pub fn manifest(&self) -> PathBuf {
        self.path.join("Cargo.toml")
    }

    pub fn main(&self) -> PathBuf {
        self.path.join(MAIN)
    }

    /// Remembers that its text, as it is, passed all checks.
    pub fn passed(&self) -> Result<()> {
        self.write(PASSED, &self.text()?)
    }

    pub fn remove(&self) -> Result<()> {
        match fs::remove_dir_all(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed.with_context(|| format!("delete {}", self.path.display())),
        }
    }

    /// The next hint; after the last one that again.
    pub fn next_hint(&self, exercise: &Exercise, language: Language) -> Result<String> {
        self.text()?;
        let asked = fs::read_to_string(self.path.join(HINTS)).unwrap_or_default();
        let hints = &exercise.words.to(language).hints;
        let next = asked.trim().parse().unwrap_or(0).min(hints.len() - 1);
        self.write(HINTS, &(next + 1).to_string())?;
        let (number, all, hint) = (next + 1, hints.len(), &hints[next]);
        let english = format!("Hint {number} of {all}: {hint}");
        Ok(language.choose(english, format!("提示 {number}/{all}：{hint}")))
    }

    /// What differs between its text and the real server.
    pub fn difference(&self, exercise: &Exercise) -> Result<String> {
        let (own, real) = (self.text()?, exercise.solution(checkout::root())?);
        if own == real {
            return Ok("your file is the real server\n".to_owned());
        }
        let difference = TextDiff::from_lines(&own, &real);
        let mut difference = difference.unified_diff();
        let file = exercise.file()?;
        Ok(difference.header(&format!("{ALL}/{}/{MAIN}", exercise.name), &file).to_string())
    }

    fn text(&self) -> Result<String> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let start = || format!("start it first: cargo xtask exercise start {name}");
        fs::read_to_string(self.path.join(MAIN)).with_context(start)
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.path.join(name);
        fs::write(&path, text).with_context(|| format!("write {}", path.display()))
    }
}

/// A package with what its server's package uses, and a workspace of its own.
fn manifest(root: &Path, exercise: &Exercise) -> Result<String> {
    let metadata = checkout::metadata(root)?;
    let server = exercise.row()?.package;
    let package = metadata.packages.iter().find(|package| package.name.as_str() == server);
    let package = package.with_context(|| format!("no package {server}"))?;
    let mut text = format!(
        "# Made by cargo xtask exercise.\n[package]\nname = \"{}\"\nversion = \"0.1.0\"\n\
         edition = \"2024\"\npublish = false\n\n[[bin]]\nname = \"{}\"\npath = \"{MAIN}\"\n\n\
         [workspace]\n\n[profile.dev]\nopt-level = 1\n\n[dependencies]\n",
        exercise.name, exercise.name,
    );
    let path = |path: &Path| toml::Value::from(path.to_string_lossy().into_owned()).to_string();
    let _ = writeln!(text, "{server} = {{ path = {} }}", path(&root.join(server)));
    for dependency in &package.dependencies {
        if dependency.kind != cargo_metadata::DependencyKind::Normal {
            continue;
        }
        let from = match &dependency.path {
            Some(folder) => format!("path = {}", path(folder.as_std_path())),
            None => format!("version = \"{}\"", dependency.req),
        };
        let _ = writeln!(
            text,
            "{} = {{ {from}, features = {:?}, default-features = {} }}",
            dependency.name, dependency.features, dependency.uses_default_features
        );
    }
    Ok(text)
}
