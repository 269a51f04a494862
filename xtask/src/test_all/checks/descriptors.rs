//! Servers that have no descriptor for another client.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use crate::catalog::{Concurrency, Talk};
use crate::harness::client::DEADLINE;
use crate::harness::launch::Running;
use crate::harness::limits::{
    forbid_descriptors, limit_descriptors, raise_own_limit, unlimit_descriptors,
};
use crate::harness::outcome::{FEW_DESCRIPTORS, Outcome, Verdict, fail, so_far};
use crate::harness::process::{descriptors, processes, wait_for_descriptors, wake_ups_per_second};
use crate::harness::speaker::Speaker;
use crate::harness::threads::spawn_in;
use crate::harness::trial::Trial;
use crate::test_all::checks::steps::{make_sure_it_rests, serve_one, time_of_answer};

/// Shortages, one after the other: each has to be said.
const SHORTAGES: usize = 2;
/// Clients that come in a shortage, if the backlog takes as many.
const CLIENTS_IN_SHORTAGE: usize = 10;

/// How much longer another client's answer takes in a shortage, and how many are measured: the half
/// that takes longest may owe it to the machine.
const LONGER: Duration = Duration::from_millis(20);
const ANSWERS: usize = 11;

/// How often a server may wake up in a second of a shortage: a pause of a few milliseconds comes to
/// some hundreds. It is watched for some of those.
const OFTEN: f64 = 2000.0;
const WATCHED: Duration = Duration::from_millis(100);
/// The same of each listener that is left alone for a tenth of a second, and for each client that
/// comes.
const SELDOM: f64 = 60.0;
const WATCHED_LONG: Duration = Duration::from_millis(500);

/// Fewer than the clients of a crowd, and enough for any server to start.
const DESCRIPTORS: u64 = 40;
const CROWD: usize = 60;
/// Slow enough for a backlog of 5 where the server looks every 10 ms.
const BETWEEN_ARRIVALS: Duration = Duration::from_millis(5);
/// When no further client was served for so long, the descriptors are used up.
const NO_MORE: Duration = Duration::from_millis(500);

const HOLDS_FEW: &str = "holds few connections at once";

/// EMFILE: the words for it are glibc's or musl's, the number is Linux's.
const EXHAUSTED: &str = "(os error 24)";

pub fn descriptors_exhausted(trial: &Trial<'_>) -> Outcome {
    let concurrency = trial.server.concurrency;
    // A process for each client has descriptors of its own, so the clients take none of the
    // listener's.
    let holds_few = concurrency.limit().is_some()
        || concurrency == Concurrency::Processes
        || matches!(trial.server.talk, Talk::Accepts);
    // The tester needs one for each of a crowd, and about as many as a server besides.
    if !holds_few && raise_own_limit() < CROWD as u64 + DESCRIPTORS {
        return Ok(Verdict::Skip(FEW_DESCRIPTORS));
    }
    if trial.server.is_foreign() {
        return match holds_few {
            true => Ok(Verdict::Skip(HOLDS_FEW)),
            false => trial.launch().run(|running| {
                serve_one(trial, running)?;
                crowd(trial, running)?;
                Ok(Verdict::Pass)
            }),
        };
    }
    if trial.server.asks_io_uring() {
        // The kernel reads the limit when a call of accept begins. So the limit is set before the
        // server starts, and is not changed.
        return trial.launch().limited_to(DESCRIPTORS).run(|running| {
            crowd(trial, running)?;
            Ok(Verdict::Pass)
        });
    }
    trial.launch().run(|running| {
        for _ in 0..SHORTAGES {
            all_are_taken(trial, running)?;
        }
        if !holds_few {
            crowd(trial, running)?;
        }
        Ok(Verdict::Pass)
    })
}

/// The server is forbidden to open one more descriptor, and later it may, while nobody says a word.
fn all_are_taken(trial: &Trial<'_>, running: &Running) -> Outcome<()> {
    // A connection that the server closes unasked is closed when it rests.
    serve_one(trial, running)?;
    if let Talk::Accepts = trial.server.talk {
        make_sure_it_rests(trial, running)?;
    }
    let open = descriptors(running)?;
    let other = answered_client(trial, running)?;
    let usual = other.as_ref().map(|other| usual_answer(running, other)).transpose()?;
    let (seen, said) = (running.output.count(), times_said(running));
    // An accept(2) that waits has set a descriptor aside, so the first client may still be served.
    forbid_descriptors(running)?;
    thread::scope(|scope| {
        let clients = CLIENTS_IN_SHORTAGE.min(trial.server.backlog);
        let clients = (0..clients).map(|_| spawn_in(scope, || serve_one(trial, running)));
        let clients: Vec<_> = clients.collect::<Outcome<_>>()?;
        running.output.have_line(DEADLINE, seen, EXHAUSTED)?;
        tries_now_and_then(trial, running)?;
        make_sure_it_rests(trial, running)?;
        if let (Some(other), Some(usual)) = (&other, usual) {
            answers_soon(running, other, usual)?;
        }
        unlimit_descriptors(running)?;
        clients
            .into_iter()
            .try_for_each(|client| client.join().expect("a client's thread does not panic"))
    })?;
    is_said_once_more(trial, running, said)?;
    other.map_or(Ok(()), Speaker::leave)?;
    // A descriptor that becomes free later would end the next shortage for a moment.
    wait_for_descriptors(running, open)
}

/// Accept is not tried so often that only the length of the tries keeps the processor free.
fn tries_now_and_then(trial: &Trial<'_>, running: &Running) -> Outcome<()> {
    let (most, watched) = match trial.server.accepts_in_a_row {
        true => (SELDOM * trial.server.listeners as f64, WATCHED_LONG),
        false => (OFTEN, WATCHED),
    };
    let tries = wake_ups_per_second(running, watched)?;
    if tries > most && !trial.server.polls {
        return fail(
            format!("at most {most} wake-ups a second in a shortage"),
            format!("{tries:.0}"),
        );
    }
    Ok(())
}

/// A client that is connected before a shortage and talks during it, where the server serves more
/// than one.
fn answered_client(trial: &Trial<'_>, running: &Running) -> Outcome<Option<Speaker>> {
    if trial.server.concurrency.limit().is_some() || !trial.server.talk.converses() {
        return Ok(None);
    }
    let speaker = trial.connect(running)?;
    speaker.be_greeted()?;
    Ok(Some(speaker))
}

/// Half of the answers take no longer than this.
fn usual_answer(running: &Running, speaker: &Speaker) -> Outcome<Duration> {
    let processes = processes(running)?;
    let times: Outcome<Vec<Duration>> =
        (0..ANSWERS).map(|number| time_of_answer(&processes, speaker, number)).collect();
    let mut times = times?;
    times.sort();
    Ok(times[ANSWERS / 2])
}

fn answers_soon(running: &Running, speaker: &Speaker, usual: Duration) -> Outcome<()> {
    let now = usual_answer(running, speaker)?;
    if now > usual + LONGER {
        return fail(
            format!("at most {} ms more for an answer in a shortage", LONGER.as_millis()),
            format!("{} ms instead of {} ms", now.as_millis(), usual.as_millis()),
        );
    }
    Ok(())
}

/// How often a shortage was said so far.
fn times_said(running: &Running) -> usize {
    running.output.errors().iter().filter(|line| line.contains(EXHAUSTED)).count()
}

/// Each listener says it once in each process, which has descriptors of its own.
fn is_said_once_more(trial: &Trial<'_>, running: &Running, said: usize) -> Outcome<()> {
    let times = times_said(running) - said;
    if (1..=trial.server.listeners * trial.server.processes).contains(&times) {
        return Ok(());
    }
    fail(format!("`{EXHAUSTED}` once for a shortage"), format!("{times} times"))
}

/// Clients that stay use the descriptors up, and free them when they leave.
fn crowd(trial: &Trial<'_>, running: &Running) -> Outcome<()> {
    let foreign = trial.server.is_foreign();
    // A program in another language has more open than this project's servers.
    let of_its_own = if foreign { descriptors(running)? as u64 } else { 0 };
    limit_descriptors(running, DESCRIPTORS + of_its_own)?;
    let (seen, said) = (running.output.count(), times_said(running));
    let (served, all_served) = channel();
    thread::scope(|scope| {
        for number in 0..CROWD {
            let served = served.clone();
            // Each client is served and stays.
            spawn_in(scope, move || drop(served.send(trial.connect_patiently(running, number))))?;
            thread::sleep(BETWEEN_ARRIVALS);
        }
        drop(served);
        let mut stayed = Vec::new();
        loop {
            match all_served.recv_timeout(NO_MORE) {
                Ok(speaker) => stayed.push(speaker?),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => {
                    return fail(
                        format!("{DESCRIPTORS} descriptors do not suffice"),
                        "all were served",
                    );
                }
            }
        }
        if !foreign {
            running.output.have_line(DEADLINE, seen, EXHAUSTED)?;
            is_said_once_more(trial, running, said)?;
            tries_now_and_then(trial, running)?;
        }
        make_sure_it_rests(trial, running)?;
        // Those that stayed leave, and every one that waited is served in its turn.
        let mut left = 0;
        for speaker in stayed {
            speaker.leave()?;
            left += 1;
        }
        for speaker in all_served {
            let ended = speaker.and_then(Speaker::leave);
            so_far(ended, left, CROWD, "clients served")?;
            left += 1;
        }
        serve_one(trial, running)?;
        match left {
            CROWD => Ok(()),
            _ => fail(format!("{CROWD} clients are served in the end"), left),
        }
    })
}
