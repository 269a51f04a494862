//! What a message costs a server by how it asks epoll, and how it empties its sockets.

use std::io::ErrorKind::WouldBlock;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::fd::OwnedFd;

use anyhow::{Context, Result, ensure};
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::measure::clock::{figure, micros, processor_time};
use crate::claims::measure::connections::{PATIENCE, connect, wait_for_bytes};
use crate::claims::measure::rounds::medians;

/// Bytes of a message; a read has room for more.
const MESSAGE: usize = 64;
const ROOM: usize = 4096;

/// Clients of each server, messages of each client in a round, and rounds.
const CLIENTS: usize = 50;
const MESSAGES: usize = 4;
const ROUNDS: usize = 15;

/// How a server asks and reads.
#[derive(Clone, Copy)]
struct Way {
    flags: EventFlags,
    /// It reads until the kernel says that nothing is left; otherwise a read that leaves room in
    /// its buffer is the last one.
    until_empty: bool,
}

const EDGE: EventFlags = EventFlags::IN.union(EventFlags::ET);
const WAYS: [Way; 3] = [
    Way { flags: EventFlags::IN, until_empty: false },
    Way { flags: EDGE, until_empty: true },
    Way { flags: EDGE, until_empty: false },
];

/// Whether edge-triggered is the better of epoll's two ways.
///
/// # Errors
/// When the kernel refuses a call.
pub fn better_trigger() -> Result<Measured> {
    let mut servers = Vec::new();
    for way in WAYS {
        servers.push(Server::new(way)?);
    }
    let micros = medians(ROUNDS, |way| servers[way].round())?;
    let calls =
        [0, 1, 2].map(|way: usize| servers[way].calls as f64 / servers[way].messages as f64);
    Ok(Measured::Found(judge(&Costs { calls, micros })))
}

/// For each message, by each of [`WAYS`].
struct Costs {
    calls: [f64; WAYS.len()],
    /// Processor time.
    micros: [f64; WAYS.len()],
}

struct Server {
    way: Way,
    epoll: OwnedFd,
    /// Both ends of each connection: the client's first.
    connections: Vec<(TcpStream, TcpStream)>,
    calls: usize,
    messages: usize,
}

impl Server {
    fn new(way: Way) -> Result<Server> {
        let epoll = epoll::create(CreateFlags::CLOEXEC).context("epoll_create1")?;
        let mut connections = Vec::new();
        for place in 0..CLIENTS {
            let (client, conn) = connect()?;
            conn.set_nonblocking(true).context("a socket that does not block")?;
            let data = EventData::new_u64(place as u64);
            epoll::add(&epoll, &conn, data, way.flags).context("epoll_ctl")?;
            connections.push((client, conn));
        }
        Ok(Server { way, epoll, connections, calls: 0, messages: 0 })
    }

    /// Takes some messages, and returns the processor time of each in microseconds.
    fn round(&mut self) -> Result<f64> {
        let mut sum = 0.0;
        for _ in 0..MESSAGES {
            for (client, conn) in &mut self.connections {
                client.write_all(&[b'x'; MESSAGE]).context("send")?;
                wait_for_bytes(conn, MESSAGE as u64)?;
            }
            let before = processor_time()?;
            for _ in 0..CLIENTS {
                self.take()?;
            }
            sum += micros(processor_time()? - before);
        }
        self.messages += MESSAGES * CLIENTS;
        Ok(sum / (MESSAGES * CLIENTS) as f64)
    }

    /// Waits for one report, and reads what is there.
    fn take(&mut self) -> Result<()> {
        let mut events: Vec<epoll::Event> = Vec::with_capacity(1);
        let room = rustix::buffer::spare_capacity(&mut events);
        epoll::wait(&self.epoll, room, Some(&PATIENCE)).context("epoll_wait")?;
        self.calls += 1;
        let place = events.first().context("a report of epoll_wait")?.data.u64() as usize;
        let (_, conn) = &mut self.connections[place];
        let (mut data, mut taken) = ([0; ROOM], 0);
        loop {
            self.calls += 1;
            match conn.read(&mut data) {
                Ok(length) => taken += length,
                Err(error) if error.kind() == WouldBlock => break,
                Err(error) => return Err(error).context("read"),
            }
            if !self.way.until_empty {
                break;
            }
        }
        ensure!(taken == MESSAGE, "{taken} bytes came, and not {MESSAGE}");
        Ok(())
    }
}

fn judge(seen: &Costs) -> Finding {
    let [level, until_empty, until_short] = seen.micros;
    let ratios = [until_empty / level, until_short / level];
    let is_better = ratios.map(|ratio| ratio < 0.9);
    let answer = match is_better {
        [true, true] => Answer::Holds,
        [false, false] => Answer::False,
        _ => Answer::Depends,
    };
    let told =
        |way: usize| format!("{} calls {} µs", figure(seen.calls[way]), figure(seen.micros[way]));
    Finding {
        answer,
        figures: format!(
            "a message, read in one thread: level {}; edge, until empty: {}; until a short read: {}",
            told(0),
            told(1),
            told(2)
        ),
        why: match answer {
            Answer::False => {
                "To one thread that reads, an event costs nearly the same either way, and no way \
                 of reading makes fewer calls edge-triggered. Writing, and threads that share one \
                 epoll, were not measured."
            }
            _ => {
                "An event costs less edge-triggered, in the ways of reading that the figures tell."
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_empty_a_socket_decide() {
        let answer = |micros| judge(&Costs { calls: [2.0, 3.0, 2.0], micros }).answer;
        assert_eq!(answer([2.0, 1.0, 1.0]), Answer::Holds);
        assert_eq!(answer([2.0, 2.5, 1.0]), Answer::Depends);
        assert_eq!(answer([2.0, 2.5, 2.0]), Answer::False);
    }

    #[test]
    fn each_way_takes_its_calls() {
        let Measured::Found(finding) = better_trigger().unwrap() else { panic!("it was measured") };
        for calls in ["level 2.0 calls", "empty: 3.0 calls", "short read: 2.0 calls"] {
            assert!(finding.figures.contains(calls), "{}", finding.figures);
        }
    }
}
