//! A server with a defect: what the checks must find. It sends every byte back, by a thread per client, but
//! for the defect that its second argument names.
#![forbid(unsafe_code)]

use std::process;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use common::{Socket, parse_address};

/// Every defect by its name; `healthy` is none.
const DEFECTS: [&str; 12] = [
    "healthy",
    "silent",
    "drops-bytes",
    "answers-twice",
    "stops-at-1024",
    "never-closes",
    "forgets-at-the-end",
    "mixes-clients",
    "one-at-a-time",
    "never-listens",
    "binds-once",
    "two-lines",
];

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
static CLIENTS: AtomicUsize = AtomicUsize::new(0);

fn main() -> common::Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [addr, defect] = arguments.as_slice() else {
        // The checks of bad command lines give one argument.
        println!("started");
        process::exit(0);
    };
    assert!(
        DEFECTS.contains(&defect.as_str()),
        "no defect is called {defect}"
    );
    let defect: &'static str = defect.clone().leak();
    let addr = parse_address(addr).map_err(anyhow::Error::msg)?;

    let server = Socket::new()?;
    server.set_reuseaddr(defect != "binds-once")?;
    if let Err(error) = server.bind(addr) {
        eprintln!("{error:#}");
        if defect == "two-lines" {
            eprintln!("giving up");
        }
        process::exit(1);
    }
    server.listen(128)?;
    if defect == "never-listens" {
        process::exit(0);
    }
    println!("listening on {}", server.getsockname());
    loop {
        let (conn, _addr) = server.accept()?;
        thread::spawn(move || serve(&conn, defect));
    }
}

fn serve(conn: &Socket, defect: &str) {
    let _turn = (defect == "one-at-a-time").then(|| ONE_AT_A_TIME.lock());
    let client = CLIENTS.fetch_add(1, Ordering::Relaxed);
    let mut answered = 0;
    let mut held_back = Vec::new();
    while let Ok(mut data) = conn.recv(1024) {
        if data.is_empty() {
            break;
        }
        match defect {
            "silent" => continue,
            "drops-bytes" if answered > 5000 => drop(data.pop()),
            "answers-twice" => data = data.repeat(2),
            "stops-at-1024" if answered >= 1024 => continue,
            // Each answer waits for the next message, so the last one is never given.
            "forgets-at-the-end" => std::mem::swap(&mut data, &mut held_back),
            "mixes-clients" if client % 16 == 7 => data[0] = b'#',
            _ => {}
        }
        answered += data.len();
        if conn.sendall(&data).is_err() {
            return;
        }
    }
    if defect == "never-closes" {
        loop {
            thread::park();
        }
    }
}
