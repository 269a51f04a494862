//! What several tests do: they build the servers, and run a command to its end.

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use std::thread;

use xtask::checkout;
use xtask::harness::build::{self, Binaries};
use xtask::harness::outcome::not_tested;

static BINARIES: LazyLock<Binaries> = LazyLock::new(|| {
    let mut binaries = build::build(build::SERVERS, false).unwrap();
    binaries.extend(build::build(build::PRELOAD, false).unwrap());
    binaries
});

/// All servers, and what is preloaded into them.
pub fn binaries() -> &'static Binaries {
    &BINARIES
}

/// A binary or example of the servers' packages.
pub fn program(package: &str, name: &str) -> &'static Path {
    BINARIES.get(package, name).unwrap()
}

/// `cargo xtask` with these words.
pub fn xtask<'a>(words: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(checkout::built("xtask"));
    command.args(words);
    command
}

/// How a command ended, and what it printed.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// All that it printed, without line ends: a report may be wrapped anywhere.
    pub fn words(&self) -> String {
        let text = self.stdout.split_whitespace().chain(self.stderr.split_whitespace());
        text.collect::<Vec<_>>().join(" ")
    }
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let [stdout, stderr] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    Ran { code: output.status.code(), stdout, stderr }
}

/// Tries all of these at the same time: each does little else than wait.
pub fn side_by_side<T: Send>(all: impl IntoIterator<Item = T>, work: impl Fn(T) + Sync) {
    thread::scope(|scope| {
        for one in all {
            scope.spawn(|| work(one));
        }
    });
}

/// Whether a program is installed; says so where it is not.
pub fn is_installed(program: &str) -> bool {
    let is_there = Command::new(program).arg("-h").output().is_ok();
    if !is_there {
        not_tested(program, "it is not installed");
    }
    is_there
}
