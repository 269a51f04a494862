//! How a server starts, and how it refuses to.

use std::net::TcpListener;

use crate::catalog::Concurrency;
use crate::harness::launch::run_to_end;
use crate::harness::outcome::{Expect, Outcome, Verdict, fail};
use crate::harness::output::Output;
use crate::harness::trial::Trial;
use crate::test_all::checks::steps::{come, meet, refused};

/// EADDRINUSE, as glibc and musl say it.
const IN_USE: &str = "in use (os error 98)";

pub fn defaults(trial: &Trial<'_>) -> Outcome {
    let server = trial.server;
    let addr = format!("[default: {}]", server.addr);
    explains(trial, "--help", &[&addr, server.listing, server.model], &trial.output)?;
    explains(trial, "--version", &[server.name], &Output::default())
}

/// Runs the server with `option` and requires all of `words` on standard output, and exit 0.
fn explains(trial: &Trial<'_>, option: &str, words: &[&str], output: &Output) -> Outcome {
    let status = run_to_end(&trial.line.clone().with([option]), output)?;
    let (printed, errors) = (output.printed().join(" "), output.errors());
    // Where it is wrapped does not matter.
    let printed = printed.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(missing) = words.iter().find(|word| !printed.contains(**word)) {
        return fail(format!("`{missing}` in what {option} prints"), printed.replace('\n', " / "));
    }
    if !status.success() || !errors.is_empty() {
        let actual = format!("{status}; {}", errors.join(" / "));
        return fail(format!("{option} ends with exit 0, and no error"), actual);
    }
    Ok(Verdict::Pass)
}

pub fn restart(trial: &Trial<'_>) -> Outcome {
    let first = trial.launch().start()?;
    let addr = first.addr.to_string();
    let at_once = if trial.server.concurrency == Concurrency::One { 1 } else { 3 };
    let _clients = come(trial, &first, 0..at_once)?;
    drop(first);

    let second = trial.launch().at(&addr).start()?;
    meet(trial, &second, 0)?;
    Ok(Verdict::Pass)
}

pub fn address_in_use(trial: &Trial<'_>) -> Outcome {
    let holder = TcpListener::bind("127.0.0.1:0").expect_to("a port to hold")?;
    let addr = holder.local_addr().expect_to("a port to hold")?.to_string();
    let line = trial.line(&addr, trial.server.args);
    refused(trial, &line, &[&addr, IN_USE])
}

pub fn bad_address(trial: &Trial<'_>) -> Outcome {
    let line = trial.line.clone().with(["127.0.0.1:http"]);
    refused(trial, &line, &["127.0.0.1:http", "HOST:PORT"])
}

pub fn unknown_option(trial: &Trial<'_>) -> Outcome {
    let line = trial.line.clone().with(["--no-such-option"]);
    refused(trial, &line, &["--no-such-option", "--help"])
}
