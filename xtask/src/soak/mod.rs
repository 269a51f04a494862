//! `cargo xtask soak`: a stated load for minutes.
//!
//! - [`crowd`]: many clients in one thread
//! - [`report`]: what came of it, as text

use std::iter;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::command_line::CommandLine;
use crate::harness::interrupt::{INTERRUPTED, Interrupt};
use crate::harness::launch::Running;
use crate::harness::output::Output;
use crate::harness::process::{descriptors, peak_memory};
use crate::harness::stop;
use crate::harness::threads::spawn_in;
use crate::harness::trial::{ANY_PORT, Trial};
use anyhow::{Context, Result, anyhow, bail};

pub mod crowd;
pub mod report;

use crate::catalog::{SERVER, SERVERS, Server, Target, select};
use crate::harness::build;
use crate::harness::limits::raise_own_limit;
use crate::harness::outcome::{Failure, Outcome};
use crate::harness::speaker::Speaker;
use crate::terminal::{print, progress, wrapped};
use crate::{FAILED, usage};
use crowd::Crowd;

/// The command line of `cargo xtask soak`.
#[derive(clap::Args)]
pub struct Args {
    /// Servers to load, one after the other [default: each crate's own]
    #[arg(value_name = "SERVER")]
    servers: Vec<String>,
    /// How long each is loaded; decimals are allowed
    #[arg(long, value_name = "N", default_value = "1", value_parser = parse_minutes)]
    minutes: Duration,
    /// Clients that are connected at once, too, and say a message a second
    #[arg(long, value_name = "N", default_value = "10", value_parser = parse_clients)]
    clients: u16,
}

/// The most clients: each has a port, and Linux gives out some 28,000 (ip_local_port_range, ip(7)).
const MOST: u16 = 20_000;

/// Descriptors of a server, or of this process, that are not for a client of the crowd.
const OTHERS: u64 = 100;

/// Seconds.
const MINUTE: f64 = 60.0;

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
    /// The most clients that stayed at once, each of them answered.
    pub stayed: usize,
    /// The most resident memory that the server had, in bytes.
    pub peak_memory: u64,
    /// The most descriptors that the server had open at a sample.
    pub peak_descriptors: usize,
    /// The descriptors that it had open before anyone came, and after everyone had left.
    pub descriptors: (usize, usize),
}

/// Loads each server in turn and prints what was served and lost.
///
/// # Errors
/// When there are too few descriptors for so many clients, a server cannot be built or started, or
/// is gone in the end, or Ctrl-C cannot be watched for.
pub fn run(args: &Args) -> Result<ExitCode> {
    let mut servers = match select(&SERVER, &args.servers, SERVERS, |server| server.name) {
        Ok(servers) => servers,
        Err(error) => return Ok(usage(&error)),
    };
    servers.retain(|server| !args.servers.is_empty() || server.target == Target::Bin);
    let (needed, limit) = (u64::from(args.clients) + OTHERS, raise_own_limit());
    if needed > limit {
        let clients = args.clients;
        bail!("{clients} clients take {needed} descriptors, and the limit is {limit} (ulimit -Hn)");
    }
    let progress = progress(servers.len());
    progress.set_message(build::MESSAGE);
    let interrupt = Interrupt::watch()?;
    // Figures are of interest only for what a reader would run for long.
    let built = build::build(build::SERVERS, true);
    if interrupt.came() {
        // Ctrl-C ends cargo, too.
        return Ok(interrupted("before the first server"));
    }
    let binaries = built?;
    let minutes = args.minutes.as_secs_f64() / MINUTE;
    let mut soaked = Vec::new();
    let mut last = ("nothing", Instant::now());
    for server in servers {
        if interrupt.came() {
            break;
        }
        progress.set_message(format!("{} for {minutes} min", server.name));
        if let Some(reason) = (server.requires)() {
            progress.suspend(|| eprintln!("skip {}: {reason}", server.name));
            continue;
        }
        let line = binaries
            .line_of(server)
            .with_context(|| format!("cargo did not build {}", server.name))?;
        let (clients, why) = crowd::size(server, args.clients);
        if let Some(why) = why {
            progress.suspend(|| eprintln!("{}: {clients} clients stay: {why}", server.name));
        }
        last = (server.name, Instant::now());
        match soak(server, line, args.minutes, clients, &interrupt) {
            Ok(one) => soaked.push(one),
            Err(_) if interrupt.came() => break,
            Err(failure) => bail!("{}: {failure}", server.name),
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    if !soaked.is_empty() {
        print(&wrapped(&format!("load for {minutes} min each: {}", load(args.clients)), "  "));
        print(&format!("\n{}", report::soaked(&soaked)));
    }
    if interrupt.came() {
        let (server, start) = last;
        return Ok(interrupted(&format!("{server}, after {} s", start.elapsed().as_secs())));
    }
    if soaked.is_empty() {
        return Ok(usage(&anyhow!("none of these servers can run here")));
    }
    let lost = soaked.iter().any(|one| one.lost > 0);
    Ok(ExitCode::from(if lost { FAILED } else { 0 }))
}

/// Says that Ctrl-C was pressed, and where.
fn interrupted(place: &str) -> ExitCode {
    eprintln!("interrupted: {place}");
    ExitCode::from(INTERRUPTED)
}

/// Reads minutes, from a second to a day.
fn parse_minutes(text: &str) -> Result<Duration, String> {
    let minutes =
        text.parse::<f64>().ok().filter(|minutes| (1.0 / MINUTE..=1440.0).contains(minutes));
    let minutes = minutes.ok_or("expected minutes from 0.02 to 1440, for example 0.5")?;
    Ok(Duration::from_secs_f64(minutes * MINUTE))
}

/// Reads how many clients stay.
fn parse_clients(text: &str) -> Result<u16, String> {
    let clients = text.parse().ok().filter(|clients| *clients <= MOST);
    clients.ok_or_else(|| format!("expected a whole number from 0 to {MOST}"))
}

/// The load in words.
pub fn load(clients: u16) -> String {
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

/// What all clients count together.
#[derive(Default)]
pub struct Counts {
    /// That the clients are to end.
    pub over: AtomicBool,
    /// Messages that were answered rightly.
    pub served: AtomicU64,
    /// Connections that were not accepted.
    pub refused: AtomicU64,
    /// Messages that were not answered, or wrongly.
    pub lost: AtomicU64,
}

/// Puts the load on a server for `time`, or until Ctrl-C is pressed.
///
/// # Errors
/// When it does not start, or is gone in the end, or the tester lacks something itself.
pub fn soak(
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
    let (peak, first_lost, gone) = thread::scope(|scope| {
        let (trial, running, counts) = (&trial, &running, &counts);
        let client = |act: Act| {
            move || {
                let mut first_lost = None;
                for round in 0.. {
                    if counts.over.load(Ordering::Relaxed) {
                        break;
                    }
                    match stop::undisturbed(|| act(trial, running, counts, round)) {
                        Ok(()) => {}
                        Err(failure) if failure.is_lack() => {
                            counts.over.store(true, Ordering::Relaxed);
                            return Err(failure);
                        }
                        Err(failure) => {
                            counts.lost.fetch_add(1, Ordering::Relaxed);
                            first_lost.get_or_insert(failure);
                        }
                    }
                }
                Ok(first_lost)
            }
        };
        let end_all = |_: &Failure| counts.over.store(true, Ordering::Relaxed);
        let crowd = spawn_in(scope, move || crowd.run().inspect_err(end_all))?;
        let acts: [(usize, Act); 3] =
            [(CONVERSING, converse), (CHURNING, churn), (RESETTING, reset)];
        let acts = acts.into_iter().flat_map(|(count, act)| iter::repeat_n(act, count));
        let clients: Outcome<Vec<_>> = acts.map(|act| spawn_in(scope, client(act))).collect();
        let end = Instant::now() + if clients.is_ok() { time } else { Duration::ZERO };
        let is_over = || interrupt.came() || counts.over.load(Ordering::Relaxed);
        let mut peak = before;
        while Instant::now() < end && !is_over() {
            thread::sleep(SAMPLE);
            // A server that is gone shows as messages lost.
            peak = peak.max(descriptors(running).unwrap_or_default());
        }
        counts.over.store(true, Ordering::Relaxed);
        let gone = crowd.join().expect("a crowd does not panic");
        let lost =
            clients?.into_iter().map(|client| client.join().expect("a client does not panic"));
        let lost: Vec<Option<Failure>> = lost.collect::<Outcome<_>>()?;
        Ok((peak, lost.into_iter().flatten().next(), gone?))
    })?;
    running.program.is_alive()?;
    // The server may still be reading the ends of the last connections.
    let _ = crate::harness::process::wait_for_descriptors(&running, before);
    Ok(Soaked {
        server,
        served: counts.served.into_inner(),
        refused: counts.refused.into_inner(),
        lost: counts.lost.into_inner(),
        first_lost: first_lost.or(gone.first_lost),
        stayed: gone.peak,
        peak_memory: peak_memory(&running)?,
        peak_descriptors: peak,
        descriptors: (before, descriptors(&running)?),
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_may_have_decimals() {
        assert_eq!(parse_minutes("0.2"), Ok(Duration::from_secs(12)));
        assert_eq!(parse_minutes("1440"), Ok(Duration::from_secs(24 * 60 * 60)));
        for text in ["", "x", "0", "-1", "1441", "inf", "NaN"] {
            assert!(parse_minutes(text).unwrap_err().contains("for example 0.5"), "{text}");
        }
    }
}
