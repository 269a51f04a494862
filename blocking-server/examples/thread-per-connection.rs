//! A thread per connection: a call that blocks stops one thread, and no other client. As many
//! clients are served at once as there may be threads (`--threads`). Further ones wait in the
//! backlog.
//!
//! Follows note 004, line 59, in words.
//!
//! Try: `nc 127.0.0.1 7001` in two terminals; both get every line back at once. The server prints
//! each line after its client's address.
//!
//! Costs: each client needs a thread, also when it is idle. A thread takes some tens of KiB: a
//! buffer of 16 KiB, its stack, and its stack in the kernel. In return the code is as simple as
//! that of the blocking server. An idle client costs no processor time.
//!
//! Experiment: start it with `--threads 2 --panic-on bye`, and three `nc`. The third one connects,
//! but gets nothing back. Type `bye` in the first one: its thread panics, and its connection ends.
//! The second one is served as before, and the third one gets its answers.
#![forbid(unsafe_code)]

use std::net::{SocketAddrV4, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use blocking::echo;
use common::clap::{self, Args};
use common::{Bytes, PanicOn, Socket};
use common::{arguments, say, start_patiently, whole_number};

const BACKLOG: i32 = 1024;

#[derive(Args)]
struct Options {
    /// Threads, and clients that are served at once, at most
    #[arg(long, value_name = "N", default_value = "1000")]
    #[arg(value_parser = whole_number::<u16>(1..=u16::MAX.into()))]
    threads: u16,
    #[command(flatten)]
    panic_on: PanicOn,
}

fn main() -> common::Result {
    let about = "Echoes by a thread per connection (note 004:59)";
    let args = arguments!("127.0.0.1:7001", about, Options);
    let Options { threads, panic_on } = args.options;
    let panic_on = Arc::new(panic_on);
    let places = Arc::new(Places { free: Mutex::new(threads), given_back: Condvar::new() });

    let server = Socket::new()?;
    server.bind(args.addr)?;
    server.listen(BACKLOG)?;
    loop {
        // A place comes first: without one, a client stays in the backlog and takes no descriptor.
        let place = places.take();
        let (conn, addr) = server.accept()?;
        let client =
            Client { conn: conn.detach()?, addr, panic_on: panic_on.clone(), _place: place };
        // A thread that cannot be started yet drops its closure. That must not close the
        // connection.
        let client = Arc::new(client);
        start_patiently("a thread", || {
            let client = Arc::clone(&client);
            let thread = thread::Builder::new().name(addr.to_string());
            thread.spawn(move || client.serve())
        })?;
    }
}

/// A client, and what its thread holds while it serves it.
struct Client {
    conn: TcpStream,
    addr: SocketAddrV4,
    panic_on: Arc<PanicOn>,
    _place: Place,
}

impl Client {
    /// What a thread does from its start to its end. A panic also ends it: the connection is
    /// closed, the place is given back, and no other thread is harmed.
    fn serve(&self) {
        let addr = self.addr;
        say!("{addr} has a thread");
        let ended = echo(&self.conn, |message| {
            say!("{addr}: {}", Bytes(message));
            self.panic_on.check(message);
        });
        match ended {
            Ok(()) => say!("{addr} is done"),
            Err(error) => say!("{addr}: {error}"),
        }
    }
}

/// A semaphore: as many places as there may be threads at once.
struct Places {
    free: Mutex<u16>,
    given_back: Condvar,
}

/// One of the places, until this is dropped.
struct Place(Arc<Places>);

impl Places {
    /// Waits for a free place.
    fn take(self: &Arc<Places>) -> Place {
        let free = self.given_back.wait_while(self.lock(), |free| *free == 0);
        *free.unwrap_or_else(PoisonError::into_inner) -= 1;
        Place(Arc::clone(self))
    }

    fn lock(&self) -> MutexGuard<'_, u16> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *self.0.lock() += 1;
        self.0.given_back.notify_one();
    }
}
