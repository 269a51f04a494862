//! A pool of connections: what many threads ask of one server goes over a few connections, which
//! are kept and used again.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::{SocketAddrV4, TcpStream};
use std::ops::Deref;
use std::os::fd::AsFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use common::started;
use crossbeam_channel::{Sender, bounded};

use crate::sys;

/// At most so many connections to one server, for as many threads as ask for one.
///
/// The connection that was used last is used next, so that those that nobody needs sit idle until
/// they are closed. Who has to wait for one gets it in the order of asking.
pub struct Pool(Arc<Shared>);

struct Shared {
    addr: SocketAddrV4,
    size: usize,
    idle_time: Duration,
    state: Mutex<State>,
    /// A connection became idle, was closed, or the pool is gone.
    changed: Condvar,
}

/// While somebody waits, no connection is idle and no further one may be opened: whatever becomes
/// free goes to the first who waits, and nobody overtakes.
#[derive(Default)]
struct State {
    /// The one that is idle for longest stands first.
    idle: VecDeque<Idle>,
    /// Connections that are idle, in use, or about to be opened.
    open: usize,
    /// Connections that were opened so far.
    opened: usize,
    waiting: VecDeque<Sender<Turn>>,
    is_over: bool,
}

struct Idle {
    conn: TcpStream,
    since: Instant,
}

/// What becomes free: a connection, or only the right to open one.
type Turn = Option<TcpStream>;

/// A connection in use. When this is dropped the connection is closed, as nobody knows what may
/// still come over it; [`give_back`](Lease::give_back) keeps it.
pub struct Lease<'a> {
    pool: &'a Pool,
    /// `None` once it is given back.
    conn: Option<TcpStream>,
}

impl Pool {
    /// A pool of at most `size` connections to `addr`, none of which is open yet. One that nobody
    /// uses for `idle_time` is closed.
    ///
    /// # Errors
    /// When the thread cannot be started that closes those.
    pub fn new(addr: SocketAddrV4, size: usize, idle_time: Duration) -> io::Result<Pool> {
        let (state, changed) = (Mutex::default(), Condvar::new());
        let shared = Arc::new(Shared { addr, size, idle_time, state, changed });
        let other = Arc::clone(&shared);
        let thread = thread::Builder::new().name("idle".to_owned());
        let closes_idle = thread.spawn(move || other.close_idle());
        started("the thread that closes idle connections", closes_idle)?;
        Ok(Pool(shared))
    }

    /// A connection that works, as far as this side can know: one that was used before, or a new
    /// one. While all are in use, this waits.
    ///
    /// # Errors
    /// Those of connect(2), with the address.
    pub fn lease(&self) -> io::Result<Lease<'_>> {
        let conn = match self.wait_for_turn() {
            Some(conn) if is_quiet(&conn) => conn,
            broken => {
                // There are never more than `size`: the broken one is closed before.
                drop(broken);
                self.open().inspect_err(|_| self.pass_on(None))?
            }
        };
        Ok(Lease { pool: self, conn: Some(conn) })
    }

    /// How many connections were opened so far.
    pub fn opened(&self) -> usize {
        self.0.lock().opened
    }

    /// Waits until all connections are closed: none is in use, and each was idle for too long.
    pub fn wait_until_closed(&self) {
        let state = self.0.lock();
        let closed = self.0.changed.wait_while(state, |state| state.open > 0);
        drop(closed.unwrap_or_else(PoisonError::into_inner));
    }

    fn wait_for_turn(&self) -> Turn {
        let mut state = self.0.lock();
        if let Some(idle) = state.idle.pop_back() {
            return Some(idle.conn);
        }
        if state.open < self.0.size {
            state.open += 1;
            return None;
        }
        let (turn, mine) = bounded(1);
        state.waiting.push_back(turn);
        drop(state);
        mine.recv().expect("a sender stays in the queue until it has sent")
    }

    fn open(&self) -> io::Result<TcpStream> {
        let addr = self.0.addr;
        let conn = TcpStream::connect(addr)
            .map_err(|error| io::Error::new(error.kind(), format!("connect {addr}: {error}")))?;
        conn.set_nodelay(true)?;
        self.0.lock().opened += 1;
        Ok(conn)
    }

    /// Gives what became free to the first who waits, or keeps it.
    fn pass_on(&self, turn: Turn) {
        let mut state = self.0.lock();
        if let Some(first) = state.waiting.pop_front() {
            first.send(turn).expect("who waits goes on waiting");
            return;
        }
        match turn {
            Some(conn) => state.idle.push_back(Idle { conn, since: Instant::now() }),
            None => state.open -= 1,
        }
        self.0.changed.notify_all();
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.0.lock().is_over = true;
        self.0.changed.notify_all();
    }
}

impl Shared {
    /// Closes connections that are idle for too long, until the pool is gone.
    fn close_idle(&self) {
        let mut state = self.lock();
        while !state.is_over {
            while state.idle.front().is_some_and(|idle| idle.since.elapsed() >= self.idle_time) {
                state.idle.pop_front();
                state.open -= 1;
                self.changed.notify_all();
            }
            let used = state.idle.front().map(|idle| idle.since.elapsed());
            state = match used {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(elapsed) => {
                    let left = self.idle_time.saturating_sub(elapsed);
                    let waited = self.changed.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease<'_> {
    /// Keeps the connection for the next one who asks; only after a whole answer, since what is
    /// still to come would be taken for an answer to the next question.
    pub fn give_back(mut self) {
        let conn = self.conn.take();
        self.pool.pass_on(conn);
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            drop(conn);
            self.pool.pass_on(None);
        }
    }
}

impl Deref for Lease<'_> {
    type Target = TcpStream;

    fn deref(&self) -> &TcpStream {
        self.conn.as_ref().expect("a lease ends when its connection is given back")
    }
}

/// Whether nothing came over a connection since its last answer: neither the end of the stream, nor
/// a reset, nor data that nobody asked for.
fn is_quiet(conn: &TcpStream) -> bool {
    sys::peek(conn.as_fd()).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

#[cfg(test)]
mod tests;
