//! `cargo xtask`: arguments, dispatch, exit code.
#![forbid(unsafe_code)]

use std::env;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use anyhow::{Result, anyhow};
use clap::Subcommand;

use xtask::{list, soak, test_all};

#[derive(Subcommand)]
enum Task {
    /// Shows every program with its listing and command, or every check, claim or defect
    List(list::Args),
    /// Runs every applicable check on every server and shows the result as one matrix
    TestAll(test_all::Args),
    /// Runs conversation, churn, resets and slow clients together, and counts what was served and
    /// lost
    Soak(soak::Args),
    /// Puts small defects into copies of the servers, one at a time, and shows which check finds
    /// each
    Mutants(Words),
    /// Checks that the statements of each Rust file say what their listing says, line for line
    Mirror(Words),
    /// Measures what each model costs, beside its peers, and writes tables and charts
    Bench(Words),
    /// Measures what the notes claim, and answers each claim with figures
    Claims(Words),
    /// Shows what a server asks of the kernel while clients talk to it, in the words of the notes
    Trace(Words),
    /// Shows the notes and their mirrors side by side: as pages for a browser, or one place here
    Read(Words),
    /// Gives a server with a piece missing, and checks what you make of it
    Exercise(Words),
}

// What a package of its own reads, `--help` included.
#[derive(clap::Args)]
#[command(disable_help_flag = true, disable_version_flag = true)]
struct Words {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    words: Vec<OsString>,
}

fn main() -> ExitCode {
    xtask::run(arguments(), |task: Task| match task {
        Task::List(args) => list::run(&args),
        Task::TestAll(args) => test_all::run(args),
        Task::Soak(args) => soak::run(&args),
        Task::Mutants(Words { words }) => hand_over("xtask-mirror", "mutants", &words),
        Task::Mirror(Words { words }) => hand_over("xtask-mirror", "mirror", &words),
        Task::Bench(Words { words }) => hand_over("xtask-measure", "bench", &words),
        Task::Claims(Words { words }) => hand_over("xtask-measure", "claims", &words),
        Task::Trace(Words { words }) => hand_over("xtask-measure", "trace", &words),
        Task::Read(Words { words }) => hand_over("xtask-read", "read", &words),
        Task::Exercise(Words { words }) => hand_over("xtask-read", "exercise", &words),
    })
}

/// The command line; `help NAME` is `NAME --help`, which the package of that command answers.
fn arguments() -> Vec<OsString> {
    let mut arguments: Vec<OsString> = env::args_os().collect();
    if arguments.len() == 3 && arguments[1] == "help" {
        arguments[1] = arguments.pop().expect("there are three");
        arguments.push("--help".into());
    }
    arguments
}

/// Becomes the program of another package, which cargo builds first.
fn hand_over(package: &str, command: &str, words: &[OsString]) -> Result<ExitCode> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut run = Command::new(cargo);
    run.args(["run", "--package", package, "--bin", package, "--manifest-path"]);
    run.arg(xtask::root().join("Cargo.toml")).arg("--").arg(command).args(words);
    Err(anyhow!(run.exec()).context("run cargo"))
}
