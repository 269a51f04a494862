//! `cargo xtask claims`: measures what the notes claim, and answers each claim with figures.
//!
//! - `claim`: what a measurement answers; `table`: which one measures which claim
//! - `measure`: the measurements; `sys`: calls that have no safe face elsewhere
//! - `report`, `markdown`: the answers on the terminal, and in the documentation

use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::Result;
use indicatif::ProgressBar;

mod claim;
mod markdown;
mod measure;
mod report;
mod sys;
mod table;

use claim::told;
use table::Measure;
use xtask::catalog::claim::{self as catalog, Answer, Claim};
use xtask::catalog::language::Language;
use xtask::catalog::{CLAIM, select};
use xtask::harness::interrupt::Interrupt;
use xtask::harness::stop;
use xtask::terminal::{print, progress};
use xtask::{FAILED, usage};

/// The command line of `cargo xtask claims`.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  cargo xtask claims\n  cargo xtask claims poll-has-no-limit\n  \
                        cargo xtask list --claims"
)]
pub struct Args {
    /// Claims to measure [default: all]
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Also write the answers to docs/claims.md and xtask/data/results; only for all of them
    #[arg(long, conflicts_with = "names")]
    markdown: bool,
    /// Only write docs/claims.md and its Chinese anew, from the last answers
    #[arg(long, conflicts_with_all = ["names", "markdown"])]
    pages: bool,
    /// Language of claims and reasons [default: that of the terminal]
    #[arg(long, value_name = "LANGUAGE")]
    lang: Option<Language>,
}

/// Measures each claim in turn and prints its answer; after Ctrl-C the count of what there is.
///
/// # Errors
/// When the documentation cannot be written, or Ctrl-C cannot be watched for.
pub fn run(args: &Args) -> Result<ExitCode> {
    // They are needed until the command ends, also by the report that Ctrl-C asks for.
    let all: &'static [Claim] = catalog::read(xtask::root())?.leak();
    if args.pages {
        let claims: Vec<&Claim> = all.iter().collect();
        markdown::write_pages(&claims, &catalog::Answers::read(xtask::root())?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let claims = match select(&CLAIM, &args.names, all, |claim| &claim.name) {
        Ok(claims) => claims,
        Err(error) => return Ok(usage(&error)),
    };
    let claims = claims.into_iter().map(|claim| Ok((claim, table::of(claim)?)));
    let claims: Vec<Question> = claims.collect::<Result<_>>()?;
    let run = Arc::new(Run {
        progress: progress(claims.len()),
        claims,
        language: args.lang.unwrap_or_else(Language::of_environment),
        start: Instant::now(),
        answers: Mutex::default(),
    });
    let reported = run.clone();
    let interrupt = Interrupt::report(move || reported.interrupted())?;
    run.measure(|text| run.progress.suspend(|| print(&text)));
    interrupt.unless_it_came(());
    run.finished(args.markdown)
}

/// A claim and its measurement.
type Question = (&'static Claim, Measure);

/// A run, and what came of it so far; the report that Ctrl-C asks for shares it.
struct Run {
    claims: Vec<Question>,
    language: Language,
    start: Instant,
    progress: ProgressBar,
    answers: Mutex<Vec<Answer>>,
}

impl Run {
    /// Measures every claim, whatever becomes of the others; `show` gets each answer as text.
    fn measure(&self, show: impl Fn(String)) {
        for (claim, measure) in &self.claims {
            self.progress.set_message(claim.name.as_str());
            let answer = told(claim, stop::undisturbed(measure));
            let mut answers = self.answers();
            let gap = if answers.is_empty() { "" } else { "\n" };
            show(format!("{gap}{}", report::entry(claim, &answer, self.language)));
            answers.push(answer);
            self.progress.inc(1);
        }
    }

    /// Counts the answers, names the measurements that broke, and says how the command ends.
    fn finished(&self, markdown: bool) -> Result<ExitCode> {
        let answers = self.answers();
        self.summarize(&answers);
        let broken = report::broken(&answers);
        for line in &broken {
            eprintln!("error: {line}");
        }
        if markdown && broken.is_empty() {
            let claims: Vec<&Claim> = self.claims.iter().map(|(claim, _)| *claim).collect();
            markdown::write(&claims, answers.clone())?;
        } else if markdown {
            eprintln!("error: {} stays as it was", markdown::FILE);
        }
        Ok(ExitCode::from(if broken.is_empty() { 0 } else { FAILED }))
    }

    /// Counts the answers that there are.
    fn interrupted(&self) {
        let answers = self.answers();
        self.summarize(&answers);
        eprintln!("interrupted after {} of {} claims", answers.len(), self.claims.len());
    }

    fn summarize(&self, answers: &[Answer]) {
        self.progress.finish_and_clear();
        print(&format!("\n{}", report::summary(answers, self.start.elapsed())));
    }

    fn answers(&self) -> MutexGuard<'_, Vec<Answer>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A claim that nobody made, for tests of the reports.
#[cfg(test)]
pub(crate) mod made_up {
    use crate::claims::claim::{Answer, Measured};
    use xtask::catalog::claim::{Chinese, Claim};

    pub fn claim(name: &str) -> &'static Claim {
        Box::leak(Box::new(Claim {
            name: name.to_owned(),
            at: vec!["000:1".to_owned(), "003:134".to_owned()],
            claim: "the notes say something that is longer than a line of a usual terminal is"
                .to_owned(),
            why: ["false", "depends"]
                .map(|answer| (answer.to_owned(), "The kernel counts them.".to_owned()))
                .into(),
            source: "poll(2)".to_owned(),
            zh: Chinese::default(),
        }))
    }

    pub fn found(answer: Answer) -> Measured {
        (answer, "7 of 9 calls, 1.5 µs each".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use anyhow::bail;

    use super::made_up::{claim, found};
    use super::*;

    #[test]
    fn after_a_measurement_that_breaks_the_others_run() {
        let run = Run {
            claims: vec![
                (claim("broken-one"), || bail!("no such call")),
                (claim("short-name"), || Ok(found(claim::Answer::False))),
            ],
            language: Language::English,
            start: Instant::now(),
            progress: ProgressBar::hidden(),
            answers: Mutex::default(),
        };
        let shown = RefCell::new(String::new());
        run.measure(|text| shown.borrow_mut().push_str(&text));
        assert_eq!(report::broken(&run.answers()), ["broken-one: no such call"]);
        let shown = shown.into_inner();
        let shown = console::strip_ansi_codes(&shown);
        let headings: Vec<&str> = shown.lines().filter(|line| line.contains(" (000:")).collect();
        let at = "(000:1, 003:134)";
        assert_eq!(headings, [format!("broken broken-one {at}"), format!("false short-name {at}")]);
    }
}
