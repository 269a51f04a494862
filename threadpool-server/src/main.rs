//! A thread pool: each worker thread serves one client, so there are as many clients at once as
//! workers. Workers use blocking calls. Each keeps the line that it reads in thread-local data.
//!
//! Mirrors note 004, lines 7-25, and the pool of lines 58-70.
//!
//! Try: `nc 127.0.0.1 7000`, and type `明哥 19`. After a pause of up to two seconds the worker
//! reads the name and the age from its thread-local data. It prints them with its own name, and
//! sends them back.
//!
//! Differs from the listing:
//! - 15: the line names its worker, and its client gets the name and the age.
//! - 24, 25: workers wait for connections, instead of two threads that call `func2` for `明哥`, 19
//!   and `小弟`, 17.
//!
//! Experiment: start the server with `--workers 1`, and two `nc`. The second one waits in the queue
//! until the first one leaves. Then use `--workers 2`, and type another name in each within a
//! second. The lines show two workers, and each prints its own client's name.
#![forbid(unsafe_code)]

use common::sleep; // 7

use common::uniform; // 8

use std::thread; // 9

use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Read};

use common::clap::{self, Args};
use common::{DEFAULT_BACKLOG, Socket, arguments, say, started, whole_number};
use crossbeam_channel::{Receiver, bounded};
use threadpool::Pause;

/// The longest line that is read as one, with its end; a longer one is malformed, and skipped up to
/// its end.
const LINE_LIMIT: usize = 1024;

const EXPECTED: &str = "expected a line `name age`, as: 明哥 19";

#[derive(Args)]
struct Options {
    /// Threads in the pool, and clients that are served at once
    #[arg(long, value_name = "N", default_value = "8")]
    #[arg(value_parser = whole_number::<u16>(1..=1024))]
    workers: u16,
    #[command(flatten)]
    pause: Pause,
}

#[derive(Default)]
struct Local {
    name: String,
    age: u32,
}

#[rustfmt::skip]
thread_local! {
    static LOC: RefCell<Local> = RefCell::default();               // 11
}

#[rustfmt::skip]
fn func1() {                                                       // 13, 14
    let me = worker();
    LOC.with_borrow(|loc| say!("{me}: {} {}", loc.name, loc.age)); // 15 differs
}

#[rustfmt::skip]
fn func2(name: &str, age: u32, pause: Pause) {                     // 17, 18
    LOC.with_borrow_mut(|loc| {
        loc.name = name.to_owned();                                // 19
        loc.age = age;                                             // 20
    });
    sleep(uniform(0.0, pause.seconds().unwrap_or(2.0)));           // 21
    func1();                                                       // 22
}

#[rustfmt::skip]
fn main() -> common::Result {
    let about = "Answers lines `name age`, by a thread pool (note 004:7-25)";
    let args = arguments!("127.0.0.1:7000", about, Options);
    let Options { workers, pause } = args.options;

    let server = Socket::new()?;
    server.bind(args.addr)?;

    // As many clients may wait in the queue as are served; the next ones wait in the backlog.
    let (queue, waiting) = bounded(workers.into());
    for number in 1..=workers {
        let waiting = waiting.clone();
        let thread = thread::Builder::new().name(format!("worker-{number}"));
        let worker = thread.spawn(move || work(&waiting, pause));  // 24, 25 differs
        started(format_args!("worker {number} of {workers}"), worker)?;
    }
    server.listen(DEFAULT_BACKLOG)?;
    loop {
        let (conn, _addr) = server.accept()?;
        queue.send(conn)?;
    }
}

/// The name of the thread that asks.
fn worker() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}

/// Serves one client after the other from the queue.
fn work(waiting: &Receiver<Socket>, pause: Pause) {
    for conn in waiting {
        let (worker, addr) = (worker(), conn.getpeername());
        say!("{worker}: {addr} is served");
        match serve(&conn, pause) {
            Ok(()) => say!("{worker}: {addr} is done"),
            Err(error) => say!("{worker}: {addr}: {error}"),
        }
    }
}

/// Answers each line of one client, until it closes its sending side.
fn serve(conn: &Socket, pause: Pause) -> io::Result<()> {
    let mut reader = BufReader::new(conn);
    let mut line = Vec::new();
    loop {
        line.clear();
        let limit = LINE_LIMIT as u64;
        if reader.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let cut = line.len() == LINE_LIMIT && !line.ends_with(b"\n");
        if cut && reader.skip_until(b'\n')? > 0 {
            line.clear();
        }
        conn.sendall(format!("{}\n", answer(&line, pause)).as_bytes())?;
    }
}

/// Hands the line's name and age to `func2`, and reads them back from the worker's data.
fn answer(line: &[u8], pause: Pause) -> String {
    let Some((name, age)) = parse_line(line) else { return EXPECTED.to_owned() };
    func2(name, age, pause);
    LOC.with_borrow(|loc| format!("{} {}", loc.name, loc.age))
}

/// Reads `name age`: two words, the second one a whole number.
fn parse_line(line: &[u8]) -> Option<(&str, u32)> {
    let mut words = std::str::from_utf8(line).ok()?.split_whitespace();
    let (name, age) = (words.next()?, words.next()?);
    let digits = age.bytes().all(|byte| byte.is_ascii_digit());
    let age = age.parse().ok().filter(|_| digits)?;
    words.next().is_none().then_some((name, age))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arbtest::arbtest;

    #[test]
    fn a_line_is_a_name_and_an_age() {
        assert_eq!(parse_line("明哥 19\n".as_bytes()), Some(("明哥", 19)));
        assert_eq!(parse_line(b"  a \t7\r\n"), Some(("a", 7)));
    }

    #[test]
    fn anything_else_is_malformed() {
        for line in ["", "\n", "a", "a b", "a 1 2", "a +1", "a -1", "a 4294967296"] {
            assert_eq!(parse_line(line.as_bytes()), None, "{line}");
        }
        assert_eq!(parse_line(b"\xff 1"), None);
    }

    #[test]
    fn threads_do_not_mix_their_data() {
        let names = ["明哥", "小弟", "a", "b"];
        let threads = names.map(|name| {
            let line = format!("{name} 19\n");
            thread::spawn(move || answer(line.as_bytes(), Pause::default()))
        });
        let answers = threads.map(|thread| thread.join().unwrap());
        assert_eq!(answers, names.map(|name| format!("{name} 19")));
    }

    #[test]
    fn what_is_answered_reads_the_same_again() {
        arbtest(|u| {
            let line: Vec<u8> = u.arbitrary()?;
            if let Some((name, age)) = parse_line(&line) {
                let again = format!("{name} {age}");
                assert_eq!(parse_line(again.as_bytes()), Some((name, age)));
            }
            Ok(())
        });
    }

    #[test]
    fn every_name_and_age_is_read() {
        arbtest(|u| {
            let (name, age): (String, u32) = u.arbitrary()?;
            let name: String = name.split_whitespace().collect();
            if !name.is_empty() {
                let line = format!("{name} {age}\n");
                assert_eq!(parse_line(line.as_bytes()), Some((name.as_str(), age)));
            }
            Ok(())
        });
    }
}
