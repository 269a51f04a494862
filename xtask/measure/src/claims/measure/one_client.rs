//! What a message costs a server that blocks, and one that asks select(2) first.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsRawFd, RawFd};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::event::{FdSetElement, FdSetIter, fd_set_insert, fd_set_num_elements};

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::measure::clock::{figure, micros, processor_time};
use crate::claims::measure::connections::{PATIENCE, connect};
use crate::claims::sys::select_bits;
use crate::statistics::median;

/// Bytes of a message.
const MESSAGE: usize = 64;
/// Clients where there are many.
const MANY: usize = 50;
/// Messages that a server answers in a round, and rounds.
const MESSAGES: usize = 1000;
const ROUNDS: usize = 15;

/// Whether select(2) takes two calls where blocking takes one, and pays for many clients only.
///
/// # Errors
/// When the kernel refuses a call.
pub fn calls_of_select() -> Result<Measured> {
    Ok(Measured::Found(judge(&[compare(1)?, compare(MANY)?])))
}

/// What one message costs by each.
struct Compared {
    blocking: Cost,
    select: Cost,
}

#[derive(Clone, Copy)]
struct Cost {
    /// Calls until the message is there.
    calls: f64,
    /// Processor time of all of the server's threads, in microseconds.
    micros: f64,
}

/// Both with so many clients, in turns.
fn compare(clients: usize) -> Result<Compared> {
    let (mut blocking, mut select) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        blocking.push(round(clients, start_blocking)?);
        select.push(round(clients, start_select)?);
    }
    Ok(Compared { blocking: middle(&blocking), select: middle(&select) })
}

fn middle(rounds: &[Cost]) -> Cost {
    let of = |figure: fn(&Cost) -> f64| {
        median(&rounds.iter().map(figure).collect::<Vec<_>>()).expect("there is a round")
    };
    Cost { calls: of(|round| round.calls), micros: of(|round| round.micros) }
}

/// A server's threads: each tells, when its clients have left, its calls and its processor time.
type Threads = Vec<JoinHandle<Result<(usize, Duration)>>>;

/// Lets all clients ask at once, then waits for all answers, again and again.
fn round(clients: usize, start: fn(Vec<TcpStream>) -> Threads) -> Result<Cost> {
    let connections = (0..clients).map(|_| connect()).collect::<Result<Vec<_>>>()?;
    let (mut clients, server): (Vec<TcpStream>, _) = connections.into_iter().unzip();
    let threads = start(server);
    let turns = MESSAGES / clients.len();
    for _ in 0..turns {
        for client in &mut clients {
            client.write_all(&[b'x'; MESSAGE]).context("ask")?;
        }
        for client in &mut clients {
            client.read_exact(&mut [0; MESSAGE]).context("be answered")?;
        }
    }
    let messages = (turns * clients.len()) as f64;
    drop(clients);
    let (mut calls, mut time) = (0, Duration::ZERO);
    for thread in threads {
        let (more_calls, more_time) = thread.join().expect("a server does not panic")?;
        calls += more_calls;
        time += more_time;
    }
    Ok(Cost { calls: calls as f64 / messages, micros: micros(time) / messages })
}

/// A thread for each client: its read waits.
fn start_blocking(connections: Vec<TcpStream>) -> Threads {
    let start = |mut conn: TcpStream| {
        thread::spawn(move || {
            let before = processor_time()?;
            let mut calls = 0;
            while answer(&mut conn)? {
                calls += 1;
            }
            Ok((calls, processor_time()? - before))
        })
    };
    connections.into_iter().map(start).collect()
}

/// One thread for all: select waits.
fn start_select(connections: Vec<TcpStream>) -> Threads {
    let mut connections: BTreeMap<RawFd, TcpStream> =
        connections.into_iter().map(|conn| (conn.as_raw_fd(), conn)).collect();
    let end = connections.last_key_value().map_or(0, |(highest, _)| highest + 1);
    let serve = move || {
        let before = processor_time()?;
        let mut calls = 0;
        loop {
            let mut readable = vec![FdSetElement::default(); fd_set_num_elements(0, end)];
            for number in connections.keys() {
                fd_set_insert(&mut readable, *number);
            }
            select_bits(end, &mut readable, &PATIENCE).context("select")?;
            calls += 1;
            for number in FdSetIter::new(&readable) {
                let conn = connections.get_mut(&number).context("a socket that was watched")?;
                // All clients leave together.
                if !answer(conn)? {
                    return Ok((calls, processor_time()? - before));
                }
                calls += 1;
            }
        }
    };
    vec![thread::spawn(serve)]
}

/// Reads a message and sends it back; `false` when the client has left.
fn answer(conn: &mut TcpStream) -> Result<bool> {
    let mut message = [0; MESSAGE];
    let length = conn.read(&mut message).context("read")?;
    ensure!(length == 0 || length == MESSAGE, "{length} bytes came, and not {MESSAGE}");
    conn.write_all(&message[..length]).context("send")?;
    Ok(length > 0)
}

/// `one` client, then many.
fn judge([one, many]: &[Compared; 2]) -> Finding {
    // A tenth is more than what the neighbours' work does to a median.
    let pays = |compared: &Compared| compared.select.micros < 0.9 * compared.blocking.micros;
    let takes_two = one.select.calls > 1.9 && one.blocking.calls < 1.1;
    let answer = match (takes_two && !pays(one), pays(many)) {
        (true, true) => Answer::Holds,
        (false, _) => Answer::False,
        (true, false) => Answer::Depends,
    };
    let told = |Compared { blocking, select }: &Compared| {
        let [blocking_calls, select_calls] = [blocking, select].map(|cost| figure(cost.calls));
        let [blocking, select] = [blocking, select].map(|cost| figure(cost.micros));
        format!("{blocking_calls} → {select_calls} calls, {blocking} → {select} µs")
    };
    Finding {
        answer,
        figures: format!("a message, 1 client: {}; {MANY} clients: {}", told(one), told(many)),
        why: match answer {
            Answer::Holds => {
                "One select(2) tells of all clients that have asked, and its price is shared among \
                 them; a thread for each client is put to sleep and woken for each message."
            }
            _ => "select does not cost more for one client, or does not cost less for many.",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_and_times_decide() {
        let compared = |blocking, select| {
            let [blocking, select] =
                [blocking, select].map(|(calls, micros)| Cost { calls, micros });
            Compared { blocking, select }
        };
        let answer = |one, many| judge(&[one, many]).answer;
        let dear = || compared((1.0, 10.0), (2.0, 13.0));
        let cheap = || compared((1.0, 10.0), (1.1, 8.0));
        assert_eq!(answer(dear(), cheap()), Answer::Holds);
        assert_eq!(answer(dear(), dear()), Answer::Depends);
        assert_eq!(answer(cheap(), cheap()), Answer::False);
        assert_eq!(answer(compared((1.0, 10.0), (2.0, 8.0)), cheap()), Answer::False);
    }

    #[test]
    fn one_client_takes_two_calls_of_select_and_many_share_one() {
        let [one, many] = [compare(1).unwrap(), compare(MANY).unwrap()];
        assert_eq!(figure(one.select.calls), "2.0");
        assert_eq!([one.blocking.calls, many.blocking.calls], [1.0, 1.0]);
        assert!(many.select.calls < 2.0 && many.select.micros > 0.0);
    }
}
