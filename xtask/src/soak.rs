//! A stated load for minutes.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::checks::Bench;
use crate::launch::Running;
use crate::output::Output;
use crate::process::{descriptors, peak_memory};
use crate::servers::Server;
use crate::talk::Speaker;
use crate::verdict::{Failure, Outcome};

/// Clients that come, exchange messages as fast as they are answered, leave, and come again.
const CONVERSING: usize = 4;
const EXCHANGES: usize = 50;
/// Clients that come, exchange one message and leave, with this pause between.
const CHURNING: usize = 2;
/// Clients that reset with a reply unread, with this pause between.
const RESETTING: usize = 1;
const PAUSE: Duration = Duration::from_millis(2);
/// Clients that send one byte a second and leave after five; only where they do not hold all others up.
const SLOW: usize = 10;
const SLOW_BYTES: usize = 5;

/// How often descriptors are counted.
const SAMPLE: Duration = Duration::from_millis(100);

/// What came of a soak.
pub struct Soaked {
    /// The server.
    pub server: &'static Server,
    /// Messages that were answered as the server's rule says.
    pub served: u64,
    /// Connections that were not accepted.
    pub refused: u64,
    /// Messages that were not answered, or wrongly.
    pub lost: u64,
    /// The first that was lost.
    pub first_lost: Option<Failure>,
    /// The most resident memory that the server had, in bytes.
    pub peak_memory: u64,
    /// The most descriptors that the server had open at a sample.
    pub peak_descriptors: usize,
    /// The descriptors that it had open before anyone came, and after everyone had left.
    pub descriptors: (usize, usize),
}

/// The load in words.
pub fn load() -> String {
    format!(
        "{CONVERSING} clients converse ({EXCHANGES} messages a connection, as fast as they are answered), {CHURNING} \
         churn (one message a connection, {} ms between), {RESETTING} resets ({} ms between), and {SLOW} send one \
         byte a second where slow clients do not hold others up",
        PAUSE.as_millis(),
        PAUSE.as_millis(),
    )
}

#[derive(Default)]
struct Counts {
    over: AtomicBool,
    served: AtomicU64,
    refused: AtomicU64,
    lost: AtomicU64,
}

/// Puts the load on a server for `time`.
///
/// # Errors
/// When it does not start, or is gone in the end.
pub fn soak(server: &'static Server, binary: &Path, time: Duration) -> Outcome<Soaked> {
    let bench = Bench {
        server,
        binary,
        note_client: None,
        output: Output::default(),
        seed: 0,
    };
    let args = [&["127.0.0.1:0"], server.load_args].concat();
    let mut running = Running::start(binary, &args, server.operator, &bench.output)?;
    let before = descriptors(&running)?;
    let counts = Counts::default();
    let (peak, first_lost) = thread::scope(|scope| {
        let (bench, running, counts) = (&bench, &running, &counts);
        let client = |act: fn(&Bench<'_>, &Running, &Counts, usize) -> Outcome<()>| {
            move || {
                let mut first_lost = None;
                for round in 0.. {
                    if counts.over.load(Ordering::Relaxed) {
                        break;
                    }
                    if let Err(failure) = act(bench, running, counts, round) {
                        counts.lost.fetch_add(1, Ordering::Relaxed);
                        first_lost.get_or_insert(failure);
                    }
                }
                first_lost
            }
        };
        let slow = if server.concurrency.limit().is_none() {
            SLOW
        } else {
            0
        };
        let mut clients: Vec<_> = (0..CONVERSING)
            .map(|_| scope.spawn(client(converse)))
            .collect();
        clients.extend((0..CHURNING).map(|_| scope.spawn(client(churn))));
        clients.extend((0..RESETTING).map(|_| scope.spawn(client(reset))));
        clients.extend((0..slow).map(|_| scope.spawn(client(be_slow))));
        let end = Instant::now() + time;
        let mut peak = before;
        while Instant::now() < end {
            thread::sleep(SAMPLE);
            // A server that is gone shows as messages lost.
            peak = peak.max(descriptors(running).unwrap_or_default());
        }
        counts.over.store(true, Ordering::Relaxed);
        let lost = clients
            .into_iter()
            .filter_map(|client| client.join().expect("a client does not panic"));
        (peak, lost.reduce(|first, _| first))
    });
    running.program.is_alive()?;
    // The server may still be reading the ends of the last connections.
    let _ = crate::process::wait_for_descriptors(&running, before);
    Ok(Soaked {
        server,
        served: counts.served.into_inner(),
        refused: counts.refused.into_inner(),
        lost: counts.lost.into_inner(),
        first_lost,
        peak_memory: peak_memory(&running)?,
        peak_descriptors: peak,
        descriptors: (before, descriptors(&running)?),
    })
}

/// Connects, or counts a refusal.
fn come(bench: &Bench<'_>, running: &Running, counts: &Counts) -> Option<Speaker> {
    let speaker = bench.connect(running);
    if speaker.is_err() {
        counts.refused.fetch_add(1, Ordering::Relaxed);
    }
    speaker.ok()
}

fn converse(bench: &Bench<'_>, running: &Running, counts: &Counts, round: usize) -> Outcome<()> {
    let Some(speaker) = come(bench, running, counts) else {
        return Ok(());
    };
    speaker.be_greeted()?;
    let exchanges = if bench.server.talk.converses() {
        EXCHANGES
    } else {
        1
    };
    for exchange in 0..exchanges {
        speaker.exchange(round * EXCHANGES + exchange)?;
        counts.served.fetch_add(1, Ordering::Relaxed);
    }
    speaker.leave()
}

fn churn(bench: &Bench<'_>, running: &Running, counts: &Counts, round: usize) -> Outcome<()> {
    thread::sleep(PAUSE);
    let Some(speaker) = come(bench, running, counts) else {
        return Ok(());
    };
    speaker.be_greeted()?;
    speaker.exchange(round)?;
    counts.served.fetch_add(1, Ordering::Relaxed);
    speaker.leave()
}

fn reset(bench: &Bench<'_>, running: &Running, counts: &Counts, round: usize) -> Outcome<()> {
    thread::sleep(PAUSE);
    let Some(speaker) = come(bench, running, counts) else {
        return Ok(());
    };
    speaker.client.send(&bench.server.talk.message(round))?;
    speaker.client.reset()
}

fn be_slow(bench: &Bench<'_>, running: &Running, counts: &Counts, round: usize) -> Outcome<()> {
    let Some(speaker) = come(bench, running, counts) else {
        return Ok(());
    };
    speaker.be_greeted()?;
    for byte in bench.server.talk.message(round).chunks(1).take(SLOW_BYTES) {
        thread::sleep(Duration::from_secs(1));
        speaker.client.send(byte)?;
    }
    Ok(())
}
