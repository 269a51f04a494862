//! A pool of connections: many threads ask one server over a few connections, which are kept and
//! used again.

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

/// A bounded number of connections to one server, for any number of threads.
///
/// The connection that was used last is used next. So connections that are not needed stay idle,
/// and are closed. Threads that wait get a connection in the order in which they asked.
pub struct Pool(Arc<Shared>);

struct Shared {
    addr: SocketAddrV4,
    size: usize,
    idle_time: Duration,
    state: Mutex<State>,
    /// A connection became idle, was closed, or the pool is gone.
    changed: Condvar,
}

/// While a thread waits, no connection is idle and no further one may be opened. What becomes free
/// goes to the thread that has waited longest.
#[derive(Default)]
struct State {
    /// The one that is idle for longest is first.
    idle: VecDeque<Idle>,
    /// Connections that are idle, in use, or about to be opened.
    open: usize,
    /// Connections that were opened so far.
    opened: usize,
    waiting: VecDeque<Sender<Place>>,
    is_over: bool,
}

struct Idle {
    conn: TcpStream,
    since: Instant,
}

/// What becomes free: a connection, or only the right to open one.
type Place = Option<TcpStream>;

/// A connection in use. Dropping this closes the connection, because an answer may still come over
/// it. [`give_back`](Lease::give_back) keeps it open.
pub struct Lease<'a> {
    pool: &'a Pool,
    /// `None` once it is given back.
    conn: Option<TcpStream>,
}

impl Pool {
    /// A pool of at most `size` connections to `addr`. None is open yet, and one that is idle for
    /// `idle_time` is closed.
    ///
    /// # Errors
    /// When the thread that closes idle connections cannot be started.
    pub fn new(addr: SocketAddrV4, size: usize, idle_time: Duration) -> io::Result<Pool> {
        let (state, changed) = (Mutex::default(), Condvar::new());
        let shared = Arc::new(Shared { addr, size, idle_time, state, changed });
        let other = Arc::clone(&shared);
        let thread = thread::Builder::new().name("idle".to_owned());
        let closes_idle = thread.spawn(move || other.close_idle());
        started("the thread that closes idle connections", closes_idle)?;
        Ok(Pool(shared))
    }

    /// A connection that works, as far as this side can know: a used one or a new one. While all
    /// are in use, this waits.
    ///
    /// # Errors
    /// Those of connect(2), with the address.
    pub fn lease(&self) -> io::Result<Lease<'_>> {
        let conn = match self.wait_for_place() {
            Some(conn) if is_quiet(&conn) => conn,
            broken => {
                // The broken one is closed first: there are never more than `size`.
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

    fn wait_for_place(&self) -> Place {
        let mut state = self.0.lock();
        if let Some(idle) = state.idle.pop_back() {
            return Some(idle.conn);
        }
        if state.open < self.0.size {
            state.open += 1;
            return None;
        }
        let (sender, receiver) = bounded(1);
        state.waiting.push_back(sender);
        drop(state);
        receiver.recv().expect("a sender stays in the queue until it has sent")
    }

    fn open(&self) -> io::Result<TcpStream> {
        let addr = self.0.addr;
        let conn = TcpStream::connect(addr)
            .map_err(|error| io::Error::new(error.kind(), format!("connect {addr}: {error}")))?;
        conn.set_nodelay(true)?;
        self.0.lock().opened += 1;
        Ok(conn)
    }

    /// Gives a free place to the thread that has waited longest, or keeps it.
    fn pass_on(&self, place: Place) {
        let mut state = self.0.lock();
        if let Some(first) = state.waiting.pop_front() {
            first.send(place).expect("a thread that waits has its receiver");
            return;
        }
        match place {
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
    /// Keeps the connection for the next request. Call it only after a whole answer: the rest of
    /// one would be taken for the next answer.
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

/// Whether nothing has come over a connection since its last answer: no end of the stream, no
/// reset, no data.
fn is_quiet(conn: &TcpStream) -> bool {
    sys::peek(conn.as_fd()).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

#[cfg(test)]
mod tests;
