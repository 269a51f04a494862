//! One `cargo build`.

use std::collections::HashMap;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use cargo_metadata::Message;
use cargo_metadata::camino::Utf8PathBuf;

/// Where the executables and the preloaded library are, by the name of their binary or example.
pub type Binaries = HashMap<String, PathBuf>;

/// What is built for `test-all`: every binary and example but those of this crate, which is running.
pub const SERVERS: &[&str] = &["--workspace", "--exclude", "xtask", "--bins", "--examples"];

/// What the tester preloads into servers.
pub const PRELOAD: &[&str] = &["--package", "xtask", "--example", "preload"];

/// Runs `cargo build` for `targets`, with cargo's own output on standard error, and returns what it built.
///
/// # Errors
/// When cargo cannot be run, or the build fails.
pub fn build(targets: &[&str], release: bool) -> Result<Binaries> {
    let mut command = cargo_build(crate::root());
    command.args(targets);
    if release {
        command.arg("--release");
    }
    finish(command)
}

/// A `cargo build` of the workspace in `directory`, not run yet: what it builds can be added.
pub fn cargo_build(directory: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--message-format=json-render-diagnostics"]);
    command.current_dir(directory);
    command
}

/// Runs a command that [`cargo_build`] began, with cargo's own output on standard error, and returns what it
/// built.
///
/// # Errors
/// When cargo cannot be run, or the build fails.
pub fn finish(mut command: Command) -> Result<Binaries> {
    let mut child = command.stdout(Stdio::piped()).spawn().context("run cargo build")?;
    let stdout = child.stdout.take().context("read cargo build's messages")?;
    let mut binaries = Binaries::new();
    for message in Message::parse_stream(BufReader::new(stdout)) {
        if let Message::CompilerArtifact(artifact) =
            message.context("read cargo build's messages")?
            && let Some(file) = artifact.executable.or_else(|| library(artifact.filenames))
        {
            binaries.insert(artifact.target.name, file.into());
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
