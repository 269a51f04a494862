//! What a server by selectors does while nobody speaks.

use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};

use crate::claims::claim::{Answer, Finding, Measured};
use xtask::catalog::{SERVER, SERVERS, select};
use xtask::harness::build;
use xtask::harness::client::DEADLINE;
use xtask::harness::launch::Running;
use xtask::harness::output::Output;
use xtask::harness::state::state;
use xtask::harness::trial::ANY_PORT;

/// The mirror of the listing below the sentence.
const SERVER_NAME: &str = "echo-callbacks";
const SLEEPS: &str = "the server sleeps";

/// Launches the listing's server, and looks what it does without a client.
///
/// # Errors
/// When it cannot be launched.
pub fn selectors_block_nowhere() -> Result<Measured> {
    let server = select(&SERVER, &[SERVER_NAME.to_owned()], SERVERS, |server| server.name)?[0];
    let binaries = build::build(&["--package", server.package, "--example", SERVER_NAME], false)?;
    let line = binaries.line_of(server).context("cargo did not build the server")?.with([ANY_PORT]);
    let running =
        Running::start(&line, None, &Output::default()).map_err(|failure| anyhow!("{failure}"))?;
    let end = Instant::now() + DEADLINE;
    let mut seen = state(running.program.pid());
    while !seen.starts_with(SLEEPS) && Instant::now() < end {
        thread::yield_now();
        seen = state(running.program.pid());
    }
    Ok(Measured::Found(judge(&seen)))
}

fn judge(seen: &str) -> Finding {
    let (answer, why) = match seen.starts_with(SLEEPS) {
        true => (
            Answer::False,
            "select() of a selector blocks until a socket is ready, and recv copies inside the \
             call. So multiplexing is synchronous, as note 003:110 says; here it only waits for \
             many at once.",
        ),
        false => (Answer::Holds, "It does not wait in a call."),
    };
    let figures = format!("{SERVER_NAME}, without a client: {seen}");
    Finding { answer, figures, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_sleeps_decides() {
        assert_eq!(judge("the server sleeps in epoll_wait").answer, Answer::False);
        assert_eq!(judge("the server runs").answer, Answer::Holds);
    }

    #[test]
    fn it_is_measured() {
        let measured = selectors_block_nowhere().unwrap();
        let Measured::Found(finding) = measured else { panic!("it was measured") };
        assert_eq!(finding.answer, Answer::False, "{}", finding.figures);
    }
}
