//! What a pool of threads saves, and where it ends.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::SockRef;

use crate::claims::claim::{Answer, Finding, Measured};
use crate::claims::measure::rounds::medians;
use xtask::harness::client::DEADLINE;
use xtask::terminal::grouped;

/// Threads of the pool, and clients that visit at the same time.
const WORKERS: usize = 4;
/// Visits of each of them in one round.
const VISITS: usize = 150;
const ROUNDS: usize = 5;
/// Clients that stay, more than there are workers.
const STAYING: usize = 4 * WORKERS;
/// How long nobody else must be served before those who were not are counted.
const SILENCE: Duration = Duration::from_millis(300);

const WORD: &[u8] = b"hello\n";

/// The pool takes load off where it serves this many times as many visits; less is noise.
const MORE: f64 = 1.1;

/// What the two servers did.
#[derive(Clone, Copy, Debug)]
struct Figures {
    /// Visits each second with a thread for each, and by the pool.
    threads: f64,
    pool: f64,
    /// Of the clients that stay, how many were served with a thread for each, and by the pool.
    stay_with_threads: usize,
    stay_with_pool: usize,
}

/// Lets clients visit a server that starts a thread for each, and a server with a pool of threads;
/// then clients stay that are more than the pool's threads.
///
/// # Errors
/// When the kernel refuses a call, or a client is not served.
pub fn pool() -> Result<Measured> {
    let threads = Server::with_threads()?;
    let pool = Server::with_pool()?;
    let servers = [threads.addr, pool.addr];
    let [by_threads, by_pool] = medians(ROUNDS, |server| visits(servers[server]))?;
    Ok(Measured::Found(judge(Figures {
        threads: by_threads,
        pool: by_pool,
        stay_with_threads: stay(threads.addr)?,
        stay_with_pool: stay(pool.addr)?,
    })))
}

fn judge(figures: Figures) -> Finding {
    let Figures { threads, pool, stay_with_threads, stay_with_pool } = figures;
    let is_bounded = stay_with_pool < stay_with_threads;
    let answer = match pool / threads {
        MORE.. if is_bounded => Answer::Holds,
        MORE.. => Answer::Depends,
        _ if is_bounded => Answer::Depends,
        _ => Answer::False,
    };
    let figures = format!(
        "visits/s: a thread each {}, a pool of {WORKERS} {}; of {STAYING} that stay, served: \
         {stay_with_threads} and {stay_with_pool}",
        grouped(threads),
        grouped(pool),
    );
    let why = match (answer, is_bounded) {
        (Answer::Holds, _) => {
            "A pool starts no thread for a client, and a client who finds all of its threads taken \
             waits until another leaves."
        }
        (_, true) => "A pool serves no more clients than it has threads, and saves little here.",
        (_, false) => "Here a pool serves more clients than it has threads.",
    };
    Finding { answer, figures, why }
}

/// A server that gives each line back; it ends when this is dropped.
struct Server {
    listener: Arc<TcpListener>,
    addr: SocketAddr,
    threads: Vec<JoinHandle<()>>,
}

impl Server {
    /// One that starts a thread for each client.
    fn with_threads() -> Result<Server> {
        Server::start(1, |client| drop(thread::spawn(|| serve(client))))
    }

    /// One whose threads accept clients, and serve them.
    fn with_pool() -> Result<Server> {
        Server::start(WORKERS, serve)
    }

    fn start(threads: usize, welcome: fn(TcpStream)) -> Result<Server> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("listen")?;
        let addr = listener.local_addr().context("ask where it listens")?;
        let listener = Arc::new(listener);
        let start = |_| {
            let listener = listener.clone();
            thread::spawn(move || {
                while let Ok((client, _)) = listener.accept() {
                    welcome(client);
                }
            })
        };
        let threads = (0..threads).map(start).collect();
        Ok(Server { listener, addr, threads })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ends the calls of accept(2) that wait, which closing would not.
        let _ = SockRef::from(&*self.listener).shutdown(Shutdown::Both);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// Gives each line back until the client leaves.
fn serve(mut client: TcpStream) {
    let mut word = [0; WORD.len()];
    // A client leaves by a reset.
    while client.read_exact(&mut word).is_ok() && client.write_all(&word).is_ok() {}
}

/// Visits each second, by as many clients at the same time as the pool has threads.
fn visits(addr: SocketAddr) -> Result<f64> {
    let start = Instant::now();
    thread::scope(|scope| {
        let client = || (0..VISITS).try_for_each(|_| visit(addr));
        let clients: Vec<_> = (0..WORKERS).map(|_| scope.spawn(client)).collect();
        clients
            .into_iter()
            .try_for_each(|client| client.join().expect("a client's thread does not panic"))
    })?;
    Ok((WORKERS * VISITS) as f64 / start.elapsed().as_secs_f64())
}

/// Connects, has a word given back, and leaves.
fn visit(addr: SocketAddr) -> Result<()> {
    let mut client = speak(addr)?;
    let mut answer = [0; WORD.len()];
    client.read_exact(&mut answer).context("receive")?;
    ensure!(answer == WORD, "the server said something else");
    // Leaves by a reset, after which the kernel keeps nothing: thousands of visits would take all
    // ports for a minute.
    SockRef::from(&client).set_linger(Some(Duration::ZERO)).context("SO_LINGER")
}

/// Connects clients that stay, and returns how many of them were served.
fn stay(addr: SocketAddr) -> Result<usize> {
    let clients = (0..STAYING).map(|_| speak(addr)).collect::<Result<Vec<_>>>()?;
    let mut waiting: Vec<&TcpStream> = clients.iter().collect();
    while !waiting.is_empty() {
        let served = STAYING - waiting.len();
        let patience = if served < WORKERS { DEADLINE } else { SILENCE };
        let patience = Timespec::try_from(patience).context("a time-out")?;
        let mut fds: Vec<_> =
            waiting.iter().map(|client| PollFd::new(*client, PollFlags::IN)).collect();
        if poll(&mut fds, Some(&patience)).context("poll")? == 0 {
            break;
        }
        let is_served: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        let mut is_served = is_served.into_iter();
        waiting.retain(|_| is_served.next() == Some(false));
    }
    Ok(STAYING - waiting.len())
}

/// Connects, and says a word.
fn speak(addr: SocketAddr) -> Result<TcpStream> {
    let mut client = TcpStream::connect(addr).context("connect")?;
    client.set_read_timeout(Some(DEADLINE)).context("a deadline")?;
    client.write_all(WORD).context("send")?;
    Ok(client)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(threads: f64, pool: f64, stay_with_pool: usize) -> Answer {
        judge(Figures { threads, pool, stay_with_threads: 16, stay_with_pool }).answer
    }

    #[test]
    fn the_visits_and_those_who_stay_decide() {
        assert_eq!(answer(10_000.0, 15_000.0, 4), Answer::Holds);
        assert_eq!(answer(10_000.0, 10_000.0, 4), Answer::Depends);
        assert_eq!(answer(10_000.0, 15_000.0, 16), Answer::Depends);
        assert_eq!(answer(10_000.0, 10_000.0, 16), Answer::False);
    }

    #[test]
    fn it_is_measured() {
        let Measured::Found(found) = pool().unwrap() else { panic!("it is missing") };
        assert!(found.figures.ends_with("served: 16 and 4"), "{}", found.figures);
        assert!(!found.figures.contains(" 0"), "{}", found.figures);
    }
}
