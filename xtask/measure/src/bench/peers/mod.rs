//! The peers: what is known elsewhere, measured in the same run. One that is not there is skipped,
//! with the reason.
//!
//! - [`originals`]: the notes' own Python

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::bench::contender::{Contender, Field, Kind};
use xtask::catalog::{Concurrency, Talk};
use xtask::checkout::{self, root};
use xtask::harness::build;
use xtask::harness::command_line::CommandLine;
use xtask::harness::trial::ANY_PORT;

pub mod originals;

/// How cargo builds the one that is written in Rust.
const TOKIO: &[&str] =
    &["--package", "xtask-measure", "--bin", "tokio-echo", "--features", "peers"];

/// A peer that echoes, with room for everybody.
pub fn echo(name: &str, kind: Kind, line: CommandLine) -> Contender {
    Contender {
        name: name.to_owned(),
        kind,
        line,
        args: Vec::new(),
        talk: Talk::Stream(<[u8]>::to_vec),
        backlog: 1024,
        concurrency: Concurrency::Many,
        processors: 1,
    }
}

/// Builds and finds all peers; `threads` is how many the machine has processors for.
pub fn all(notes: Option<&Path>, threads: usize) -> Result<Field> {
    let folder = folder()?;
    let mut field = Field::default();
    let tokio = build::build(TOKIO, true).ok();
    let tokio =
        tokio.and_then(|built| built.get("xtask-measure", "tokio-echo").map(Path::to_owned));
    let tokio = tokio.ok_or_else(|| "cargo did not build it".to_owned());
    let line = tokio.map(|path| CommandLine::new(path).with([ANY_PORT]));
    add(&mut field, "tokio", line.clone());
    let threads = threads.to_string();
    add(&mut field, "tokio-threads", line.map(|line| line.with(["--threads", &threads])));
    add(&mut field, "c-epoll", compile("epoll_echo.c", &[], &folder));
    add(&mut field, "c-poll", compile("poll_echo.c", &[], &folder));
    add(&mut field, "c-nonblocking", compile("nonblocking_echo.c", &[], &folder));
    add(&mut field, "c-threads", compile("threads_echo.c", &["-pthread"], &folder));
    add(&mut field, "c-io-uring", compile("uring_echo.c", &["-luring"], &folder));
    let script = root().join("xtask/measure/peers/asyncio_echo.py");
    let asyncio = |words: &[&str]| CommandLine::new("python3").with([&script]).with(words);
    add(&mut field, "asyncio", python("asyncio").map(|()| asyncio(&[])));
    add(&mut field, "asyncio-uvloop", python("uvloop").map(|()| asyncio(&["--uvloop"])));
    originals::add(&mut field, notes, &folder)?;
    Ok(field)
}

fn add(field: &mut Field, name: &str, line: Result<CommandLine, String>) {
    field.add(name, line.map(|line| echo(name, Kind::Peer, line)));
}

/// Where compiled peers and repaired listings are put.
fn folder() -> Result<PathBuf> {
    let folder = checkout::target()?.join("peers");
    std::fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    Ok(folder)
}

fn compile(source: &str, libraries: &[&str], folder: &Path) -> Result<CommandLine, String> {
    let program = folder.join(source).with_extension("");
    let mut cc = Command::new("cc");
    cc.args(["-O2", "-Wall", "-o"]).arg(&program);
    cc.arg(root().join("xtask/measure/peers").join(source)).args(libraries);
    let output = cc.output().map_err(|error| format!("cc: {error}"))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        let first = errors.lines().find(|line| line.contains("error:")).unwrap_or("failed");
        let words = first.rsplit("error:").next().unwrap_or(first).trim();
        return Err(format!("cc: {words}"));
    }
    Ok(CommandLine::new(program))
}

/// Whether Python is there and has a module.
fn python(module: &str) -> Result<(), String> {
    let tried = Command::new("python3").args(["-c", &format!("import {module}")]).output();
    match tried {
        Err(error) => Err(format!("python3: {error}")),
        Ok(output) if !output.status.success() => Err(format!("python3 has no {module}")),
        Ok(_) => Ok(()),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    #[test]
    fn what_does_not_compile_is_skipped_with_the_compiler_s_reason() {
        let folder = std::env::temp_dir();
        let reason = compile("no_such_file.c", &[], &folder).unwrap_err();
        assert!(reason.starts_with("cc: "), "{reason}");
    }

    #[test]
    fn a_module_that_python_has_not_is_named() {
        let reason = python("no_such_module_anywhere").unwrap_err();
        assert!(reason.starts_with("python3"), "{reason}");
    }
}
