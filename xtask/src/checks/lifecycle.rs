//! How a server starts, and how it refuses to.

use std::net::TcpListener;

use crate::checks::Bench;
use crate::launch::run_to_end;
use crate::servers::Concurrency;
use crate::verdict::{Expect, Outcome, Verdict, fail};

pub fn restart(bench: &Bench<'_>) -> Outcome {
    let first = bench.launch()?;
    let addr = first.addr.to_string();
    let at_once = if bench.server.concurrency == Concurrency::One {
        1
    } else {
        3
    };
    let mut clients = Vec::new();
    for number in 0..at_once {
        let speaker = bench.connect(&first)?;
        speaker.be_greeted()?;
        speaker.exchange(number)?;
        clients.push(speaker);
    }
    drop(first);

    let second = bench.launch_at(&addr)?;
    let speaker = bench.connect(&second)?;
    speaker.be_greeted()?;
    speaker.exchange(0)?;
    Ok(Verdict::Pass)
}

pub fn address_in_use(bench: &Bench<'_>) -> Outcome {
    let holder = TcpListener::bind("127.0.0.1:0").expect_to("a port to hold")?;
    let addr = holder.local_addr().expect_to("a port to hold")?.to_string();
    let args = [&[addr.as_str()], bench.server.args].concat();
    refused(bench, &args, &[&addr, "Address already in use"])
}

pub fn bad_address(bench: &Bench<'_>) -> Outcome {
    refused(bench, &["127.0.0.1:http"], &["127.0.0.1:http", "HOST:PORT"])
}

pub fn unknown_option(bench: &Bench<'_>) -> Outcome {
    refused(
        bench,
        &["--no-such-option"],
        &["--no-such-option", "--help"],
    )
}

/// Runs the server and requires one line on standard error with all of `words`, and a non-zero exit.
fn refused(bench: &Bench<'_>, args: &[&str], words: &[&str]) -> Outcome {
    let status = run_to_end(bench.binary, args, &bench.output)?;
    let errors = bench.output.errors();
    let expected = format!(
        "one line on standard error with {}, and exit 1 or 2",
        words.join(", ")
    );
    let code_is_right = matches!(status.code(), Some(1 | 2));
    match errors.as_slice() {
        [line] if code_is_right && words.iter().all(|word| line.contains(word)) => {
            Ok(Verdict::Pass)
        }
        lines => fail(expected, format!("{status}; {}", lines.join(" / "))),
    }
}
