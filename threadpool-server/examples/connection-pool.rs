//! A pool of connections, on the client's side: many threads ask one server over a few connections,
//! which are kept and used again; so the server has at most `--size` clients at once.
//!
//! Follows note 004, lines 63-68, in words.
//!
//! Try: `cargo run -p threadpool-server --example socketserver` in another terminal; this program
//! then prints how many requests it was served in a second, over a connection for each and over a
//! pool of four, and that the idle ones are closed.
//!
//! Costs: a thread waits while all connections are in use, and a call looks at each before it is
//! used again, since the server may have closed it meanwhile; it may still do so a moment later.
//! For that a request needs no new connection, and several times as many are served in a second.
//!
//! Experiment: start `process-per-connection` instead, and this with `127.0.0.1:7002`. Without
//! reuse it serves fewer requests than before, because each costs a fork. With reuse four forks are
//! enough for all, and it serves many times as many.
#![forbid(unsafe_code)]

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::thread::{self, Builder};
use std::time::{Duration, Instant};

use common::clap::Arg;
use common::{arguments, chosen, say, started, whole_number};
use threadpool::Pool;

/// How long a request is, in bytes; so is its answer.
const LENGTH: usize = 64;

fn main() -> common::Result {
    let about =
        "Asks an echo server over a connection pool, and over new connections (note 004:63-68)";
    let [size, threads, requests, idle] = options();
    let args = arguments!("127.0.0.1:7004", about, size, threads, requests, idle);
    let number = |option| chosen::<u32>(option).expect("each option has a default");
    let size = number("size") as usize;
    let idle_time = Duration::from_millis(number("idle").into());

    for reuse in [false, true] {
        let pool = Pool::new(args.addr, size, idle_time)?;
        let start = Instant::now();
        ask_from_threads(&pool, number("threads"), number("requests"), reuse)?;
        let rate = f64::from(number("requests")) / start.elapsed().as_secs_f64();
        let with = if reuse { "with" } else { "without" };
        say!("{with} reuse: {rate:.0} requests per second, over {} connections", pool.opened());
        if reuse {
            pool.wait_until_closed();
            say!("nobody asked for {} ms: all connections are closed", idle_time.as_millis());
        }
    }
    Ok(())
}

fn options() -> [Arg; 4] {
    let option = |name: &'static str, unit, default, help| {
        let option = Arg::new(name).long(name).value_name(unit).default_value(default).help(help);
        option.value_parser(whole_number::<u32>(1..=1_000_000))
    };
    [
        option("size", "N", "4", "Connections, at most"),
        option("threads", "N", "16", "Threads that ask at the same time")
            .value_parser(whole_number::<u32>(1..=1024)),
        option("requests", "N", "4000", "Requests of all threads, with and without reuse each"),
        option("idle", "MS", "1000", "How long a connection stays open that nobody uses"),
    ]
}

/// Lets `threads` ask `requests` times in all.
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
