//! How often a synchronous call asks the kernel for data.

use std::io::ErrorKind::WouldBlock;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::measure::clock::{figure, processor_time};
use crate::claims::measure::connections::connect;
use crate::claims::measure::second_phase::switches;
use xtask::terminal::grouped;

/// How long there is no data.
const SILENCE: Duration = Duration::from_millis(200);

/// What a thread did until it had a byte.
#[derive(Clone, Copy)]
struct Asked {
    calls: usize,
    /// How often it went to sleep.
    sleeps: u64,
    /// Its processor time, in milliseconds.
    busy: f64,
}

/// Reads a byte that comes late, from a socket that blocks and from one that does not.
///
/// # Errors
/// When the kernel refuses a call.
pub fn asking_of_a_synchronous_call() -> Result<Measured> {
    let (blocking, non_blocking) = (read_late(false)?, read_late(true)?);
    Ok(Measured::Found(judge(blocking, non_blocking)))
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
    let (slept, ran) = (switches()?, processor_time()?);
    let mut calls = 1;
    let length = loop {
        match conn.read(&mut [0]) {
            Err(error) if error.kind() == WouldBlock => calls += 1,
            read => break read.context("read")?,
        }
    };
    ensure!(length == 1, "the client has left");
    let busy = (processor_time()? - ran).as_secs_f64() * 1e3;
    Ok(Asked { calls, sleeps: switches()? - slept, busy })
}

fn judge(blocking: Asked, non_blocking: Asked) -> Finding {
    let waits = blocking.calls == 1 && blocking.sleeps > 0;
    let told = |Asked { calls, sleeps, busy }: Asked| {
        format!("calls {}, sleeps {sleeps}, busy {} ms", grouped(calls as f64), figure(busy))
    };
    Finding {
        answer: if waits { Answer::False } else { Answer::Holds },
        figures: format!(
            "no data for {} ms: blocking: {}; non-blocking: {}",
            SILENCE.as_millis(),
            told(blocking),
            told(non_blocking)
        ),
        why: match waits {
            true => {
                "A call that blocks asks once, and the kernel wakes the process. Only non-blocking \
                 I/O asks again and again. Both are synchronous, because the call itself brings \
                 the data."
            }
            false => "A call that blocks does not sleep until the data is there.",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_call_that_sleeps_decides() {
        let asked = |calls, sleeps| Asked { calls, sleeps, busy: 1.0 };
        let answer = |blocking| judge(blocking, asked(9, 0)).answer;
        assert_eq!(answer(asked(1, 1)), Answer::False);
        assert_eq!(answer(asked(1, 0)), Answer::Holds);
        assert_eq!(answer(asked(7, 1)), Answer::Holds);
    }

    #[test]
    fn a_blocking_read_asks_once_and_a_non_blocking_one_often() {
        let (blocking, non_blocking) = (read_late(false).unwrap(), read_late(true).unwrap());
        assert_eq!(blocking.calls, 1);
        assert!(blocking.sleeps > 0 && non_blocking.calls > 10);
    }
}
