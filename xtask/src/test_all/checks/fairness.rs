//! One client that floods, and nine others that want an answer now and then.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;

use crate::catalog::{Concurrency, Talk};
use crate::harness::client::Client;
use crate::harness::compare::show;
use crate::harness::outcome::{Outcome, Verdict, fail};
use crate::harness::proc::Process;
use crate::harness::process::processes;
use crate::harness::speaker::Speaker;
use crate::harness::threads::spawn_in;
use crate::harness::trial::Trial;
use crate::test_all::checks::steps::time_of_answer;

const OTHERS: usize = 9;
/// How often each of the others asks.
const INTERVAL: Duration = Duration::from_millis(10);
const FLOOD_TIME: Duration = Duration::from_secs(1);
/// What is sent at once, again and again: random letters, so that a lost piece shows.
const BLOCK: usize = 64 * 1024;

/// An answer in time, and how many have to be.
const IN_TIME: Duration = Duration::from_millis(100);
const SHARE_IN_TIME: f64 = 0.95;

const ONE_AT_A_TIME: &str = "one client at a time: the others wait until the flood is over";
const ONE_PER_WORKER: &str =
    "a worker for each client: the others wait for a worker, not for turns";
const ONE_MESSAGE: &str = "does not converse: it closes after one message, or at once";

pub fn fairness(trial: &Trial<'_>) -> Outcome {
    match trial.server.concurrency {
        Concurrency::One => return Ok(Verdict::Skip(ONE_AT_A_TIME)),
        Concurrency::Pool(_) => return Ok(Verdict::Skip(ONE_PER_WORKER)),
        Concurrency::Threads | Concurrency::Processes | Concurrency::FdSet | Concurrency::Many => {}
    }
    if !trial.server.talk.converses() {
        return Ok(Verdict::Skip(ONE_MESSAGE));
    }
    trial.loaded().run(|running| {
        // The one that floods comes first: a server that goes through a list meets it first.
        let flooding = trial.connect(running)?;
        let others: Outcome<Vec<Speaker>> = (0..OTHERS)
            .map(|_| {
                let speaker = trial.connect(running)?;
                speaker.be_greeted()?;
                Ok(speaker)
            })
            .collect();
        let others = others?;
        // A list of all processes takes milliseconds; whoever serves these clients is there by now.
        let processes = &processes(running)?;
        let end = Instant::now() + FLOOD_TIME;
        let answers: Outcome<Vec<Vec<Duration>>> = thread::scope(|scope| {
            let flood = spawn_in(scope, || flood(trial, &flooding.client, end))?;
            let asking = others.iter().enumerate().map(|(client, speaker)| {
                spawn_in(scope, move || ask(processes, speaker, client * 10_000, end))
            });
            let asking: Vec<_> = asking.collect::<Outcome<_>>()?;
            flood.join().expect("the flood does not panic")?;
            asking
                .into_iter()
                .map(|client| client.join().expect("a client's thread does not panic"))
                .collect()
        });
        judge(&answers?.concat())
    })
}

/// Asks every 10 ms up to `end`; returns how long each answer took, beyond what the machine took.
fn ask(
    processes: &[Process],
    speaker: &Speaker,
    first: usize,
    end: Instant,
) -> Outcome<Vec<Duration>> {
    let mut times = Vec::new();
    while Instant::now() < end {
        let start = Instant::now();
        times.push(time_of_answer(processes, speaker, first + times.len())?);
        thread::sleep(INTERVAL.saturating_sub(start.elapsed()));
    }
    Ok(times)
}

/// Whether enough answers came in time. One that takes longer than the interval also stands for the
/// questions that it held up: else a client that waits all the time would count as one late answer.
fn judge(times: &[Duration]) -> Outcome {
    let questions = |time: Duration| time.as_secs_f64() / INTERVAL.as_secs_f64();
    let all: f64 = times.iter().map(|time| questions(*time).max(1.0)).sum();
    let late: f64 = times.iter().map(|time| questions(time.saturating_sub(IN_TIME))).sum();
    let share = 1.0 - late / all;
    if share >= SHARE_IN_TIME {
        return Ok(Verdict::Pass);
    }
    fail(
        format!(
            "{:.0} % of the answers to the others within {} ms",
            SHARE_IN_TIME * 100.0,
            IN_TIME.as_millis()
        ),
        format!(
            "{:.0} %, the slowest after {} ms",
            share * 100.0,
            times.iter().max().unwrap_or(&Duration::ZERO).as_millis()
        ),
    )
}

/// Sends and receives without a pause up to `end`, and compares every byte that comes back.
fn flood(trial: &Trial<'_>, client: &Client, end: Instant) -> Outcome<()> {
    let mut rng = Rng::with_seed(trial.seed);
    let block: Vec<u8> = (0..BLOCK).map(|_| rng.lowercase() as u8).collect();
    let mut answers = Answers::new(trial.server.talk, client.addr, &block);
    thread::scope(|scope| {
        let sender = spawn_in(scope, || -> Outcome<usize> {
            let mut sent = 0;
            while Instant::now() < end {
                client.send(&block)?;
                sent += block.len();
            }
            client.half_close()?;
            Ok(sent)
        })?;
        client.receive_each(|bytes| answers.take(bytes))?;
        let sent = sender.join().expect("the sending thread does not panic")?;
        answers.end(sent)
    })
}

/// The answers to a flood, compared as they come.
struct Answers {
    /// What is before and after each piece of the message.
    before: &'static [u8],
    after: &'static [u8],
    /// The message, which begins again and again, or the text that answers each read.
    message: Vec<u8>,
    echoes: bool,
    /// How many bytes of it came, in all its rounds.
    count: usize,
    /// Where the next byte is, and at which byte of the text before or after.
    part: Part,
    at: usize,
}

#[derive(PartialEq)]
enum Part {
    Before,
    Message,
    After,
}

impl Answers {
    fn new(talk: Talk, addr: SocketAddr, block: &[u8]) -> Answers {
        let (before, after, message) = match talk {
            Talk::Wrapped(before, after) => (before, after, block.to_vec()),
            _ => ("", "", talk.reply(block, addr)),
        };
        Answers {
            before: before.as_bytes(),
            after: after.as_bytes(),
            message,
            echoes: matches!(talk, Talk::Wrapped(..) | Talk::Stream(_)),
            count: 0,
            part: if before.is_empty() { Part::Message } else { Part::Before },
            at: 0,
        }
    }

    /// Compares the next bytes.
    fn take(&mut self, bytes: &[u8]) -> Outcome<()> {
        for byte in bytes {
            // A piece ends where the server's read ended; no letter begins the text after it.
            if self.part == Part::Message && self.after.first() == Some(byte) {
                self.part = Part::After;
            }
            let expected = match self.part {
                Part::Before => self.before[self.at],
                Part::Message => self.message[self.count % self.message.len()],
                Part::After => self.after[self.at],
            };
            if *byte != expected {
                let after = format!("{} after {} bytes of the message", show(&[*byte]), self.count);
                return fail(show(&[expected]), after);
            }
            match self.part {
                Part::Message => self.count += 1,
                Part::Before => self.go_on(self.before.len(), Part::Message),
                Part::After => self.go_on(self.after.len(), Part::Before),
            }
        }
        Ok(())
    }

    /// Goes on to the next byte of a text of that length, or to what follows the text.
    fn go_on(&mut self, length: usize, next: Part) {
        self.at += 1;
        if self.at == length {
            (self.part, self.at) = (next, 0);
        }
    }

    /// Whether all of `sent` bytes were answered, and the last answer whole, when the stream ended.
    fn end(&self, sent: usize) -> Outcome<()> {
        let missing = if self.echoes {
            sent != self.count
        } else {
            self.count == 0 || !self.count.is_multiple_of(self.message.len())
        };
        let in_piece = self.part != Part::Before && !self.before.is_empty();
        if missing || in_piece || self.at != 0 {
            let count = format!("the end of the stream after {} bytes", self.count);
            return fail(format!("whole answers to {sent} bytes"), count);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether `received` answers `sent` bytes of the message `abc`, again and again.
    fn answers(talk: Talk, received: &[&[u8]], sent: usize) -> bool {
        let mut answers = Answers::new(talk, "127.0.0.1:1".parse().unwrap(), b"abc");
        let taken = received.iter().try_for_each(|bytes| answers.take(bytes));
        taken.and_then(|()| answers.end(sent)).is_ok()
    }

    #[test]
    fn every_byte_of_a_flood_is_compared() {
        let echo = Talk::Stream(<[u8]>::to_vec);
        assert!(answers(echo, &[b"abca", b"bc"], 6));
        assert!(!answers(echo, &[b"abcabc"], 7));
        assert!(!answers(echo, &[b"abcbc"], 5));

        let framed = Talk::Wrapped("<", " >");
        assert!(answers(framed, &[b"<ab >", b"<cab", b" ><c >"], 6));
        for wrong in [&b"<abc"[..], b"<abc ", b"<ab ><bc >", b"abc >", b"<abc >>"] {
            assert!(!answers(framed, &[wrong], 3));
        }

        let fixed = Talk::Reads("hello");
        assert!(answers(fixed, &[b"hel", b"lohello"], 100));
        for wrong in [&b""[..], b"hell", b"hellohell", b"helo"] {
            assert!(!answers(fixed, &[wrong], 100));
        }
    }

    #[test]
    fn a_late_answer_counts_for_all_that_it_held_up() {
        let quick = [Duration::from_millis(1); 1000];
        assert!(judge(&quick).is_ok());
        assert!(judge(&[&quick[..], &[Duration::from_millis(500)]].concat()).is_ok());
        assert!(judge(&[&quick[..], &[Duration::from_millis(1500)]].concat()).is_err());
    }
}
