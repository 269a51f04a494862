//! `cargo xtask exercise`: servers with a piece missing, to be completed by a learner.
//!
//! - [`table`]: the exercises; [`bug`]: one of the known defects, without its name
//! - [`folder`]: the small package that a learner edits
//! - [`check`]: its build, its checks, the grades

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

mod bug;
mod check;
pub mod folder;
pub mod table;
#[cfg(test)]
mod tests;

use folder::Folder;
use table::Exercise;
use xtask::catalog::language::Language;
use xtask::terminal::{print, wrapped};

/// The command line of `cargo xtask exercise`.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask exercise                          the list, in order, with what is done
  cargo xtask exercise start thread-for-each    then edit exercises/thread-for-each/main.rs
  cargo xtask exercise check
  cargo xtask exercise check thread-for-each --program './a.out {port}'")]
pub struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    /// Language of tasks and hints [default: that of the terminal]
    #[arg(long, global = true, value_name = "LANGUAGE")]
    lang: Option<Language>,
}

#[derive(Subcommand)]
enum Action {
    /// Puts a server with a piece missing into exercises/NAME, and says what to do
    Start {
        /// The exercise [default: the first that is not done]
        name: Option<String>,
        /// A server with a defect instead, which is to be found
        #[arg(long, conflicts_with = "name")]
        bug: bool,
    },
    /// Builds it and runs its checks, up to the first failure
    Check {
        /// The exercise [default: the one that was started last]
        name: Option<String>,
        /// A program of your own in its place, as test-all takes it
        #[arg(long, value_name = "COMMAND")]
        program: Option<String>,
    },
    /// The same after every save
    Watch {
        /// The exercise [default: the one that was started last]
        name: Option<String>,
    },
    /// The next of three hints
    Hint {
        /// The exercise [default: the one that was started last]
        name: Option<String>,
    },
    /// The difference to the real server
    Solution {
        /// The exercise [default: the one that was started last]
        name: Option<String>,
    },
    /// Begins it again: what you wrote is lost
    Reset {
        /// The exercise
        name: String,
    },
    /// Checks everything that was started, for a teacher
    Grade {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// Does what is asked.
pub fn run(args: &Args) -> Result<ExitCode> {
    let root = xtask::root();
    let language = args.lang.unwrap_or_else(Language::of_environment);
    let exercises = table::read(root)?;
    let chosen = |name: &Option<String>| match name {
        Some(name) => table::named(root, &exercises, name),
        None => folder::current(root).and_then(|name| table::named(root, &exercises, &name)),
    };
    match &args.action {
        None => print(&list(&exercises, language)),
        Some(Action::Start { bug: true, .. }) => {
            let exercise = bug::choose(root)?;
            start(&exercise, language)?;
        }
        Some(Action::Start { name: Some(name), .. }) => {
            start(&table::named(root, &exercises, name)?, language)?;
        }
        Some(Action::Start { name: None, .. }) => {
            let is_left = |one: &&Exercise| !Folder::of(root, &one.name).is_done();
            match exercises.iter().find(is_left) {
                Some(exercise) => start(exercise, language)?,
                None => print(language.choose(
                    "all exercises are done; another: cargo xtask exercise start --bug\n",
                    "所有练习都完成了；再来一个：cargo xtask exercise start --bug\n",
                )),
            }
        }
        Some(Action::Check { name, program }) => {
            return check::check(&chosen(name)?, &exercises, program.as_deref(), language);
        }
        Some(Action::Watch { name }) => {
            return check::watch(&chosen(name)?, &exercises, language);
        }
        Some(Action::Hint { name }) => {
            let exercise = chosen(name)?;
            let hint = Folder::of(root, &exercise.name).next_hint(&exercise, language)?;
            print(&wrapped(&hint, ""));
        }
        Some(Action::Solution { name }) => {
            let exercise = chosen(name)?;
            print(&Folder::of(root, &exercise.name).difference(&exercise)?);
        }
        Some(Action::Reset { name }) => {
            let exercise = table::named(root, &exercises, name)?;
            Folder::of(root, &exercise.name).remove()?;
            start(&exercise, language)?;
        }
        Some(Action::Grade { json }) => return check::grade(&exercises, *json, language),
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the exercise, and says what to do.
fn start(exercise: &Exercise, language: Language) -> Result<()> {
    let folder = Folder::of(xtask::root(), &exercise.name);
    let file = folder.start(exercise)?;
    let words = exercise.words.to(language);
    let [edit, then, read] = language.choose(["Edit", "Then", "Read"], ["修改", "然后", "阅读"]);
    print(&format!(
        "{}\n\n{}\n{edit}   {file}\n{then}   cargo xtask exercise check {}\n{read}   {}\n",
        words.title,
        wrapped(&words.task, ""),
        exercise.name,
        exercise.read.join(", "),
    ));
    Ok(())
}

/// All exercises in their order, with what is done.
fn list(exercises: &[Exercise], language: Language) -> String {
    let width = exercises.iter().map(|one| one.name.len()).max().unwrap_or(0);
    let marks = ["done   ", "started", "       "];
    let [done, started, neither] = language.choose(marks, ["已完成 ", "已开始 ", "       "]);
    let row = |exercise: &Exercise| {
        let folder = Folder::of(xtask::root(), &exercise.name);
        let mark = match (folder.is_done(), folder.exists()) {
            (true, _) => done,
            (false, true) => started,
            (false, false) => neither,
        };
        format!("{mark}  {:width$}  {}\n", exercise.name, exercise.words.to(language).title)
    };
    let rows: String = exercises.iter().map(row).collect();
    let next = language.choose("Next: ", "下一步：");
    format!("{rows}\n{next}cargo xtask exercise start\n")
}
