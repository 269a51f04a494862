//! A pool of four threads that answers lines `name age`, with its defects.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use xtask::catalog::Talk;

use crate::accept_all;
use crate::defect::Defect::{self, *};

const WORKERS: usize = 4;
/// How many clients may wait here; the next ones wait in the backlog.
const ROOM: usize = 4;
/// The longest line, with its end.
const LINE_LIMIT: u64 = 1024;

static WAITING: Mutex<VecDeque<TcpStream>> = Mutex::new(VecDeque::new());
static CAME: Condvar = Condvar::new();
static LEFT: Condvar = Condvar::new();

/// `--pause`, in milliseconds.
pub static LONGEST_PAUSE: AtomicU64 = AtomicU64::new(0);
static PAUSING: Mutex<()> = Mutex::new(());

/// Accepts clients for the workers, for ever.
pub fn run(server: &TcpListener, defect: Defect) -> anyhow::Result<()> {
    for _ in 0..WORKERS {
        thread::spawn(move || {
            loop {
                // A client that is lost ends only its connection.
                let _ = serve(&next_client(defect), defect);
            }
        });
    }
    accept_all(server, defect, |conn| {
        let mut waiting = lock();
        if defect == PoolTurnsAway && waiting.len() >= ROOM {
            return;
        }
        while defect != PoolTakesAll && waiting.len() >= ROOM {
            waiting = LEFT.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        waiting.push_back(conn);
        CAME.notify_one();
    })
}

fn next_client(defect: Defect) -> TcpStream {
    let waiting = lock();
    let waiting = CAME.wait_while(waiting, |waiting| waiting.is_empty());
    let mut waiting = waiting.unwrap_or_else(PoisonError::into_inner);
    let is_last_first = defect == PoolServesLastFirst;
    let next = if is_last_first { waiting.pop_back() } else { waiting.pop_front() };
    LEFT.notify_one();
    next.expect("a client waits")
}

fn lock() -> MutexGuard<'static, VecDeque<TcpStream>> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers each line of one client, until it closes its sending side.
fn serve(mut conn: &TcpStream, defect: Defect) -> io::Result<()> {
    let limit = match defect {
        PoolKeepsLines => u64::MAX,
        PoolCutsLines => LINE_LIMIT - 1,
        _ => LINE_LIMIT,
    };
    let addr = conn.peer_addr()?;
    let mut reader = BufReader::new(conn);
    loop {
        let mut line = Vec::new();
        if reader.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let cut = line.len() as u64 == limit && !line.ends_with(b"\n");
        if cut && reader.skip_until(b'\n')? > 0 {
            line = b"\n".to_vec();
        }
        pause(defect);
        conn.write_all(&Talk::Lines.reply(&line, addr))?;
    }
}

/// Pauses for half of the longest time, which is what pauses of any length come to.
fn pause(defect: Defect) {
    let longest = Duration::from_millis(LONGEST_PAUSE.load(Ordering::Relaxed));
    match defect {
        PoolNeverPauses => {}
        PoolPausesInTurn => {
            let _turn = PAUSING.lock();
            thread::sleep(longest);
        }
        _ => thread::sleep(longest / 2),
    }
}
