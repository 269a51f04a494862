//! Servers with a thread or a process for each client: whether it is one for each, what happens
//! while the system refuses one, and whom a panic harms.

use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::catalog::Concurrency;
use crate::harness::client::DEADLINE;
use crate::harness::inside;
use crate::harness::launch::{Running, run_to_end};
use crate::harness::outcome::{Outcome, Verdict, fail};
use crate::harness::preload::REFUSE_STARTS;
use crate::harness::process::{descriptors, look_at, processes, wait_for_processes};
use crate::harness::speaker::Speaker;
use crate::harness::trial::Trial;
use crate::harness::wait::{found_if, wait_for};
use crate::test_all::checks::steps::{come, end_by, meet, serve_another};

/// Clients at once; a pool of the table has as many workers.
const CLIENTS: usize = 4;

/// How long a client that has to wait is watched: a server that serves it would answer sooner.
const SILENCE: Duration = Duration::from_millis(300);

/// How often a server asks again for a thread or a process while all are refused: often, and not
/// without a rest.
const ASKED: RangeInclusive<u64> = 2..=150;

/// What the system calls it (EAGAIN).
const REFUSED: &str = "Resource temporarily unavailable";

/// What makes a thread panic where the command line says so.
const WORD: &str = "panic-at-this";

const ONE_THREAD: &str = "one thread serves whoever comes";
const THREADS_FIRST: &str = "has its threads before the first client comes";
const NO_OPTION: &str = "has no way to make what serves a client panic";
const NO_HANDLER: &str = "has no handler with a `finish`";

pub fn one_each(trial: &Trial<'_>) -> Outcome {
    match trial.server.concurrency {
        Concurrency::Threads => {
            trial.launch().run(|running| thread_each(trial, running))?;
            if trial.server.bounds_threads { bounded_threads(trial) } else { Ok(Verdict::Pass) }
        }
        Concurrency::Processes => trial.launch().run(|running| process_each(trial, running, 1)),
        Concurrency::Pool(_) if trial.server.processes > 1 => {
            trial.launch().run(|running| process_each(trial, running, 0))
        }
        Concurrency::Pool(_) => Ok(Verdict::Skip(THREADS_FIRST)),
        Concurrency::One | Concurrency::FdSet | Concurrency::Many => Ok(Verdict::Skip(ONE_THREAD)),
    }
}

/// One process, and in it one thread for each client besides its own.
fn thread_each(trial: &Trial<'_>, running: &Running) -> Outcome {
    wait_for_threads(running, 1)?;
    let clients = come(trial, running, 0..CLIENTS)?;
    wait_for_processes(running, 1)?;
    wait_for_threads(running, 1 + CLIENTS)?;
    clients.into_iter().try_for_each(Speaker::leave)?;
    wait_for_threads(running, 1)?;
    Ok(Verdict::Pass)
}

fn wait_for_threads(running: &Running, count: usize) -> Outcome<()> {
    wait_for(format!("{count} threads"), || {
        let threads: usize = look_at(running, |process| Ok(process.threads()?.len()))?.iter().sum();
        Ok(found_if(threads == count, threads))
    })
}

/// Each connection is open in one process alone, of which each has one, and `new` processes for
/// each client come and go.
fn process_each(trial: &Trial<'_>, running: &Running, new: usize) -> Outcome {
    let clients = come(trial, running, 0..CLIENTS)?;
    wait_for_processes(running, trial.server.processes + new * CLIENTS)?;
    let mut serving = HashSet::from([running.program.pid()]);
    for speaker in &clients {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let holders = inside::holders(running, speaker.client.addr)?;
            match holders.as_slice() {
                [one] if serving.insert(*one) => break,
                // A server may still close its own copy while the client is answered.
                holders if Instant::now() > deadline => {
                    let expected = "one process, no other client's, has the connection open";
                    return fail(expected, format!("{} have", holders.len()));
                }
                _ => thread::sleep(Duration::from_millis(2)),
            }
        }
    }
    clients.into_iter().try_for_each(Speaker::leave)?;
    wait_for_processes(running, trial.server.processes)?;
    Ok(Verdict::Pass)
}

/// With `--threads 2`, a third client is not even accepted until one of the two leaves.
fn bounded_threads(trial: &Trial<'_>) -> Outcome {
    let running = trial.launch().option("--threads", "2").start()?;
    let first = meet(trial, &running, 0)?;
    let _second = meet(trial, &running, 1)?;
    let open = descriptors(&running)?;
    let third = trial.connect(&running)?;
    third.client.send(&trial.server.talk.message(2))?;
    third.client.receive_nothing(SILENCE)?;
    let now = descriptors(&running)?;
    if now != open {
        return fail(format!("{open} descriptors: who waits is not accepted"), now);
    }
    wait_for_threads(&running, 1 + 2)?;
    first.leave()?;
    third.client.receive(&trial.server.talk.message(2))?;
    wait_for_threads(&running, 1 + 2)?;
    Ok(Verdict::Pass)
}

pub fn refused_start(trial: &Trial<'_>) -> Outcome {
    match trial.server.concurrency {
        Concurrency::Threads | Concurrency::Processes => refused_to_a_client(trial),
        Concurrency::Pool(_) if trial.server.processes > 1 => refused_to_a_client(trial),
        Concurrency::Pool(_) => refused_at_the_start(trial),
        Concurrency::Many if trial.server.listeners > 1 => refused_at_the_start(trial),
        Concurrency::One | Concurrency::FdSet | Concurrency::Many => Ok(Verdict::Skip(ONE_THREAD)),
    }
}

/// A server that has its threads before the first client comes does not begin without them.
fn refused_at_the_start(trial: &Trial<'_>) -> Outcome {
    let preload = trial.preload(&[REFUSE_STARTS])?;
    let line = trial.loaded().under(&preload).line();
    let status = run_to_end(&line, &trial.output)?;
    let (printed, errors) = (trial.output.printed(), trial.output.errors());
    match errors.as_slice() {
        [line]
            if status.code() == Some(1)
                && printed.is_empty()
                && line.contains("start ")
                && line.contains(REFUSED) =>
        {
            Ok(Verdict::Pass)
        }
        lines => fail(
            format!("only one line, `Error: start …: {REFUSED}`, and exit 1"),
            format!("{status}; {}", [&printed, lines].concat().join(" / ")),
        ),
    }
}

fn refused_to_a_client(trial: &Trial<'_>) -> Outcome {
    let preload = &trial.preload(&[REFUSE_STARTS])?;
    trial.loaded().under(preload).run(|running| {
        serve_another(trial, running)?;
        let refused = preload.counts()?.not_started;
        if !ASKED.contains(&refused) {
            return fail(format!("{ASKED:?} threads or processes are refused"), refused);
        }
        serve_another(trial, running)?;
        match running.output.errors().iter().filter(|line| line.contains(REFUSED)).count() {
            1 => Ok(Verdict::Pass),
            times => fail(format!("`{REFUSED}` once"), format!("{times} times")),
        }
    })
}

/// How often something panics: as often as it is refused a place later, if it gives none back.
const PANICS: usize = 3;

pub fn panic(trial: &Trial<'_>) -> Outcome {
    if !trial.server.can_panic {
        return Ok(Verdict::Skip(NO_OPTION));
    }
    let mut running = launch_to_panic(trial)?;
    let other = meet(trial, &running, 0)?;
    for number in 0..PANICS {
        panic_once(trial, &running)?;
        other.exchange(number)?;
    }
    meet(trial, &running, 1)?.leave()?;
    other.leave()?;
    processes(&running)?;
    end_by(trial, &mut running, Signal::TERM)?;
    Ok(Verdict::Pass)
}

/// Launches a server whose threads panic at a word; two of them at once where it bounds them.
fn launch_to_panic(trial: &Trial<'_>) -> Outcome<Running> {
    let launch = trial.launch().option("--panic-on", WORD);
    if trial.server.bounds_threads { launch.option("--threads", "2") } else { launch }.start()
}

/// A client that makes its thread panic is closed; returns its address.
fn panic_once(trial: &Trial<'_>, running: &Running) -> Outcome<String> {
    let seen = running.output.count();
    let speaker = meet(trial, running, 2)?;
    speaker.client.send(WORD.as_bytes())?;
    speaker.client.receive_close()?;
    running.output.have_line(DEADLINE, seen, "panicked at")?;
    Ok(speaker.client.addr.to_string())
}

pub fn finish(trial: &Trial<'_>) -> Outcome {
    if !trial.server.has_finish {
        return Ok(Verdict::Skip(NO_HANDLER));
    }
    let running = launch_to_panic(trial)?;
    let finishes = |addr: &str| {
        // It counts the messages, and the one that it did not survive.
        running.output.have_line(DEADLINE, 0, &format!("{addr}: finish"))
    };
    let leaves = meet(trial, &running, 0)?;
    let addr = leaves.client.addr.to_string();
    leaves.leave()?;
    finishes(&addr)?;

    let resets = meet(trial, &running, 1)?;
    let addr = resets.client.addr.to_string();
    resets.client.reset()?;
    finishes(&addr)?;

    finishes(&panic_once(trial, &running)?)?;
    Ok(Verdict::Pass)
}
