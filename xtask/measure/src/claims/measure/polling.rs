//! What it costs to ask again and again whether data is there, and how late the data then is.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::bench::syscalls::COUNTED;
use crate::claims::claim::{Answer, Measured};
use crate::claims::measure::server::{Launched, launch};
use crate::statistics::median;
use crate::units::figure;
use xtask::harness::client::Client;
use xtask::harness::process::share_of_a_core;
use xtask::harness::state::state;
use xtask::terminal::grouped;

/// How long there is no data.
const SILENCE: Duration = Duration::from_millis(200);

/// How long the servers are watched.
const WATCHED: Duration = Duration::from_millis(500);
/// Visits, and the time before each: not a multiple of a pause.
const VISITS: usize = 30;
const APART: Duration = Duration::from_micros(10_300);
/// When the server with long pauses is visited: a second after its first question.
const FIRST: Duration = Duration::from_millis(500);

/// Counts what a blocking server and a non-blocking one do until a silent client says something.
pub fn asking_of_a_synchronous_call() -> Result<Measured> {
    let silent = |name| -> Result<(f64, String)> {
        let launched = launch(name, &[])?;
        let client = launched.clients(1)?;
        let wait = || {
            thread::sleep(SILENCE);
            launched.ask(&client, 1)
        };
        let busy = figure(launched.micros_each(wait)? / 1e3);
        let calls = launched.calls_each(wait)?;
        thread::sleep(SILENCE);
        let seen = state(launched.running.program.pid());
        Ok((calls, format!("{seen}; {} calls, busy {busy} ms", grouped(calls))))
    };
    let ((calls, blocking), (_, non_blocking)) =
        (silent("blocking-server")?, silent("busy-polling")?);
    let figures = format!(
        "a message after {} ms: blocking-server: {blocking}; busy-polling: {non_blocking}; calls \
         {COUNTED}",
        SILENCE.as_millis(),
    );
    Ok((judge_asking(calls), figures))
}

fn judge_asking(calls: f64) -> Answer {
    // A few take the message and answer it.
    if calls < 10.0 { Answer::False } else { Answer::Holds }
}

/// Whether asking without waiting wastes the processor.
pub fn waste_of_asking() -> Result<Measured> {
    // It sleeps for seconds, and disturbs nobody meanwhile.
    let long = launch("interval", &["--interval", "4"])?;
    let long = thread::spawn(move || watch(&long, 1, FIRST));
    let often = |name, args: &[&str]| watch(&launch(name, args)?, VISITS, APART);
    let spins = often("busy-polling", &[])?;
    let short = often("interval", &["--interval", "0.001"])?;
    let waits = often("edge-triggered", &[])?;
    let long = long.join().expect("a client does not panic")?;
    let told =
        |[share, late]: [f64; 2]| format!("{} %, {} ms", figure(share * 100.0), figure(late * 1e3));
    let figures = format!(
        "busy, and from connect to answer: busy-polling {}; interval, 1 ms pauses {}; 4 s pauses \
         {}; edge-triggered {}",
        told(spins),
        told(short),
        told(long),
        told(waits)
    );
    Ok((judge_waste(spins[0], waits[0]), figures))
}

/// The share of a core that a server takes while nobody comes; then the median time in seconds that
/// a visitor waits for an answer, or for the end, with the time `apart` before each.
fn watch(launched: &Launched, visits: usize, apart: Duration) -> Result<[f64; 2]> {
    let share = share_of_a_core(&launched.running, WATCHED)?;
    let mut late = Vec::new();
    for _ in 0..visits {
        thread::sleep(apart);
        let start = Instant::now();
        let client = Client::connect(launched.running.addr)?;
        client.send(b"x")?;
        if launched.server.talk.converses() {
            client.receive(b"x")?;
        } else {
            client.receive_end()?;
        }
        late.push(start.elapsed().as_secs_f64());
    }
    Ok([share, median(&late).expect("there is a visit")])
}

/// By the shares of a core.
fn judge_waste(spins: f64, waits: f64) -> Answer {
    match (spins > 0.5, waits < 0.2) {
        (true, true) => Answer::Holds,
        (true, false) => Answer::Depends,
        (false, _) => Answer::False,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calls_of_a_blocking_server_decide() {
        assert_eq!(
            [2.0, 3.0, 9000.0].map(judge_asking),
            [Answer::False, Answer::False, Answer::Holds]
        );
    }

    #[test]
    fn the_shares_of_a_core_decide() {
        assert_eq!(judge_waste(0.98, 0.01), Answer::Holds);
        assert_eq!(judge_waste(0.98, 0.9), Answer::Depends);
        assert_eq!(judge_waste(0.02, 0.01), Answer::False);
    }
}
