//! What it costs to ask again and again whether data is there, and how late the data then is.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::measure::clock::{figure, processor_time};
use crate::claims::measure::connections::connect;
use crate::statistics::median;
use xtask::harness::process::waited_for_a_processor;

/// How long a server pauses that pauses shortly, and one of the notes' (000:44, 001:45).
const SHORT: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_secs(4);

/// Messages, and the time before each: not a multiple of a pause.
const MESSAGES: usize = 30;
const APART: Duration = Duration::from_micros(10_300);
/// When the server with long pauses gets its only message: after its first question.
const FIRST: Duration = Duration::from_secs(1);

/// Whether asking without waiting wastes the processor.
///
/// # Errors
/// When the kernel refuses a call.
pub fn waste_of_asking() -> Result<Measured> {
    // It sleeps for seconds, and disturbs nobody meanwhile.
    let long = thread::spawn(|| watch(Way::Pauses(LONG), 1, FIRST));
    let spins = watch(Way::Spins, MESSAGES, APART)?;
    let short = watch(Way::Pauses(SHORT), MESSAGES, APART)?;
    let waits = watch(Way::Waits, MESSAGES, APART)?;
    let long = long.join().expect("a client does not panic")?;
    Ok(Measured::Found(judge(&Ways { spins, short, long, waits })))
}

struct Ways {
    spins: Seen,
    short: Seen,
    long: Seen,
    /// By epoll.
    waits: Seen,
}

/// What was seen of a server that is asked now and then.
#[derive(Clone, Copy)]
struct Seen {
    /// Of a core, as far as others left it one.
    share: f64,
    /// From the moment when a message was sent until the server had it, in seconds: the median.
    late: f64,
}

/// What a server does while there is no data.
#[derive(Clone, Copy)]
enum Way {
    /// It asks again at once.
    Spins,
    /// It asks again after a pause.
    Pauses(Duration),
    /// It lets epoll wait.
    Waits,
}

/// Sends `messages` bytes to a server, with the time `apart` before each.
fn watch(way: Way, messages: usize, apart: Duration) -> Result<Seen> {
    let (mut client, conn) = connect()?;
    let server = thread::spawn(move || serve(way, conn, messages));
    let mut sent = Vec::new();
    for _ in 0..messages {
        thread::sleep(apart);
        sent.push(Instant::now());
        client.write_all(b"x").context("send")?;
    }
    let (share, came) = server.join().expect("a server does not panic")?;
    let late = sent.iter().zip(came).map(|(sent, came)| (came - *sent).as_secs_f64());
    let late = median(&late.collect::<Vec<_>>()).context("there is a message")?;
    Ok(Seen { share, late })
}

/// Takes `messages` bytes one by one, and returns the share of a core that this took, and when each
/// came.
fn serve(way: Way, mut conn: TcpStream, messages: usize) -> Result<(f64, Vec<Instant>)> {
    conn.set_nonblocking(true).context("a socket that does not block")?;
    let epoll = epoll::create(CreateFlags::CLOEXEC).context("epoll_create1")?;
    epoll::add(&epoll, &conn, EventData::new_u64(0), EventFlags::IN).context("epoll_ctl")?;
    let (start, ran, waited) = (Instant::now(), processor_time()?, waited()?);
    let mut came = Vec::new();
    while came.len() < messages {
        match conn.read(&mut [0]) {
            Ok(0) => bail!("the client has left"),
            Ok(_) => came.push(Instant::now()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => match way {
                Way::Spins => {}
                Way::Pauses(time) => thread::sleep(time),
                Way::Waits => {
                    let mut events = Vec::with_capacity(1);
                    let room = rustix::buffer::spare_capacity(&mut events);
                    epoll::wait(&epoll, room, None).context("epoll_wait")?;
                }
            },
            Err(error) => return Err(error).context("read"),
        }
    }
    // What others took of the processor is not what this one left.
    let left = start.elapsed().saturating_sub(self::waited()? - waited);
    let share = (processor_time()? - ran).as_secs_f64() / left.as_secs_f64();
    Ok((share, came))
}

/// How long this thread was ready to run while others ran, so far.
fn waited() -> Result<Duration> {
    waited_for_a_processor(&[]).map_err(|failure| anyhow!(failure.actual))
}

fn judge(seen: &Ways) -> Finding {
    let answer = match (seen.spins.share > 0.5, seen.waits.share < 0.2) {
        (true, true) => Answer::Holds,
        (false, _) => Answer::False,
        (true, false) => Answer::Depends,
    };
    let told = |name: &str, Seen { share, late }: Seen| {
        let late = match late {
            late if late < 1e-3 => format!("{} µs", figure(late * 1e6)),
            late if late < 1.0 => format!("{} ms", figure(late * 1e3)),
            late => format!("{} s", figure(late)),
        };
        let share = match share * 100.0 {
            none if none < 0.05 => "0".to_owned(),
            share => figure(share),
        };
        format!("{name} {share} %, {late}")
    };
    Finding {
        answer,
        figures: format!(
            "busy, and late: {}; {}; {}; {}",
            told("no pauses", seen.spins),
            told("1 ms pauses", seen.short),
            told("4 s pauses", seen.long),
            told("epoll", seen.waits),
        ),
        why: match answer {
            Answer::Holds => {
                "Each question is a system call, whether or not there is data; pauses between them \
                 save the processor, and the data waits for their end."
            }
            _ => {
                "The one that asks leaves the processor to others, or the one that waits does not."
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_a_core_decide() {
        let seen = |share| Seen { share, late: 1e-5 };
        let answer = |spins, waits| {
            let [spins, waits] = [spins, waits].map(seen);
            judge(&Ways { spins, short: seen(0.01), long: seen(0.0), waits }).answer
        };
        assert_eq!(answer(0.98, 0.01), Answer::Holds);
        assert_eq!(answer(0.98, 0.9), Answer::Depends);
        assert_eq!(answer(0.02, 0.01), Answer::False);
    }

    #[test]
    fn data_waits_for_the_end_of_a_pause() {
        let pause = Duration::from_secs(1);
        // The first question comes at once, and finds nothing.
        let seen = watch(Way::Pauses(pause), 1, APART).unwrap();
        assert!(seen.late > 0.1 && seen.share < 0.5, "{} {}", seen.late, seen.share);
        for way in [Way::Spins, Way::Pauses(SHORT), Way::Waits] {
            let seen = watch(way, 3, APART).unwrap();
            assert!(seen.late > 0.0 && seen.share > 0.0);
        }
    }
}
