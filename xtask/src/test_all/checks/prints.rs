//! What a server writes about its events, and what it leaves out with `--quiet`.

use std::fs::File;
use std::io::{Read, Seek};
use std::os::fd::AsRawFd;
use std::process;

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::Signal;

use crate::catalog::{Journal, Talk};
use crate::harness::launch::parse_listening;
use crate::harness::outcome::{Expect, Outcome, Verdict, fail};
use crate::harness::trial::Trial;
use crate::test_all::checks::output::serve_unseen;
use crate::test_all::checks::signals::end_by;
use crate::test_all::checks::with_option;

const CLIENTS: usize = 3;

pub fn prints(trial: &Trial<'_>) -> Outcome {
    let log = serve_to_the_end(trial, &[])?;
    let (printed, errors) = (trial.output.printed(), trial.output.errors());
    let journal = match trial.server.journal {
        Journal::Stdout => printed,
        Journal::Stderr => errors.clone(),
        Journal::File => log,
    };
    for number in 0..CLIENTS {
        let text = match trial.server.talk {
            // It reads nothing, and shows the connection.
            Talk::Accepts => "raddr=127.0.0.1:".to_owned(),
            talk => String::from_utf8_lossy(&talk.message(number)).trim_end().to_owned(),
        };
        if !journal.iter().any(|line| line.contains(&text)) {
            return fail(
                format!("a line with `{text}` among what it writes about its events"),
                format!("{} other lines", journal.len()),
            );
        }
    }
    if trial.server.journal != Journal::Stderr && !errors.is_empty() {
        return fail("nothing on standard error", errors.join(" / "));
    }
    Ok(Verdict::Pass)
}

pub fn quiet(trial: &Trial<'_>) -> Outcome {
    let log = serve_to_the_end(trial, &["--quiet"])?;
    let lines = [trial.output.printed(), trial.output.errors(), log].concat();
    match lines.as_slice() {
        [line] if parse_listening(line).is_some() => Ok(Verdict::Pass),
        lines => fail("only `listening on ADDR`, and an empty log", lines.join(" / ")),
    }
}

/// Launches the server with `more` arguments, serves clients that come, talk and leave, and ends
/// it; returns the lines of its log, if it has one.
fn serve_to_the_end(trial: &Trial<'_>, more: &[&str]) -> Outcome<Vec<String>> {
    const LOG: &str = "a file for the log";
    let mut log = File::from(memfd_create("log", MemfdFlags::CLOEXEC).expect_to(LOG)?);
    let path = format!("/proc/{}/fd/{}", process::id(), log.as_raw_fd());
    let mut args = match trial.server.journal {
        Journal::File => with_option(trial.server.args, "--log", &path),
        Journal::Stdout | Journal::Stderr => trial.server.args.to_vec(),
    };
    args.extend(more);
    let mut running = trial.launch_with(&args)?;
    for number in 0..CLIENTS {
        serve_unseen(trial, &running, number)?;
    }
    end_by(&mut running, Signal::TERM)?;
    running.output.wait_for_end();
    let mut text = String::new();
    log.rewind().expect_to(LOG)?;
    log.read_to_string(&mut text).expect_to(LOG)?;
    Ok(text.lines().map(str::to_owned).collect())
}
