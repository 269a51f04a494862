//! `cargo xtask claims`: measures what the notes claim, and answers each claim with figures.
//!
//! - `claim`: what a measurement answers
//! - `measure`: the measurements, and which claim each is of
//! - `sys`: calls that have no safe face elsewhere
//! - `markdown`: the answers in the documentation

use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use anyhow::Result;
use indicatif::ProgressBar;

mod claim;
mod markdown;
mod measure;
mod sys;

use claim::{counts, found};
use measure::Measure;
use xtask::catalog::claim::{self as catalog, Claim, Finding};
use xtask::catalog::language::Language;
use xtask::catalog::{CLAIM, select};
use xtask::harness::interrupt::Interrupt;
use xtask::harness::stop;
use xtask::terminal::{print, progress, wrapped};
use xtask::{FAILED, usage};

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
pub fn run(args: &Args) -> Result<ExitCode> {
    let all = catalog::read(xtask::root())?;
    if args.pages {
        markdown::write_pages(&all, &catalog::Answers::read(xtask::root())?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let claims = match select(&CLAIM, &args.names, &all, |claim| &claim.name) {
        Ok(claims) => claims,
        Err(error) => return Ok(usage(&error)),
    };
    let run = Arc::new(Run {
        progress: progress(claims.len()),
        measures: claims.iter().map(|claim| measure::of(claim)).collect::<Result<_>>()?,
        claims: claims.into_iter().cloned().collect(),
        language: args.lang.unwrap_or_else(Language::of_environment),
        start: Instant::now(),
        found: Mutex::default(),
    });
    let reported = run.clone();
    let interrupt = Interrupt::report(move || reported.interrupted())?;
    run.measure(print);
    interrupt.unless_it_came(());
    run.finished(args.markdown)
}

/// A run, and what came of it so far; the report that Ctrl-C asks for shares it.
struct Run {
    claims: Vec<Claim>,
    /// In the order of the claims.
    measures: Vec<Measure>,
    language: Language,
    start: Instant,
    progress: ProgressBar,
    found: Mutex<Vec<Finding>>,
}

impl Run {
    /// Measures every claim, whatever becomes of the others; `show` gets each answer as text.
    fn measure(&self, show: impl Fn(&str)) {
        for (claim, measure) in self.claims.iter().zip(&self.measures) {
            self.progress.set_message(claim.name.clone());
            let found = found(claim, stop::undisturbed(measure));
            let entry = claim.entry(&found, self.language);
            let gap = if self.found().is_empty() { "" } else { "\n" };
            self.progress.suspend(|| show(&format!("{gap}{entry}")));
            self.found().push(found);
            self.progress.inc(1);
        }
    }

    /// Counts the answers, names the measurements that broke, and says how the command ends.
    fn finished(&self, markdown: bool) -> Result<ExitCode> {
        let found = self.summarized();
        let broken = claim::broken(&found);
        for line in &broken {
            eprintln!("error: {line}");
        }
        if !broken.is_empty() {
            if markdown {
                eprintln!("error: {} stays as it was", markdown::FILE);
            }
            return Ok(ExitCode::from(FAILED));
        }
        if markdown {
            markdown::write(&self.claims, found)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn interrupted(&self) {
        let count = self.summarized().len();
        eprintln!("interrupted after {count} of {} claims", self.claims.len());
    }

    /// Counts the answers that there are, and returns them.
    fn summarized(&self) -> Vec<Finding> {
        self.progress.finish_and_clear();
        let found = self.found().clone();
        let (counts, time) = (counts(&found), self.start.elapsed().as_secs_f64());
        print(&format!("\n{}", wrapped(&format!("{counts} in {time:.1} s"), "  ")));
        found
    }

    fn found(&self) -> MutexGuard<'_, Vec<Finding>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What nobody claims, for tests.
#[cfg(test)]
pub(crate) mod made_up {
    use xtask::catalog::claim::{Answer, Chinese, Claim, Finding};

    const WHY: &str = "The kernel counts them.";

    pub fn claim(name: &str) -> Claim {
        Claim {
            name: name.to_owned(),
            at: vec!["000:1".to_owned()],
            claim: "there are many".to_owned(),
            why: [Answer::False, Answer::Depends].map(|answer| (answer, WHY.to_owned())).into(),
            source: "poll(2)".to_owned(),
            zh: Chinese::default(),
        }
    }

    pub fn finding(name: &str, answer: Answer) -> Finding {
        Finding { name: name.to_owned(), answer, figures: String::new(), why: WHY.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use anyhow::bail;

    use super::*;

    #[test]
    fn after_a_measurement_that_breaks_the_others_run() {
        let run = Run {
            claims: ["broken-one", "short-name"].map(made_up::claim).into(),
            measures: vec![|| bail!("no such call"), || {
                Ok((catalog::Answer::False, String::new()))
            }],
            language: Language::English,
            start: Instant::now(),
            progress: ProgressBar::hidden(),
            found: Mutex::default(),
        };
        let shown = RefCell::new(String::new());
        run.measure(|text| *shown.borrow_mut() += text);
        assert_eq!(claim::broken(&run.found()), ["broken-one: no such call"]);
        let shown = shown.into_inner();
        let shown = console::strip_ansi_codes(&shown);
        let headings: Vec<&str> = shown.lines().filter(|line| line.contains(" (000:")).collect();
        assert_eq!(headings, ["broken broken-one (000:1)", "false short-name (000:1)"]);
    }
}
