//! What a pool of threads is asked: lines that are too long, and more clients than it has room for.

use std::collections::VecDeque;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use crate::catalog::{Concurrency, EXPECTED_LINE, Talk};
use crate::harness::launch::Running;
use crate::harness::outcome::{Outcome, Verdict, fail};
use crate::harness::process::{descriptors, peak_memory, processes};
use crate::harness::speaker::Speaker;
use crate::harness::threads::at_once;
use crate::harness::trial::Trial;
use crate::test_all::checks::steps::{descriptors_after_one_client, end_by, time_of_answer};

/// Around the longest line that is read as one.
const LENGTHS: [usize; 3] = [1023, 1024, 1025];

/// What lines without an end come to in all, and what is sent of each at once.
const ENDLESS: usize = 64 * 1024 * 1024;
const CHUNK: usize = 64 * 1024;
/// Room for the buffers of a few readers and for the allocator; a line that is kept takes more.
const MEMORY: u64 = 8 * 1024 * 1024;

/// Clients for each worker: one is served, one fills the queue, and the others wait in the backlog.
const CLIENTS_PER_WORKER: usize = 8;
/// Pauses of up to so long, and how many each client waits for: enough for a mean that is no
/// accident.
const LONGEST_PAUSE: Duration = Duration::from_millis(300);
const PAUSES: usize = 6;

/// How long those that wait are watched: a server would serve or drop one sooner.
const SILENCE: Duration = Duration::from_millis(300);

pub fn pause(trial: &Trial<'_>) -> Outcome {
    let (Concurrency::Pool(workers), Talk::Lines) = (trial.server.concurrency, trial.server.talk)
    else {
        return Ok(Verdict::Skip("answers without a pause"));
    };
    let longest = LONGEST_PAUSE.as_millis().to_string();
    let running = trial.launch().option("--pause", &longest).start()?;
    let answers = &|client: usize| -> Outcome<Vec<Duration>> {
        let speaker = trial.connect(&running)?;
        let numbers = client * PAUSES..(client + 1) * PAUSES;
        let processes = processes(&running)?;
        numbers.map(|number| time_of_answer(&processes, &speaker, number)).collect()
    };
    let times = at_once((0..workers).map(|client| move || answers(client)))?.concat();
    let mean = times.iter().sum::<Duration>() / times.len() as u32;
    // Evenly spread pauses come to half of the longest; in turns they come to as much for each
    // worker.
    let usual = LONGEST_PAUSE / 8..LONGEST_PAUSE;
    if !usual.contains(&mean) {
        return fail(
            format!(
                "{workers} clients at once wait for {} to {} ms, on average",
                usual.start.as_millis(),
                usual.end.as_millis()
            ),
            format!("{} ms", mean.as_millis()),
        );
    }
    Ok(Verdict::Pass)
}

pub fn long_lines(trial: &Trial<'_>) -> Outcome {
    let Talk::Lines = trial.server.talk else {
        return Ok(Verdict::Skip("answers what it reads, and waits for no line"));
    };
    trial.loaded().run(|running| {
        for length in LENGTHS {
            let last = line(length, "");
            let speaker = trial.connect(running)?;
            speaker.exchange_message(&line(length, "\n"))?;
            speaker.client.send(&last)?;
            speaker.client.half_close()?;
            speaker.receive_answers(&last)?;
        }
        endless_lines(trial, running)
    })
}

/// A line of `length` bytes, with its end.
fn line(length: usize, end: &str) -> Vec<u8> {
    let age = format!(" 19{end}");
    format!("{}{age}", "x".repeat(length - age.len())).into_bytes()
}

/// Every worker reads a line that does not end for long, and then one that does.
fn endless_lines(trial: &Trial<'_>, running: &Running) -> Outcome {
    let workers = trial.server.concurrency.limit().unwrap_or(1);
    let start = peak_memory(running)?;
    let send_line = || -> Outcome<()> {
        let speaker = trial.connect(running)?;
        for _ in 0..ENDLESS / CHUNK / workers {
            speaker.client.send(&[b'x'; CHUNK])?;
        }
        speaker.client.send(b"\n")?;
        speaker.client.receive(EXPECTED_LINE.as_bytes())?;
        speaker.exchange(0)?;
        speaker.leave()
    };
    at_once((0..workers).map(|_| send_line))?;
    let grown = peak_memory(running)?.saturating_sub(start);
    if grown > MEMORY {
        let bound = format!("at most {} KiB more memory", MEMORY / 1024);
        return fail(bound, format!("{} KiB", grown / 1024));
    }
    Ok(Verdict::Pass)
}

pub fn waiting_room(trial: &Trial<'_>) -> Outcome {
    let workers = match trial.server.concurrency {
        Concurrency::Pool(workers) => workers,
        Concurrency::One => return Ok(Verdict::Skip("all wait in the kernel's backlog")),
        Concurrency::Threads | Concurrency::Processes | Concurrency::FdSet | Concurrency::Many => {
            return Ok(Verdict::Skip("serves whoever comes: nobody has to wait"));
        }
    };
    trial.launch().run(|running| {
        let empty = descriptors_after_one_client(trial, running)?;
        let mut served = fill_waiting_room(trial, running, workers)?;
        // Besides those that are served and as many in the queue, one that waits for room in it.
        let held = descriptors(running)? - empty;
        if held > 2 * workers + 1 {
            return fail(format!("at most {} clients are accepted", 2 * workers + 1), held);
        }
        let waiting = served.split_off(workers);
        let mut served = VecDeque::from(served);
        for (number, speaker) in (workers..).zip(waiting) {
            served.pop_front().expect("as many are served as there are workers").leave()?;
            receive_answer(trial, &speaker, number)?;
            served.push_back(speaker);
        }
        served.into_iter().try_for_each(Speaker::leave)?;
        Ok(Verdict::Pass)
    })?;

    let mut running = trial.launch().start()?;
    let speakers = fill_waiting_room(trial, &running, workers)?;
    end_by(trial, &mut running, Signal::TERM)?;
    for speaker in speakers {
        speaker.client.receive_close()?;
    }
    Ok(Verdict::Pass)
}

/// Connects clients that send a line at once; the first ones are answered, the others wait.
fn fill_waiting_room(
    trial: &Trial<'_>,
    running: &Running,
    workers: usize,
) -> Outcome<Vec<Speaker>> {
    let mut speakers = Vec::new();
    for number in 0..workers * CLIENTS_PER_WORKER {
        let speaker = trial.connect(running)?;
        speaker.client.send(&trial.server.talk.message(number))?;
        speakers.push(speaker);
    }
    let (served, waiting) = speakers.split_at(workers);
    for (number, speaker) in served.iter().enumerate() {
        receive_answer(trial, speaker, number)?;
    }
    thread::sleep(SILENCE);
    for (number, speaker) in (workers + 1..).zip(waiting) {
        // What came during the sleep is there at once.
        let nothing = speaker.client.receive_nothing(Duration::from_millis(1));
        nothing.or_else(|failure| {
            let expected = format!("client {number} waits until one of {workers} workers is free");
            fail(expected, failure.actual)
        })?;
    }
    Ok(speakers)
}

/// Receives the answer to message `number`.
fn receive_answer(trial: &Trial<'_>, speaker: &Speaker, number: usize) -> Outcome<()> {
    let talk = trial.server.talk;
    let message = talk.message(number);
    speaker.client.receive(&talk.reply(&message, speaker.client.addr))
}
