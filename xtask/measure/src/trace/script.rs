//! What the clients do while a server is watched: always the same, so that pictures can be compared.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

use xtask::catalog::Talk;
use xtask::harness::client::DEADLINE;

/// How long the first client says nothing.
pub const SILENCE: Duration = Duration::from_millis(300);
/// When the second client comes, and when it speaks.
const SECOND_COMES: Duration = Duration::from_millis(100);
const SECOND_SPEAKS: Duration = Duration::from_millis(200);
/// How long a client stays once it has its answer, and how long the script goes on after the last has
/// left.
pub const STAYS: Duration = Duration::from_millis(50);

/// Something that a client did, or that happened to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When it began, since 1970: before the server can know of it.
    pub at: Duration,
    /// Which client: 1 for the first.
    pub client: usize,
    /// What.
    pub what: What,
}

/// What a client does, or what happens to it.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// It connects; its address is the one that the server sees.
    Connects(SocketAddr),
    /// It sends so many bytes.
    Says(usize),
    /// So many bytes come.
    Hears(usize),
    /// It closes the connection.
    Leaves,
    /// The server closes the connection.
    IsClosed,
}

/// Events, and how many bytes each client heard.
#[derive(Clone, Default)]
struct Log(Arc<(Mutex<Vec<Event>>, Condvar)>);

impl Log {
    fn note(&self, client: usize, what: What) {
        self.note_at(now(), client, what);
    }

    fn note_at(&self, at: Duration, client: usize, what: What) {
        self.lock().push(Event { at, client, what });
        self.0.1.notify_all();
    }

    /// Waits until a client has heard `bytes`, or was closed, at most for [`DEADLINE`].
    fn wait_for(&self, client: usize, bytes: usize) {
        let is_over = |events: &Vec<Event>| {
            let mut heard = 0;
            for event in events.iter().filter(|event| event.client == client) {
                match event.what {
                    What::Hears(length) => heard += length,
                    What::IsClosed => return true,
                    _ => {}
                }
            }
            heard >= bytes
        };
        let end = Instant::now() + DEADLINE;
        let mut events = self.lock();
        while !is_over(&events) && Instant::now() < end {
            let left = end.saturating_duration_since(Instant::now());
            let waited = self.0.1.wait_timeout(events, left);
            events = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn has_left(&self, client: usize) -> bool {
        self.lock().iter().any(|event| event.client == client && event.what == What::Leaves)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Event>> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Plays the script with one client or with two, and returns what happened, in order: the first
/// connects, is silent, and says a word; the second comes and speaks meanwhile. Each leaves when it
/// has its answer, the second after the first. Each pause lasts at least [`STAYS`] from when the
/// server is `idle`, which that waits for.
///
/// # Errors
/// When a client cannot connect or send, and those of `idle`.
pub fn play(
    server: SocketAddr,
    talk: Talk,
    clients: usize,
    idle: impl Fn() -> Result<()>,
) -> Result<Vec<Event>> {
    let log = Log::default();
    let start = Instant::now();
    let wait_until = |time: Duration| -> Result<()> {
        idle()?;
        thread::sleep((start + time).saturating_duration_since(Instant::now()).max(STAYS));
        Ok(())
    };
    let first = Client::connect(server, 1, &log)?;
    let second = if clients > 1 {
        wait_until(SECOND_COMES)?;
        let second = Client::connect(server, 2, &log)?;
        wait_until(SECOND_SPEAKS)?;
        second.say(talk)?;
        Some(second)
    } else {
        None
    };
    wait_until(SILENCE)?;
    first.say(talk)?;
    for client in [Some(first), second].into_iter().flatten() {
        client.hear(talk);
        idle()?;
        thread::sleep(STAYS);
        client.leave();
    }
    thread::sleep(STAYS);
    idle()?;
    let mut events = log.lock().clone();
    events.sort_by_key(|event| event.at);
    Ok(events)
}

/// The time as strace writes it, since 1970.
pub fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970")
}

struct Client {
    stream: TcpStream,
    addr: SocketAddr,
    number: usize,
    log: Log,
}

impl Client {
    fn connect(server: SocketAddr, number: usize, log: &Log) -> Result<Client> {
        // The server may have it before this thread goes on.
        let at = now();
        let stream = TcpStream::connect(server).with_context(|| format!("connect {server}"))?;
        let addr = stream.local_addr().context("ask for this side's address")?;
        log.note_at(at, number, What::Connects(addr));
        let mut reader = stream.try_clone().context("copy a descriptor")?;
        let heard = log.clone();
        thread::spawn(move || {
            let mut data = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut data) {
                heard.note(number, What::Hears(length));
            }
            if !heard.has_left(number) {
                heard.note(number, What::IsClosed);
            }
        });
        Ok(Client { stream, addr, number, log: log.clone() })
    }

    fn say(&self, talk: Talk) -> Result<()> {
        let message = talk.message(self.number);
        // Noted before it is sent: the server may have it before this thread goes on.
        self.log.note(self.number, What::Says(message.len()));
        // A server that closes after its greeting may be gone: that is its lesson.
        let sent = (&self.stream).write_all(&message);
        if talk.converses() {
            sent.context("send to the server")?;
        }
        Ok(())
    }

    /// Waits for all that the server says to it.
    fn hear(&self, talk: Talk) {
        let message = talk.message(self.number);
        let expected = talk.greeting(self.addr).len() + talk.reply(&message, self.addr).len();
        self.log.wait_for(self.number, expected);
    }

    fn leave(self) {
        self.log.note(self.number, What::Leaves);
        // The reading thread has a copy of the descriptor.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}
