//! The load on one server: clients that come and go, each in a thread, beside a crowd that stays.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{iter, thread};

use crate::catalog::Server;
use crate::harness::command_line::CommandLine;
use crate::harness::interrupt::Interrupt;
use crate::harness::launch::Running;
use crate::harness::outcome::{Failure, Outcome};
use crate::harness::output::Output;
use crate::harness::process::{descriptors, peak_memory, wait_for_descriptors};
use crate::harness::speaker::Speaker;
use crate::harness::stop;
use crate::harness::threads::spawn_in;
use crate::harness::trial::{ANY_PORT, Trial};
use crate::soak::crowd::Crowd;

/// Clients that come, exchange messages as fast as they are answered, leave, and come again.
const CONVERSING: usize = 4;
const EXCHANGES: usize = 50;
/// Clients that come, exchange one message and leave, with this pause between.
const CHURNING: usize = 2;
/// Clients that reset with a reply unread, with this pause between.
const RESETTING: usize = 1;
const PAUSE: Duration = Duration::from_millis(2);

/// How often descriptors are counted.
const SAMPLE: Duration = Duration::from_millis(100);

/// What came of a soak.
pub(super) struct Soaked {
    pub server: &'static Server,
    pub counts: Counts,
    /// The most clients that stayed at once, each of them answered.
    pub stayed: usize,
    /// The most resident memory that the server had, in bytes.
    pub peak_memory: u64,
    /// The most descriptors that the server had open at a sample.
    pub peak_descriptors: usize,
    /// The descriptors that it had open before anyone came, and after everyone had left.
    pub descriptors: (usize, usize),
}

/// What all clients count together.
#[derive(Default)]
pub struct Counts {
    over: AtomicBool,
    /// Messages that were answered as the server's rule says.
    pub served: AtomicU64,
    /// Connections that were not accepted.
    pub refused: AtomicU64,
    /// Messages that were not answered, or wrongly.
    pub lost: AtomicU64,
    /// The first that was lost.
    pub first_lost: Mutex<Option<Failure>>,
}

impl Counts {
    /// Ends the soak.
    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// Whether the clients are to end.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Counts a message that was lost.
    pub fn lose(&self, failure: Failure) {
        self.lost.fetch_add(1, Ordering::Relaxed);
        let mut first = self.first_lost.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(failure);
    }
}

/// The load in words.
pub(super) fn in_words(clients: u16) -> String {
    format!(
        "{CONVERSING} clients converse ({EXCHANGES} messages a connection, as fast as they are answered), {CHURNING} \
         churn (one message a connection, {} ms between), {RESETTING} resets ({} ms between), and {clients} say a \
         message a second where such clients do not hold others up",
        PAUSE.as_millis(),
        PAUSE.as_millis(),
    )
}

/// What a client does in each round.
type Act = fn(&Trial<'_>, &Running, &Counts, usize) -> Outcome<()>;

/// Puts the load on a server for `time`, or until Ctrl-C is pressed.
pub(super) fn soak(
    server: &'static Server,
    line: CommandLine,
    time: Duration,
    clients: u16,
    interrupt: &Interrupt,
) -> Outcome<Soaked> {
    let trial = Trial {
        server,
        line,
        selector: None,
        note_client: None,
        preload: None,
        output: Output::default(),
        seed: 0,
    };
    let line = trial.line(ANY_PORT, server.load_args);
    let mut running = Running::start(&line, server.operator, &trial.output)?;
    let before = descriptors(&running)?;
    let counts = Counts::default();
    let crowd = Crowd::new(server, running.addr, clients.into(), &counts)?;
    let (peak, stayed) = thread::scope(|scope| {
        let (trial, running, counts) = (&trial, &running, &counts);
        let end_all = |_: &Failure| counts.end();
        let crowd = spawn_in(scope, move || crowd.run().inspect_err(end_all))?;
        let acts: [(usize, Act); 3] =
            [(CONVERSING, converse), (CHURNING, churn), (RESETTING, reset)];
        let acts = acts.into_iter().flat_map(|(count, act)| iter::repeat_n(act, count));
        let client = |act| move || act_until_over(act, trial, running, counts).inspect_err(end_all);
        let clients: Outcome<Vec<_>> = acts.map(|act| spawn_in(scope, client(act))).collect();
        let end = Instant::now() + if clients.is_ok() { time } else { Duration::ZERO };
        let mut peak = before;
        while Instant::now() < end && !interrupt.came() && !counts.is_over() {
            thread::sleep(SAMPLE);
            // A server that is gone shows as messages lost.
            peak = peak.max(descriptors(running).unwrap_or_default());
        }
        counts.end();
        let stayed = crowd.join().expect("a crowd does not panic");
        for client in clients? {
            client.join().expect("a client does not panic")?;
        }
        Ok((peak, stayed?))
    })?;
    running.program.is_alive()?;
    // The server may still be reading the ends of the last connections.
    let _ = wait_for_descriptors(&running, before);
    Ok(Soaked {
        server,
        counts,
        stayed,
        peak_memory: peak_memory(&running)?,
        peak_descriptors: peak,
        descriptors: (before, descriptors(&running)?),
    })
}

/// What one client does until the soak is over; it ends at once where the tester lacks something.
fn act_until_over(act: Act, trial: &Trial<'_>, running: &Running, counts: &Counts) -> Outcome<()> {
    for round in 0.. {
        if counts.is_over() {
            break;
        }
        match stop::undisturbed(|| act(trial, running, counts, round)) {
            Err(failure) if failure.is_lack() => return Err(failure),
            Err(failure) => counts.lose(failure),
            Ok(()) => {}
        }
    }
    Ok(())
}

/// Connects, or counts a refusal.
fn come(trial: &Trial<'_>, running: &Running, counts: &Counts) -> Outcome<Option<Speaker>> {
    match trial.connect(running) {
        Err(failure) if !failure.is_lack() => {
            counts.refused.fetch_add(1, Ordering::Relaxed);
            Ok(None)
        }
        connected => connected.map(Some),
    }
}

fn converse(trial: &Trial<'_>, running: &Running, counts: &Counts, round: usize) -> Outcome<()> {
    let Some(speaker) = come(trial, running, counts)? else {
        return Ok(());
    };
    speaker.be_greeted()?;
    let exchanges = if trial.server.talk.converses() { EXCHANGES } else { 1 };
    for exchange in 0..exchanges {
        speaker.exchange(round * EXCHANGES + exchange)?;
        counts.served.fetch_add(1, Ordering::Relaxed);
    }
    speaker.leave()
}

fn churn(trial: &Trial<'_>, running: &Running, counts: &Counts, round: usize) -> Outcome<()> {
    thread::sleep(PAUSE);
    let Some(speaker) = come(trial, running, counts)? else {
        return Ok(());
    };
    speaker.be_greeted()?;
    speaker.exchange(round)?;
    counts.served.fetch_add(1, Ordering::Relaxed);
    speaker.leave()
}

fn reset(trial: &Trial<'_>, running: &Running, counts: &Counts, round: usize) -> Outcome<()> {
    thread::sleep(PAUSE);
    let Some(speaker) = come(trial, running, counts)? else {
        return Ok(());
    };
    speaker.client.send(&trial.server.talk.message(round))?;
    speaker.client.reset()
}
