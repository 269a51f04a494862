//! What a server inherits from whoever starts it: the number 1 in a container, and signals that are
//! ignored or blocked.

use std::process::{Command, Stdio};
use std::sync::LazyLock;

use rustix::process::{Signal, kill_process};

use crate::harness::outcome::{Expect, Outcome, Verdict, fail, if_possible};
use crate::harness::tree;
use crate::harness::trial::Trial;
use crate::test_all::checks::children::killed_child;
use crate::test_all::checks::signals::termination;
use crate::test_all::checks::steps::serve_one;

/// Why no server can be process 1.
pub const NO_NAMESPACE: &str = "unshare(1) may make no namespace of processes";
/// Why no server can inherit signals.
pub const NO_ENV: &str = "this env(1) can neither ignore nor block signals";

/// The words of a program that starts another one.
pub type Words = &'static [&'static str];

/// Root may do so, and elsewhere any user.
static UNSHARE: LazyLock<Option<Words>> = LazyLock::new(|| {
    const WAYS: [Words; 2] =
        [&["unshare", "--pid", "--fork"], &["unshare", "--user", "--pid", "--fork"]];
    WAYS.into_iter().find(|words| can_start(words))
});

/// What hands on as ignored and as blocked the signals that a server may depend on: for the end of a
/// child, for readiness, and to be ended.
const ENV: Words =
    &["env", "--ignore-signal=CHLD,IO,RTMIN", "--block-signal=INT,TERM,CHLD,IO,RTMIN"];

static HAS_ENV: LazyLock<bool> = LazyLock::new(|| can_start(ENV));

/// Whether these words start the program behind them.
fn can_start(words: &[&str]) -> bool {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).arg("true").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The words that start a program as process 1 of a namespace; `None` where that is forbidden.
pub fn unshare() -> Option<Words> {
    *UNSHARE
}

pub fn first_process(trial: &Trial<'_>) -> Outcome {
    let Some(unshare) = unshare() else {
        return Ok(Verdict::Skip(NO_NAMESPACE));
    };
    for signal in [Signal::INT, Signal::TERM] {
        let mut running = trial.launch().behind(unshare).start()?;
        serve_one(trial, &running)?;
        let children = tree::children(&running.program)?;
        let [server] = children.as_slice() else {
            return fail("one process behind unshare(1)", children.len());
        };
        kill_process(server.pid, signal).expect_to("a server that takes a signal")?;
        // unshare(1) ends as its child does.
        let status = running.program.end()?;
        let shells = 128 + signal.as_raw();
        if status.code() != Some(shells) {
            return fail(format!("exit status {shells} after signal {}", signal.as_raw()), status);
        }
    }
    Ok(Verdict::Pass)
}

pub fn inherited_signals(trial: &Trial<'_>) -> Outcome {
    if !*HAS_ENV {
        return Ok(Verdict::Skip(NO_ENV));
    }
    let trial = &Trial { line: trial.line.clone().behind(ENV), ..trial.clone() };
    termination(trial)?;
    // It does not apply where there are no children.
    if_possible(killed_child(trial))?;
    Ok(Verdict::Pass)
}
