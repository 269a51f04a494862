//! A pool of connections, on the client's side: many threads ask one server over a few connections.
//! These are kept and used again. So the server has at most `--size` clients at once.
//!
//! Follows note 004, lines 63-68, in words.
//!
//! Try: `cargo run -p threadpool-server --example socketserver` in another terminal. This program
//! then prints the requests per second, with a new connection for each and with a pool of four.
//! Then it prints that the idle connections are closed.
//!
//! Costs: a thread waits while all connections are in use. A call checks each connection before it
//! is used again, because the server may have closed it. The server may still close it right after
//! that. In return a request needs no new connection, and several times as many are served in a
//! second.
//!
//! Experiment: start `process-per-connection` instead, and this with `127.0.0.1:7002`. Without
//! reuse it serves fewer requests than before, because each costs a fork. With reuse four forks are
//! enough for all, and it serves many times as many.
#![forbid(unsafe_code)]

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread::{self, Builder};
use std::time::{Duration, Instant};

use common::clap::{self, Args};
use common::{arguments, say, started, whole_number};
use threadpool::Pool;

/// The length of a request and of its answer, in bytes.
const LENGTH: usize = 64;

#[derive(Args)]
struct Options {
    /// Connections, at most
    #[arg(long, value_name = "N", default_value = "4")]
    #[arg(value_parser = whole_number::<u32>(1..=1_000_000))]
    size: u32,
    /// Threads that ask at the same time
    #[arg(long, value_name = "N", default_value = "16")]
    #[arg(value_parser = whole_number::<u32>(1..=1024))]
    threads: u32,
    /// Requests of all threads, with and without reuse each
    #[arg(long, value_name = "N", default_value = "4000")]
    #[arg(value_parser = whole_number::<u32>(1..=1_000_000))]
    requests: u32,
    /// How long an idle connection stays open
    #[arg(long, value_name = "MS", default_value = "1000")]
    #[arg(value_parser = whole_number::<u32>(1..=1_000_000))]
    idle: u32,
}

fn main() -> common::Result {
    let about =
        "Asks an echo server over a connection pool, and over new connections (note 004:63-68)";
    let args = arguments!("127.0.0.1:7004", about, Options);
    let Options { size, threads, requests, idle } = args.options;
    let idle_time = Duration::from_millis(idle.into());

    for reuse in [false, true] {
        let pool = Pool::new(args.addr, size as usize, idle_time)?;
        let start = Instant::now();
        ask_from_threads(&pool, threads, requests, reuse)?;
        let rate = f64::from(requests) / start.elapsed().as_secs_f64();
        let with = if reuse { "with" } else { "without" };
        say!("{with} reuse: {rate:.0} requests per second, over {} connections", pool.opened());
        if reuse {
            pool.wait_until_closed();
            say!("idle for {} ms: all connections are closed", idle_time.as_millis());
        }
    }
    Ok(())
}

/// Sends `requests` requests in all, from `threads` threads.
fn ask_from_threads(pool: &Pool, threads: u32, requests: u32, reuse: bool) -> io::Result<()> {
    thread::scope(|scope| {
        let ask_some = |first: u32| {
            let mut numbers = (first..requests).step_by(threads as usize);
            numbers.try_for_each(|number| {
                let conn = pool.lease()?;
                ask(&conn, number)?;
                // A lease that is not given back closes its connection.
                if reuse {
                    conn.give_back();
                }
                Ok(())
            })
        };
        let start = |first| {
            let thread = Builder::new().spawn_scoped(scope, move || ask_some(first));
            started(format_args!("thread {} of {threads}", first + 1), thread)
        };
        let threads: Vec<_> = (0..threads).map(start).collect::<io::Result<_>>()?;
        threads.into_iter().try_for_each(|thread| thread.join().expect("no thread panics"))
    })
}

/// Sends one request and receives its answer.
fn ask(mut conn: &TcpStream, number: u32) -> io::Result<()> {
    let mut request = [b'.'; LENGTH];
    request[..4].copy_from_slice(&number.to_be_bytes());
    conn.write_all(&request)?;
    let mut answer = [0; LENGTH];
    conn.read_exact(&mut answer)?;
    if answer != request {
        return Err(io::Error::other(format!("request {number} has another one's answer")));
    }
    Ok(())
}
