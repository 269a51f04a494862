//! What the clients do while a server is watched: always the same, so that pictures can be compared.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
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
    pub what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// It connects; its address is the one that the server sees.
    Connects(SocketAddr),
    Says(usize),
    Hears(usize),
    Leaves,
    IsClosed,
}

/// What happened, as the clients tell it, and the threads that read for them.
struct Log {
    happens: Receiver<Event>,
    events: Vec<Event>,
}

impl Log {
    /// Waits until a client has heard `bytes`, or was closed, at most for [`DEADLINE`].
    fn wait_for(&mut self, client: usize, bytes: usize) {
        let end = Instant::now() + DEADLINE;
        let heard = |event: &Event| match event.what {
            What::Hears(length) => length,
            What::IsClosed => bytes,
            _ => 0,
        };
        let of_client = |event: &&Event| event.client == client;
        while self.events.iter().filter(of_client).map(heard).sum::<usize>() < bytes {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(event) = self.happens.recv_timeout(left) else { return };
            self.events.push(event);
        }
    }

    fn finish(mut self) -> Vec<Event> {
        self.events.extend(self.happens.try_iter());
        self.events.sort_by_key(|event| event.at);
        let mut left = Vec::new();
        self.events.retain(|event| {
            if event.what == What::Leaves {
                left.push(event.client);
            }
            // Whoever leaves reads the end of its stream, too.
            event.what != What::IsClosed || !left.contains(&event.client)
        });
        self.events
    }
}

/// Plays the script with one client or with two, and returns what happened, in order: the first
/// connects, is silent, and says a word; the second comes and speaks meanwhile. Each leaves when it
/// has its answer, the second after the first. Each pause lasts at least [`STAYS`] from when the
/// server is `idle`, which that waits for.
pub fn play(
    server: SocketAddr,
    talk: Talk,
    clients: usize,
    idle: impl Fn() -> Result<()>,
) -> Result<Vec<Event>> {
    let (tell, happens) = channel();
    let mut log = Log { happens, events: Vec::new() };
    let start = Instant::now();
    let wait_until = |time: Duration| -> Result<()> {
        idle()?;
        thread::sleep((start + time).saturating_duration_since(Instant::now()).max(STAYS));
        Ok(())
    };
    let first = Client::connect(server, 1, &tell)?;
    let second = if clients > 1 {
        wait_until(SECOND_COMES)?;
        let second = Client::connect(server, 2, &tell)?;
        wait_until(SECOND_SPEAKS)?;
        second.say(talk)?;
        Some(second)
    } else {
        None
    };
    wait_until(SILENCE)?;
    first.say(talk)?;
    for client in [Some(first), second].into_iter().flatten() {
        log.wait_for(client.number, client.is_owed(talk));
        idle()?;
        thread::sleep(STAYS);
        client.leave();
    }
    thread::sleep(STAYS);
    idle()?;
    Ok(log.finish())
}

/// The time as strace writes it, since 1970.
pub fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970")
}

fn note(tell: &Sender<Event>, at: Duration, client: usize, what: What) {
    // After the script, nobody listens.
    let _ = tell.send(Event { at, client, what });
}

struct Client {
    stream: TcpStream,
    addr: SocketAddr,
    number: usize,
    tell: Sender<Event>,
}

impl Client {
    fn connect(server: SocketAddr, number: usize, tell: &Sender<Event>) -> Result<Client> {
        // The server may have it before this thread goes on.
        let at = now();
        let stream = TcpStream::connect(server).with_context(|| format!("connect {server}"))?;
        let addr = stream.local_addr().context("ask for this side's address")?;
        let mut reader = stream.try_clone().context("copy a descriptor")?;
        let client = Client { stream, addr, number, tell: tell.clone() };
        note(tell, at, number, What::Connects(addr));
        let tell = tell.clone();
        thread::spawn(move || {
            let mut data = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut data) {
                note(&tell, now(), number, What::Hears(length));
            }
            note(&tell, now(), number, What::IsClosed);
        });
        Ok(client)
    }

    fn say(&self, talk: Talk) -> Result<()> {
        let message = talk.message(self.number);
        // Noted before it is sent: the server may have it before this thread goes on.
        note(&self.tell, now(), self.number, What::Says(message.len()));
        // A server that closes after its greeting may be gone: that is its lesson.
        let sent = (&self.stream).write_all(&message);
        if talk.converses() {
            sent.context("send to the server")?;
        }
        Ok(())
    }

    /// How many bytes the server says to it.
    fn is_owed(&self, talk: Talk) -> usize {
        let message = talk.message(self.number);
        talk.greeting(self.addr).len() + talk.reply(&message, self.addr).len()
    }

    fn leave(self) {
        note(&self.tell, now(), self.number, What::Leaves);
        // The reading thread has a copy of the descriptor.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}
