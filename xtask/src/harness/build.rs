//! One `cargo build`.

use std::collections::HashMap;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use cargo_metadata::camino::Utf8PathBuf;
use cargo_metadata::{Message, Metadata, PackageId};

use crate::catalog::{Server, Target};
use crate::checkout;
use crate::harness::command_line::CommandLine;

/// Where the executables and the preloaded library are, by their package and the name of their
/// binary or example: two packages may have examples of one name.
#[derive(Clone, Default)]
pub struct Binaries(HashMap<(String, String), PathBuf>);

impl Binaries {
    /// Where cargo put a binary or example.
    pub fn get(&self, package: &str, name: &str) -> Option<&Path> {
        self.0.get(&(package.to_owned(), name.to_owned())).map(PathBuf::as_path)
    }

    /// What launches a server, without arguments; `None` where cargo did not build it.
    pub fn line_of(&self, server: &Server) -> Option<CommandLine> {
        let line = match server.target {
            Target::Bin | Target::Example => {
                CommandLine::new(self.get(server.package, server.name)?)
            }
            Target::Program(words) => CommandLine::new(words.first()?).with(&words[1..]),
        };
        Some(line.behind(server.wrapper))
    }

    /// Takes the file at `path` for a binary or example.
    pub fn insert(&mut self, package: &str, name: &str, path: PathBuf) {
        self.0.insert((package.to_owned(), name.to_owned()), path);
    }

    /// Adds what another build built.
    pub fn extend(&mut self, others: Binaries) {
        self.0.extend(others.0);
    }
}

/// What is built for `test-all`: every binary and example but those of xtask's packages.
pub const SERVERS: &[&str] = &["--workspace", "--exclude", "xtask*", "--bins", "--examples"];

/// What a command's progress shows meanwhile.
pub const MESSAGE: &str = "compiling the servers";

/// What the tester preloads into servers.
pub const PRELOAD: &[&str] = &["--package", "xtask", "--example", "preload"];

/// Runs `cargo build` for `targets`, with cargo's own output on standard error, and returns what it
/// built.
///
/// # Errors
/// When cargo cannot be run, or the build fails.
pub fn build(targets: &[&str], release: bool) -> Result<Binaries> {
    let metadata = checkout::metadata(checkout::root())?;
    let mut command = cargo_build(&metadata, &checkout::target_of(&metadata));
    command.args(targets);
    if release {
        command.arg("--release");
    }
    finish(command, metadata)
}

/// A `cargo build` of a workspace into `target`, not run yet: what it builds can be added.
pub fn cargo_build(metadata: &Metadata, target: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--message-format=json-render-diagnostics"]);
    command.arg("--target-dir").arg(target).current_dir(&metadata.workspace_root);
    // What is between is shared, too, where that has another place (build.build-dir).
    command.env("CARGO_BUILD_BUILD_DIR", target);
    command
}

/// Runs a command that [`cargo_build`] began, with cargo's own output on standard error, and
/// returns what it built.
///
/// # Errors
/// When cargo cannot be run, or the build fails.
pub fn finish(mut command: Command, metadata: Metadata) -> Result<Binaries> {
    let packages = metadata.packages.into_iter();
    let packages: HashMap<PackageId, String> =
        packages.map(|package| (package.id, package.name.to_string())).collect();
    let mut child = command.stdout(Stdio::piped()).spawn().context("run cargo build")?;
    let stdout = child.stdout.take().context("read cargo build's messages")?;
    let mut binaries = Binaries::default();
    for message in Message::parse_stream(BufReader::new(stdout)) {
        if let Message::CompilerArtifact(artifact) =
            message.context("read cargo build's messages")?
            && let Some(package) = packages.get(&artifact.package_id)
            && let Some(file) = artifact.executable.or_else(|| library(artifact.filenames))
        {
            binaries.insert(package, &artifact.target.name, file.into());
        }
    }
    let status = child.wait().context("wait for cargo build")?;
    if !status.success() {
        bail!("cargo build failed");
    }
    Ok(binaries)
}

/// The shared library among what cargo made of a target.
fn library(files: Vec<Utf8PathBuf>) -> Option<Utf8PathBuf> {
    files.into_iter().find(|file| file.extension() == Some("so"))
}
