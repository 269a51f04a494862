//! A server under strace(1).

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Signal, kill_process};

use xtask::catalog::Server;
use xtask::harness::build::Binaries;
use xtask::harness::command_line::CommandLine;
use xtask::harness::launch::Running;
use xtask::harness::output::Output;
use xtask::harness::tree;

/// How long one look for more lines is from the next.
const LOOK: Duration = Duration::from_millis(20);

/// A server that runs under strace, and the file that grows with each of its calls.
pub struct Recording {
    /// The server; the process that was started is strace.
    pub running: Running,
    binary: PathBuf,
    file: PathBuf,
}

impl Recording {
    /// Starts `server` with `arguments` behind its address `addr`, and notes its calls from its
    /// first to its last.
    pub fn start(
        server: &Server,
        binaries: &Binaries,
        addr: &str,
        arguments: &[&str],
        folder: &Path,
    ) -> Result<Recording> {
        fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
        let file = folder.join(format!("{}.strace", server.name));
        fs::write(&file, "").with_context(|| format!("write {}", file.display()))?;
        let binary = binaries.get(server.package, server.name);
        let binary = binary.with_context(|| format!("cargo did not build {}", server.name))?;
        let line = CommandLine::new("strace")
            .with(["-f", "-ttt", "-T", "-yy", "-s", "32", "-o"])
            // strace writes a line at once into a pipe, and many at a time into a file.
            .with([OsString::from("|cat >\"$XTASK_TRACE\"")])
            .with([binary.as_os_str()])
            .with([addr])
            .with(arguments)
            .under([("XTASK_TRACE", file.clone().into_os_string())]);
        let output = Output::default();
        let running = Running::start(&line, server.operator, &output).map_err(|failure| {
            // Why it ended is what it printed last.
            let why = output.tail().last().map_or_else(String::new, |line| format!("; {line}"));
            failure.told(|actual| format!("{actual}{why}"))
        });
        Ok(Recording { running: running?, binary: binary.to_owned(), file })
    }

    /// Ends the server, waits until strace has written its last line, and returns all of them.
    pub fn finish(mut self) -> Result<Vec<String>> {
        for process in tree::alive(&self.running.program)? {
            if process.exe().is_ok_and(|exe| exe == self.binary) {
                // It may have ended since.
                let _ = kill_process(process.pid, Signal::TERM);
            }
        }
        self.running.program.end()?;
        let file = File::open(&self.file).context("read what strace wrote")?;
        let lines: Result<Vec<String>, _> = BufReader::new(file).lines().collect();
        lines.context("read what strace wrote")
    }

    /// Hands over what strace has written since the last look, again and again, until the server
    /// ends or `take` has enough; nothing where it has written nothing.
    pub fn follow(&mut self, mut take: impl FnMut(&[String]) -> ControlFlow<()>) -> Result<()> {
        let file = File::open(&self.file).context("read what strace writes")?;
        let mut reader = BufReader::new(file);
        let mut line = String::new();
        loop {
            let is_alive = self.running.program.is_alive().is_ok();
            let mut lines = Vec::new();
            while reader.read_line(&mut line).context("read what strace writes")? > 0 {
                // The last line may be half written.
                if line.ends_with('\n') {
                    lines.push(line.trim_end().to_owned());
                    line.clear();
                }
            }
            if take(&lines).is_break() || !is_alive {
                return Ok(());
            }
            thread::sleep(LOOK);
        }
    }
}
