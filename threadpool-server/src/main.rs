//! A pool of threads: each worker serves one client at a time with blocking calls, so as many clients at once
//! as there are workers, and keeps what it is told in data of its own thread.
//! While its output is full and unread the workers stand still, as the listing does; not with
//! `--quiet`.
//!
//! Mirrors note 004, lines 7-25, and the pool of lines 58-70.
//!
//! Try: `nc 127.0.0.1 7000` and type `明哥 19`; after a pause of up to two seconds the worker reads the same
//! back from its thread-local data.
//!
//! Differs from the listing:
//! - 15: what is printed also goes to the client, as its reply.
//! - 24-25: a pool of workers that wait for connections, instead of two threads with one call each.
//!
//! Experiment: `--workers 1` and two `nc`: the second one waits in the queue until the first one leaves. Then
//! `--workers 2`.
#![forbid(unsafe_code)]

use std::time::Duration; // 7

use common::uniform; // 8

use std::thread; // 9

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read};

use common::clap::{Arg, value_parser};
use common::{AcceptFailures, Arguments, DEFAULT_BACKLOG, Socket, say};
use crossbeam_channel::{Receiver, bounded};

/// The longest line, with its end, that is read as one; a longer one is malformed, and skipped.
const LINE_LIMIT: usize = 1024;

const EXPECTED: &str = "expected a line `name age`, as: 明哥 19";

#[derive(Default)]
struct Local {
    name: String,
    age: u32,
}

thread_local! {
    static LOC: RefCell<Local> = RefCell::default(); // 11
}

fn func1() -> String {
    // 13-14
    let answer = LOC.with_borrow(|loc| format!("{} {}", loc.name, loc.age));
    say!("{answer}"); // 15 differs: the client gets it, too
    answer
}

fn func2(name: &str, age: u32, pause: f64) -> String {
    // 17-18
    LOC.with_borrow_mut(|loc| {
        loc.name = name.to_owned(); // 19
        loc.age = age; // 20
    });
    thread::sleep(Duration::from_secs_f64(uniform(0.0, pause))); // 21
    func1() // 22
}

fn main() -> common::Result {
    let about =
        "Answers lines `name age` from thread-local data, by a pool of threads (note 004:7-25)";
    let workers = Arg::new("workers")
        .long("workers")
        .value_name("N")
        .default_value("8")
        .value_parser(value_parser!(u16).range(1..=1024))
        .help("Threads in the pool, and clients that are served at once");
    let pause = Arg::new("pause")
        .long("pause")
        .value_name("MS")
        .default_value("2000")
        .value_parser(value_parser!(u32))
        .help("Longest pause before an answer, in milliseconds");
    let args = Arguments::new(env!("CARGO_BIN_NAME"), about, "127.0.0.1:7000")
        .option(workers)
        .option(pause)
        .parse();
    let mut failures = AcceptFailures::default();
    let workers: u16 = args.get("workers");
    let pause = f64::from(args.get::<u32>("pause")) / 1000.0;

    let server = Socket::new()?;
    server.set_reuseaddr(true)?;
    server.bind(args.addr)?;
    server.listen(DEFAULT_BACKLOG)?;

    // As many clients may wait in the queue as are served; the next ones wait in the backlog.
    let (queue, waiting) = bounded(workers.into());
    for _ in 0..workers {
        let waiting = waiting.clone();
        thread::Builder::new().spawn(move || work(&waiting, pause))?; // 24-25 differs: a worker for many calls
    }
    args.listening(&server);
    loop {
        match server.accept() {
            Ok((conn, _addr)) => {
                failures.accepted();
                queue.send(conn)?;
            }
            Err(error) => {
                failures.survive(error)?;
                thread::sleep(failures.pause().unwrap_or_default());
            }
        }
    }
}

/// Serves one client after the other from the queue.
fn work(waiting: &Receiver<Socket>, pause: f64) {
    for conn in waiting {
        let addr = conn.getpeername();
        say!("{addr} is served");
        match serve(&conn, pause) {
            Ok(()) => say!("{addr} is done"),
            Err(error) => say!("{addr}: {error}"),
        }
    }
}

/// Answers each line of one client, until it closes its sending side.
fn serve(conn: &Socket, pause: f64) -> std::io::Result<()> {
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
        let mut answer = match parse_line(&line) {
            Some((name, age)) => func2(name, age, pause),
            None => EXPECTED.to_owned(),
        };
        answer.push('\n');
        conn.sendall(answer.as_bytes())?;
    }
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
    use proptest::prelude::*;

    #[test]
    fn a_line_is_a_name_and_an_age() {
        assert_eq!(parse_line("明哥 19\n".as_bytes()), Some(("明哥", 19)));
        assert_eq!(parse_line(b"  a \t7\r\n"), Some(("a", 7)));
    }

    #[test]
    fn anything_else_is_malformed() {
        for line in [
            "",
            "\n",
            "a",
            "a b",
            "a 1 2",
            "a +1",
            "a -1",
            "a 4294967296",
        ] {
            assert_eq!(parse_line(line.as_bytes()), None, "{line}");
        }
        assert_eq!(parse_line(b"\xff 1"), None);
    }

    #[test]
    fn threads_do_not_mix_their_data() {
        let names = ["明哥", "小弟", "a", "b"];
        let threads = names.map(|name| thread::spawn(move || func2(name, 19, 0.02)));
        let answers = threads.map(|thread| thread.join().unwrap());
        assert_eq!(answers, names.map(|name| format!("{name} 19")));
    }

    proptest! {
        #[test]
        fn what_is_answered_reads_the_same_again(line: Vec<u8>) {
            if let Some((name, age)) = parse_line(&line) {
                let again = format!("{name} {age}");
                prop_assert_eq!(parse_line(again.as_bytes()), Some((name, age)));
            }
        }

        #[test]
        fn every_name_and_age_is_read(name in r"\S+", age: u32) {
            prop_assume!(!name.chars().any(char::is_whitespace));
            let line = format!("{name} {age}\n");
            prop_assert_eq!(parse_line(line.as_bytes()), Some((name.as_str(), age)));
        }
    }
}
