//! What a message or a visit costs a server, by its model: system calls, and processor time.

use anyhow::Result;
use rustix::process::Signal;

use crate::claims::claim::{Answer, Measured, of_parts};
use crate::claims::measure::server::{Launched, launch};
use crate::claims::measure::turns::medians;
use crate::units::figure;
use xtask::harness::client::Client;
use xtask::harness::outcome::Outcome;
use xtask::harness::process::{signal_all, stop, wait_for_sleep};
use xtask::harness::speaker::Speaker;
use xtask::terminal::thousands;

/// Clients where there are many.
const MANY: usize = 50;
/// Messages that a server answers in a round, those that calls are counted for, and rounds.
const MESSAGES: usize = 500;
const COUNTED: usize = 2000;
const ROUNDS: usize = 15;

/// Bytes that come at once, more than a server reads at once.
const MUCH: usize = 64 * 1024;

/// Less than this times another cost is less; the rest is what the neighbours' work does.
const LESS: f64 = 0.9;

/// What one message and its answer cost a server.
#[derive(Clone, Copy)]
struct Cost {
    calls: f64,
    /// Processor time of all its threads, in microseconds.
    micros: f64,
}

/// What a message of so many clients costs two servers.
fn compare(servers: [&Launched; 2], clients: usize) -> Result<[Cost; 2]> {
    let connected = [servers[0].clients(clients)?, servers[1].clients(clients)?];
    let ask =
        |at: usize, messages: usize| servers[at].ask(&connected[at], messages.div_ceil(clients));
    let micros: [f64; 2] = medians(ROUNDS, |at| servers[at].micros_each(|| ask(at, MESSAGES)))?;
    let calls = |at: usize| servers[at].calls_each(|| ask(at, COUNTED));
    let calls = [calls(0)?, calls(1)?];
    Ok([0, 1].map(|at| Cost { calls: calls[at], micros: micros[at] }))
}

/// Whether select(2) takes one more call than blocking, and pays for many clients only.
pub fn calls_of_select() -> Result<Measured> {
    // The listing's own server, and the one that does the same by blocking calls.
    let (threads, select) = (launch("thread-per-connection", &[])?, launch("hello", &[])?);
    let [one, many] = [1, MANY].map(|clients| compare([&threads, &select], clients));
    let (one, many) = (one?, many?);
    let told = |[blocking, select]: [Cost; 2]| {
        let [calls, more_calls] = [blocking.calls, select.calls].map(figure);
        let [micros, other_micros] = [blocking.micros, select.micros].map(figure);
        format!("{calls} → {more_calls} calls, {micros} → {other_micros} µs")
    };
    let figures = format!(
        "a message and its answer, thread-per-connection → hello: 1 client: {}; {MANY} clients: {}",
        told(one),
        told(many)
    );
    Ok((judge_select(one, many), figures))
}

/// By blocking and by select, with one client and with many.
fn judge_select(one: [Cost; 2], many: [Cost; 2]) -> Answer {
    let pays = |[blocking, select]: [Cost; 2]| select.micros < LESS * blocking.micros;
    let takes_one_more = (0.9..1.1).contains(&(one[1].calls - one[0].calls));
    match (takes_one_more && !pays(one), pays(many)) {
        (true, true) => Answer::Holds,
        (true, false) => Answer::Depends,
        (false, _) => Answer::False,
    }
}

/// Whether edge-triggered is the better of epoll's two ways.
pub fn better_trigger() -> Result<Measured> {
    let (level, edge) = (launch(EDGE, &["--level"])?, launch(EDGE, &[])?);
    let [of_level, of_edge] = compare([&level, &edge], MANY)?;
    let undrained = |args: &[&str]| answered(&launch(EDGE, args)?).map(thousands);
    let figures = format!(
        "a message of one of {MANY} clients: level {} calls {} µs, edge {} calls {} µs; answered \
         of {} bytes by one read for each report: level {}, edge {}",
        figure(of_level.calls),
        figure(of_level.micros),
        figure(of_edge.calls),
        figure(of_edge.micros),
        thousands(MUCH),
        undrained(&["--no-drain", "--level"])?,
        undrained(&["--no-drain"])?,
    );
    let less_time = of_edge.micros < LESS * of_level.micros;
    let fewer_calls = of_edge.calls < LESS * of_level.calls;
    Ok((of_parts(&[less_time, fewer_calls]), figures))
}

const EDGE: &str = "edge-triggered";

/// How many bytes a server sends back when much comes at once.
fn answered(echo: &Launched) -> Result<usize> {
    let running = &echo.running;
    let client = Client::connect(running.addr)?;
    client.send(b"x")?;
    client.receive(b"x")?;
    // All of it is there before the server looks.
    stop(running)?;
    client.send(&[b'x'; MUCH])?;
    signal_all(running, Signal::CONT)?;
    wait_for_sleep(running)?;
    Ok(client.unread()? as usize)
}

/// Threads of the pool, and clients that stay.
const WORKERS: &str = "4";
const STAYING: usize = 16;
/// Visits in one round.
const VISITS: usize = 100;

/// Whether a pool takes less than a thread for each client, and serves no more clients at once than
/// it has threads.
pub fn pool() -> Result<Measured> {
    let threads = launch("thread-per-connection", &[])?;
    let pool = launch("threadpool-server", &["--workers", WORKERS, "--pause", "0"])?;
    let servers = [&threads, &pool];
    let [by_threads, by_pool] =
        medians(ROUNDS, |at| servers[at].micros_each(|| visits(servers[at])))?;
    let (of_threads, of_pool) = (stay(&threads)?, stay(&pool)?);
    let figures = format!(
        "processor µs of a visit: thread-per-connection {}, a pool of {WORKERS} {}; of {STAYING} \
         that stay, served: {of_threads} and {of_pool}",
        figure(by_threads),
        figure(by_pool),
    );
    Ok((of_parts(&[by_pool < LESS * by_threads, of_pool < of_threads]), figures))
}

/// Lets clients come one after the other, be answered, and leave.
fn visits(launched: &Launched) -> Outcome<usize> {
    for number in 0..VISITS {
        let client = Speaker::connect(&launched.running, launched.server)?;
        client.exchange(number)?;
        client.leave()?;
    }
    Ok(VISITS)
}

/// Lets clients stay that have asked; returns how many of them were answered once the server
/// sleeps.
fn stay(launched: &Launched) -> Outcome<usize> {
    let ask = |number| {
        let client = Speaker::connect(&launched.running, launched.server)?.client;
        client.send(&launched.server.talk.message(number))?;
        Ok(client)
    };
    let clients = (0..STAYING).map(ask).collect::<Outcome<Vec<_>>>()?;
    wait_for_sleep(&launched.running)?;
    let answered = clients.iter().map(|client| Ok(usize::from(client.unread()? > 0)));
    answered.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(calls: f64, micros: f64) -> Cost {
        Cost { calls, micros }
    }

    #[test]
    fn one_more_call_and_the_times_decide_on_select() {
        let dear = [cost(2.0, 10.0), cost(3.0, 13.0)];
        let cheap = [cost(2.0, 10.0), cost(2.1, 8.0)];
        assert_eq!(judge_select(dear, cheap), Answer::Holds);
        assert_eq!(judge_select(dear, dear), Answer::Depends);
        assert_eq!(judge_select(cheap, cheap), Answer::False);
        assert_eq!(judge_select([cost(2.0, 10.0), cost(3.0, 8.0)], cheap), Answer::False);
    }
}
