//! An exercise is built and asked its checks, up to the first failure.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::thread;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::exercise::folder::Folder;
use crate::exercise::table::Exercise;
use xtask::catalog::language::Language;
use xtask::harness::client::shorten_deadline;
use xtask::terminal::print;
use xtask::test_all::learner::Wish;
use xtask::test_all::matrix::{Plan, Settings};
use xtask::test_all::program;
use xtask::{FAILED, checkout};

/// How long a learner's server may be silent.
const SILENCE: Duration = Duration::from_secs(4);

/// How often it is looked whether the file was saved.
const PAUSE: Duration = Duration::from_millis(200);

/// Builds the exercise, or takes a program in its place, asks its checks, and says what is next.
pub fn check(
    exercise: &Exercise,
    all: &[Exercise],
    own: Option<&str>,
    language: Language,
) -> Result<ExitCode> {
    let folder = Folder::of(checkout::root(), &exercise.name);
    let command = match own {
        Some(command) => command.to_owned(),
        None => match build(&folder, &exercise.name)? {
            Some(program) => {
                let program = program.to_string_lossy();
                let program = shlex::try_quote(&program).context("a path")?;
                // The options with which the real server is tested.
                [&[&*program, "{addr}"], exercise.row()?.args].concat().join(" ")
            }
            None => return Ok(ExitCode::from(FAILED)),
        },
    };
    let status = ask(exercise, command)?;
    if status == ExitCode::SUCCESS {
        if own.is_none() {
            folder.passed()?;
        }
        let done = language.choose("is done. Next: ", "完成了。下一步：");
        print(&format!("\n{} {done}{}\n", exercise.name, next(exercise, all)));
    } else {
        let hint = language.choose("A hint: ", "需要提示：");
        print(&format!("\n{hint}cargo xtask exercise hint {}\n", exercise.name));
    }
    Ok(status)
}

fn next(exercise: &Exercise, all: &[Exercise]) -> String {
    let place = all.iter().position(|one| one.name == exercise.name);
    match place.and_then(|place| all.get(place + 1)) {
        Some(next) => format!("cargo xtask exercise start {}", next.name),
        None => "cargo xtask exercise start --bug".to_owned(),
    }
}

/// The same after every save, until the exercise is done or Ctrl-C.
pub fn watch(exercise: &Exercise, all: &[Exercise], language: Language) -> Result<ExitCode> {
    let main = Folder::of(checkout::root(), &exercise.name).main();
    loop {
        let checked = saved(&main)?;
        let status = check(exercise, all, None, language)?;
        if status == ExitCode::SUCCESS {
            return Ok(status);
        }
        let file = main.display();
        let english = format!("waits for {file} to be saved; Ctrl-C ends");
        let waits = language.choose(english, format!("等待保存 {file}；按 Ctrl-C 结束"));
        print(&format!("\n{waits}\n"));
        while saved(&main)? == checked {
            thread::sleep(PAUSE);
        }
    }
}

fn saved(file: &Path) -> Result<SystemTime> {
    let modified = fs::metadata(file).and_then(|metadata| metadata.modified());
    modified.with_context(|| format!("look at {}", file.display()))
}

/// Builds the package with cargo's own messages; `None` where it does not compile.
fn build(folder: &Folder, name: &str) -> Result<Option<PathBuf>> {
    let target = checkout::target()?.join("exercises");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--offline", "--manifest-path"]).arg(folder.manifest());
    command.arg("--target-dir").arg(&target);
    let status = command.status().context("run cargo build")?;
    Ok(status.success().then(|| target.join("debug").join(name)))
}

fn ask(exercise: &Exercise, command: String) -> Result<ExitCode> {
    shorten_deadline(SILENCE);
    let settings = Settings { seed: fastrand::u64(..), release: false };
    let plan = Plan::new(&[], &exercise.checks, settings)?;
    let wish = Wish {
        program: command,
        like: exercise.server.clone(),
        port: None,
        first: true,
        words: Vec::new(),
    };
    program::run(wish, plan, false)
}

#[derive(Serialize)]
struct Grade {
    name: String,
    started: bool,
    done: bool,
}

pub fn grade(exercises: &[Exercise], json: bool, language: Language) -> Result<ExitCode> {
    let mut grades = Vec::new();
    for exercise in exercises {
        let folder = Folder::of(checkout::root(), &exercise.name);
        let done =
            folder.exists() && check(exercise, exercises, None, language)? == ExitCode::SUCCESS;
        grades.push(Grade { name: exercise.name.clone(), started: folder.exists(), done });
    }
    let done = grades.iter().filter(|grade| grade.done).count();
    if json {
        print(&format!("{}\n", serde_json::to_string_pretty(&grades)?));
    } else {
        let word = |grade: &Grade| match (grade.started, grade.done) {
            (_, true) => "done",
            (true, false) => "not done",
            (false, false) => "not started",
        };
        let rows = grades.iter().map(|grade| format!("{:12} {}\n", word(grade), grade.name));
        print(&format!("\n{}{done} of {} done\n", rows.collect::<String>(), grades.len()));
    }
    Ok(ExitCode::from(if done == grades.len() { 0 } else { FAILED }))
}
