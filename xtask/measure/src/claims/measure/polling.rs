//! What it costs to ask again and again whether data is there, and how late the data then is.

use std::io::ErrorKind::WouldBlock;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use procfs::process::Process;
use rustix::thread::gettid;

use crate::claims::claim::{Answer, Measured};
use crate::claims::measure::server::{Launched, launch, told};
use crate::claims::measure::sockets::connect;
use crate::claims::measure::time::{figure, millis, processor_time};
use crate::statistics::median;
use xtask::harness::client::Client;
use xtask::harness::outcome::Outcome;
use xtask::harness::process::share_of_a_core;
use xtask::terminal::thousands;

/// How long there is no data.
const SILENCE: Duration = Duration::from_millis(200);

/// How long the servers are watched.
const WATCHED: Duration = Duration::from_millis(500);
/// Visits, and the time before each: not a multiple of a pause.
const VISITS: usize = 30;
const APART: Duration = Duration::from_micros(10_300);
/// When the server with long pauses is visited: a second after its first question.
const FIRST: Duration = Duration::from_millis(500);

/// Reads a byte that comes late, from a socket that blocks and from one that does not.
pub fn asking_of_a_synchronous_call() -> Result<Measured> {
    let (blocking, non_blocking) = (read_late(false)?, read_late(true)?);
    let told = |Asked { calls, sleeps, busy }: &Asked| {
        let busy = figure(millis(*busy));
        format!("calls {}, sleeps {sleeps}, busy {busy} ms", thousands(*calls))
    };
    let figures = format!(
        "no data for {} ms: blocking: {}; non-blocking: {}",
        SILENCE.as_millis(),
        told(&blocking),
        told(&non_blocking)
    );
    Ok(Measured::Found(judge_asking(blocking.calls, blocking.sleeps), figures))
}

/// What a thread did until it had a byte.
struct Asked {
    calls: usize,
    /// How often it went to sleep.
    sleeps: u64,
    /// Its processor time.
    busy: Duration,
}

fn read_late(nonblocking: bool) -> Result<Asked> {
    let (mut client, conn) = connect()?;
    conn.set_nonblocking(nonblocking).context("set whether a socket blocks")?;
    let reader = thread::spawn(move || read(conn));
    thread::sleep(SILENCE);
    client.write_all(b"x").context("send")?;
    reader.join().expect("a reader does not panic")
}

fn read(mut conn: TcpStream) -> Result<Asked> {
    let (slept, ran) = (sleeps()?, processor_time()?);
    let mut calls = 1;
    let length = loop {
        match conn.read(&mut [0]) {
            Err(error) if error.kind() == WouldBlock => calls += 1,
            read => break read.context("read")?,
        }
    };
    ensure!(length == 1, "the client has left");
    Ok(Asked { calls, sleeps: sleeps()? - slept, busy: processor_time()? - ran })
}

/// How often this thread went to sleep so far.
pub fn sleeps() -> Result<u64> {
    let task = Process::myself()?.task_from_tid(gettid().as_raw_pid())?;
    task.status()?.voluntary_ctxt_switches.context("the switches of a thread")
}

fn judge_asking(calls_of_blocking: usize, sleeps: u64) -> Answer {
    if calls_of_blocking == 1 && sleeps > 0 { Answer::False } else { Answer::Holds }
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
    let told = |[share, late]: [f64; 2]| {
        let late = match late {
            late if late < 1e-3 => format!("{} µs", figure(late * 1e6)),
            late if late < 1.0 => format!("{} ms", figure(late * 1e3)),
            late => format!("{} s", figure(late)),
        };
        let share = if share < 0.0005 { "0".to_owned() } else { figure(share * 100.0) };
        format!("{share} %, {late}")
    };
    let figures = format!(
        "busy, and from connect to answer: busy-polling {}; interval, 1 ms pauses {}; 4 s pauses \
         {}; edge-triggered {}",
        told(spins),
        told(short),
        told(long),
        told(waits)
    );
    Ok(Measured::Found(judge_waste(spins[0], waits[0]), figures))
}

/// The share of a core that a server takes while nobody comes; then the median time in seconds that
/// a visitor waits for an answer, or for the end, with the time `apart` before each.
fn watch(launched: &Launched, visits: usize, apart: Duration) -> Result<[f64; 2]> {
    let watch = || -> Outcome<[f64; 2]> {
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
    };
    told(watch())
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
    fn one_call_that_sleeps_decides() {
        assert_eq!(judge_asking(1, 1), Answer::False);
        assert_eq!(judge_asking(1, 0), Answer::Holds);
        assert_eq!(judge_asking(7, 1), Answer::Holds);
    }

    #[test]
    fn the_shares_of_a_core_decide() {
        assert_eq!(judge_waste(0.98, 0.01), Answer::Holds);
        assert_eq!(judge_waste(0.98, 0.9), Answer::Depends);
        assert_eq!(judge_waste(0.02, 0.01), Answer::False);
    }
}
