//! A copy of the workspace's sources, a defect in it, and the build.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use xtask::catalog::Target;
use xtask::catalog::defect::Defect;
use xtask::checkout;
use xtask::harness::build;

/// A copy of the workspace, with a target directory of its own beside it.
pub struct Tree {
    /// Where the copy, what is built of it and the reports are.
    directory: PathBuf,
}

impl Tree {
    /// Copies what git knows, or would add, of the workspace in `root` to `directory`. A file that
    /// is the same there stays as it is, so that cargo does not build it again.
    pub fn of(root: &Path, directory: PathBuf) -> Result<Tree> {
        synchronize(root, &sources(root)?, &directory.join("tree"))?;
        Ok(Tree { directory })
    }

    pub fn binary(&self, defect: &Defect) -> PathBuf {
        self.directory.join("bin").join(&defect.name).join(&defect.server)
    }

    /// Where the report of the check that found a defect is kept.
    pub fn report(&self, defect: &Defect) -> PathBuf {
        self.binary(defect).with_file_name("report.txt")
    }

    pub fn fits(&self, defect: &Defect) -> Result<()> {
        defect.put_into(&read(&self.file(defect))?).map(drop)
    }

    /// Builds the servers of a round with their defects in them, and takes these out again.
    pub fn build(&self, round: &[&Defect]) -> Result<()> {
        let mut originals = Vec::new();
        let built = round
            .iter()
            .try_for_each(|defect| {
                let path = self.file(defect);
                let text = read(&path)?;
                write(&path, defect.put_into(&text)?.as_bytes())?;
                originals.push((path, text));
                Ok(())
            })
            .and_then(|()| self.cargo_build(round));
        for (path, text) in originals {
            write(&path, text.as_bytes())?;
        }
        built.with_context(|| {
            let names: Vec<&str> = round.iter().map(|defect| defect.name.as_str()).collect();
            format!("with {}", names.join(", "))
        })
    }

    fn file(&self, defect: &Defect) -> PathBuf {
        self.directory.join("tree").join(&defect.file)
    }

    fn cargo_build(&self, round: &[&Defect]) -> Result<()> {
        let metadata = checkout::metadata(&self.directory.join("tree"))?;
        let mut command = build::cargo_build(&metadata, &self.directory.join("target"));
        // With all packages chosen, the features of what they use are the same in each round.
        command.args(["--workspace", "--exclude", "xtask*", "--locked"]);
        command.args(["--config", "profile.dev.debug=false"]);
        // A defect may leave a name unused.
        command.env("RUSTFLAGS", "--allow warnings");
        for defect in round {
            let is_bin = defect.row()?.target == Target::Bin;
            command.args([if is_bin { "--bin" } else { "--example" }, defect.server.as_str()]);
        }
        let binaries = build::finish(command, metadata)?;
        for defect in round {
            let binary = binaries.get(defect.row()?.package, &defect.server);
            let binary =
                binary.with_context(|| format!("cargo did not build {}", defect.server))?;
            keep(binary, &self.binary(defect))?;
        }
        Ok(())
    }
}

/// Copies a program by cp(1): a server that another thread starts meanwhile would inherit a
/// descriptor that is open for writing, and until its exec nobody could start the copy (ETXTBSY).
fn keep(binary: &Path, copy: &Path) -> Result<()> {
    let directory = copy.parent().context("a copy in a directory")?;
    if directory.exists() {
        // The report of an earlier run is there, too.
        fs::remove_dir_all(directory).with_context(|| format!("clear {}", directory.display()))?;
    }
    fs::create_dir_all(directory).with_context(|| format!("create {}", directory.display()))?;
    let status = Command::new("cp").arg(binary).arg(copy).status();
    ensure!(status.context("run cp")?.success(), "cp failed");
    Ok(())
}

const NEEDS_GIT: &str = "mutants needs a git checkout: it copies the files that git knows";

/// The files that git knows or would add.
fn sources(root: &Path) -> Result<Vec<PathBuf>> {
    let mut command = Command::new("git");
    // Whose checkout it is does not matter: cargo runs what is in it.
    command.args(["-c", "safe.directory=*", "ls-files", "-z"]);
    command.args(["--cached", "--others", "--exclude-standard"]);
    let output = command.current_dir(root).output().context(NEEDS_GIT)?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{NEEDS_GIT}: {}", error.trim());
    let names = String::from_utf8(output.stdout).context("read git's list of files")?;
    let names = names.split_terminator('\0').map(PathBuf::from);
    // git still knows a file that was deleted and not committed.
    let files: Vec<PathBuf> = names.filter(|name| root.join(name).is_file()).collect();
    // The folder may be one that another repository ignores.
    ensure!(files.contains(&"Cargo.toml".into()), "{NEEDS_GIT}; git knows no Cargo.toml here");
    Ok(files)
}

/// Makes `copy` hold these files of `root` and no other; writes only what differs.
fn synchronize(root: &Path, files: &[PathBuf], copy: &Path) -> Result<()> {
    for file in files {
        let bytes =
            fs::read(root.join(file)).with_context(|| format!("read {}", file.display()))?;
        let path = copy.join(file);
        let is_same = match fs::read(&path) {
            Ok(present) => present == bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(error).with_context(|| format!("read {}", path.display())),
        };
        if !is_same {
            let directory = path.parent().context("a file in a directory")?;
            fs::create_dir_all(directory)
                .with_context(|| format!("create {}", directory.display()))?;
            write(&path, &bytes)?;
        }
    }
    let files: BTreeSet<PathBuf> = files.iter().map(|file| copy.join(file)).collect();
    remove_others(copy, &files)
}

/// Deletes the files below `directory` that are not in `files`: cargo takes every file in
/// `examples` for one.
fn remove_others(directory: &Path, files: &BTreeSet<PathBuf>) -> Result<()> {
    let name = || format!("clear {}", directory.display());
    for entry in fs::read_dir(directory).with_context(name)? {
        let path = entry.with_context(name)?.path();
        if path.is_dir() {
            remove_others(&path, files)?;
        } else if !files.contains(&path) {
            fs::remove_file(&path).with_context(name)?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("read {}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    #[test]
    fn outside_of_a_git_checkout_it_is_said_that_one_is_needed() {
        let git = |folder: &Path, words: &[&str]| {
            Command::new("git").args(words).current_dir(folder).output()
        };
        if let Err(error) = git(Path::new("/"), &["--version"]) {
            eprintln!("skip: git(1): {error}");
            return;
        }
        let outer = std::env::temp_dir().join(format!("xtask-sources-{}", std::process::id()));
        let inner = outer.join("unpacked");
        fs::create_dir_all(&inner).unwrap();
        fs::write(inner.join("Cargo.toml"), "").unwrap();
        let is_refused = |root: &Path| {
            let error = format!("{:#}", sources(root).unwrap_err());
            assert!(error.contains("needs a git checkout") && !error.contains('\n'), "{error}");
        };
        is_refused(&inner);
        git(&outer, &["init"]).unwrap();
        is_refused(&outer);
        assert_eq!(sources(&inner).unwrap(), [PathBuf::from("Cargo.toml")]);
        fs::write(outer.join(".gitignore"), "unpacked\n").unwrap();
        is_refused(&inner);
        fs::remove_dir_all(outer).unwrap();
    }

    #[test]
    fn a_copy_holds_the_same_files_and_what_did_not_change_is_not_written() {
        let directory = std::env::temp_dir().join(format!("xtask-tree-{}", std::process::id()));
        let (root, copy) = (directory.join("root"), directory.join("copy"));
        fs::create_dir_all(root.join("a/src")).unwrap();
        let files = ["a/src/main.rs", "a/src/sys.rs"].map(PathBuf::from);
        for file in &files {
            fs::write(root.join(file), "old").unwrap();
        }
        synchronize(&root, &files, &copy).unwrap();
        let long_ago = SystemTime::UNIX_EPOCH;
        for file in &files {
            let file = fs::File::options().write(true).open(copy.join(file));
            file.unwrap().set_modified(long_ago).unwrap();
        }
        fs::write(root.join(&files[1]), "new").unwrap();
        fs::write(copy.join("a/src/left.rs"), "").unwrap();

        synchronize(&root, &files, &copy).unwrap();
        let modified = |file: &Path| fs::metadata(copy.join(file)).unwrap().modified().unwrap();
        assert_eq!(modified(&files[0]), long_ago);
        assert_ne!(modified(&files[1]), long_ago);
        assert_eq!(fs::read(copy.join(&files[1])).unwrap(), b"new");
        assert!(!copy.join("a/src/left.rs").exists());
        fs::remove_dir_all(directory).unwrap();
    }
}
