//! Python's `socket.socket`.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::accept::Shortage;
use crate::interrupted::uninterrupted;
use crate::unsent::Unsent;
use crate::{say, sys};

mod setup;
#[cfg(test)]
mod tests;

/// What Python's `listen()` takes when it is given nothing: the smaller of 128 and SOMAXCONN.
pub const DEFAULT_BACKLOG: i32 = 128;

const NOWHERE: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);

/// A TCP socket over IPv4 with the methods that the listings call, under Python's names.
///
/// It is a handle, as in Python: clones are the same socket, so it can be in several lists, and
/// [`close`](Socket::close) closes it for all of them. Listeners and connections have one type. A
/// call that a signal interrupts is made again (PEP 475).
#[derive(Clone)]
pub struct Socket(Arc<Inner>);

struct Inner {
    /// std's type for a socket, also for one that listens. `None` once it is closed.
    stream: Mutex<Option<Arc<TcpStream>>>,
    peer: OnceLock<SocketAddrV4>,
    blocks: AtomicBool,
    listens: AtomicBool,
    shortage: Shortage,
    /// Bytes of `write` that the kernel has not taken yet.
    unsent: Mutex<Unsent>,
}

impl Socket {
    /// `socket.socket()`: a new TCP socket over IPv4, blocking.
    ///
    /// # Errors
    /// Those of socket(2), for example EMFILE.
    pub fn new() -> io::Result<Socket> {
        Ok(Socket::from_stream(TcpStream::from(sys::socket()?)))
    }

    fn from_stream(stream: TcpStream) -> Socket {
        Socket(Arc::new(Inner {
            stream: Mutex::new(Some(Arc::new(stream))),
            peer: OnceLock::new(),
            blocks: AtomicBool::new(true),
            listens: AtomicBool::new(false),
            shortage: Shortage::default(),
            unsent: Mutex::default(),
        }))
    }

    /// `accept()`: the next client and its address. The new socket is blocking: Linux does not pass
    /// O_NONBLOCK on (accept(2)).
    ///
    /// A connection that broke before it was accepted is skipped. A shortage of descriptors or of
    /// memory is printed once. Then a blocking listener waits. A non-blocking one sleeps for some
    /// milliseconds, because the waiting client keeps it readable. The models sleep nowhere: they
    /// have a [`Listener`](crate::Listener).
    ///
    /// # Errors
    /// `WouldBlock` (Python's BlockingIOError) on a non-blocking listener when no client can be
    /// accepted now. Those of accept(2) after which it will never accept again, with the name of
    /// the call.
    pub fn accept(&self) -> io::Result<(Socket, SocketAddrV4)> {
        loop {
            let stream = self.stream()?;
            match uninterrupted(|| sys::accept(stream.as_fd(), 0)) {
                Ok((fd, peer)) => {
                    self.0.shortage.ends();
                    let conn = Socket::from_stream(TcpStream::from(fd));
                    conn.set_peer(peer);
                    return Ok((conn, peer));
                }
                Err(error) => self.0.shortage.survive(error)?,
            }
            if !self.blocks() {
                return Err(io::Error::from_raw_os_error(libc::EAGAIN));
            }
        }
    }

    /// `setblocking(flag)`.
    ///
    /// # Errors
    /// Those of ioctl(2) with FIONBIO.
    pub fn setblocking(&self, flag: bool) -> io::Result<()> {
        self.stream()?.set_nonblocking(!flag)?;
        self.0.blocks.store(flag, Ordering::Relaxed);
        Ok(())
    }

    /// `recv(bufsize)`: at most `bufsize` bytes; none means that the peer closed its sending side.
    ///
    /// # Errors
    /// `WouldBlock` (Python's BlockingIOError) on a non-blocking socket with nothing to read;
    /// `ConnectionReset` after a reset; others of recv(2).
    pub fn recv(&self, bufsize: usize) -> io::Result<Vec<u8>> {
        let stream = self.stream()?;
        let mut data = vec![0; bufsize];
        let length = uninterrupted(|| (&*stream).read(&mut data))?;
        data.truncate(length);
        Ok(data)
    }

    /// `send(data)`: how many of the bytes the kernel took. On a blocking socket that is all of
    /// them: a signal can cut the call short (send(2)), and then it goes on.
    ///
    /// # Errors
    /// `WouldBlock` (Python's BlockingIOError) when a non-blocking socket has no room; `BrokenPipe`
    /// or `ConnectionReset` when the peer is gone; others of send(2).
    pub fn send(&self, data: &[u8]) -> io::Result<usize> {
        if self.blocks() {
            self.sendall(data)?;
            return Ok(data.len());
        }
        let stream = self.stream()?;
        uninterrupted(|| (&*stream).write(data))
    }

    /// `sendall(data)`: all of the bytes, waiting for room; for blocking sockets.
    ///
    /// # Errors
    /// Those of [`send`](Socket::send).
    pub fn sendall(&self, data: &[u8]) -> io::Result<()> {
        (&*self.stream()?).write_all(data)
    }

    /// Sends `data` after what is still unsent. What the kernel does not take is kept for the next
    /// `write` or [`flush`](Socket::flush). On a blocking socket nothing is kept.
    ///
    /// # Errors
    /// Those of [`send`](Socket::send), except `WouldBlock`.
    pub fn write(&self, data: &[u8]) -> io::Result<()> {
        self.unsent().write(data, |data| unless_blocked(self.send(data)))
    }

    /// Sends what is unsent, as far as the kernel takes it.
    ///
    /// # Errors
    /// Those of [`send`](Socket::send), except `WouldBlock`.
    pub fn flush(&self) -> io::Result<()> {
        self.unsent().flush(|data| unless_blocked(self.send(data)))
    }

    /// Whether there are bytes of [`write`](Socket::write) that the kernel has not taken yet.
    pub fn has_unsent(&self) -> bool {
        self.unsent().len() > 0
    }

    /// `close()`: closes every handle of this socket. A call of another thread on it ends first.
    pub fn close(&self) {
        self.locked_stream().take();
    }

    /// `detach()`: std's type for this socket, which owns it from here on; every handle of it is
    /// closed.
    ///
    /// # Errors
    /// EBADF if it is closed; those of fcntl(2) if another thread is in a call on it.
    pub fn detach(self) -> io::Result<TcpStream> {
        let stream = self.stream()?;
        self.close();
        Arc::try_unwrap(stream).or_else(|shared| shared.try_clone())
    }

    /// Whether it is not closed yet.
    pub fn is_open(&self) -> bool {
        self.locked_stream().is_some()
    }

    /// Closes a client that has closed its side, and prints that. It is no error, so this returns
    /// `Ok`.
    pub fn close_at_end(&self) -> io::Result<()> {
        say!("{self}: closed by the client");
        self.close();
        Ok(())
    }

    /// Handles an I/O error: closes a client, and returns a listener's error. `WouldBlock` needs no
    /// handling.
    ///
    /// # Errors
    /// The error, if this is the listener: the server cannot go on.
    pub fn close_on(&self, error: io::Error) -> io::Result<()> {
        if error.kind() == ErrorKind::WouldBlock {
            return Ok(());
        }
        if self.0.listens.load(Ordering::Relaxed) {
            return Err(error);
        }
        say!("{self}: {error}");
        self.close();
        Ok(())
    }

    /// `fileno()`: the descriptor's number, and -1 once the socket is closed.
    pub fn fileno(&self) -> RawFd {
        self.stream().map_or(-1, |stream| stream.as_raw_fd())
    }

    /// `getsockname()`: this side's address; `0.0.0.0:0` before `bind`.
    pub fn getsockname(&self) -> SocketAddrV4 {
        match self.stream().and_then(|stream| stream.local_addr()) {
            Ok(SocketAddr::V4(addr)) => addr,
            _ => NOWHERE,
        }
    }

    /// `getpeername()`: the peer's address, also after a reset; `0.0.0.0:0` on a listener.
    ///
    /// Python asks the kernel, which forgets the address after a reset: the listings' `print`
    /// raises.
    pub fn getpeername(&self) -> SocketAddrV4 {
        self.0.peer.get().copied().unwrap_or(NOWHERE)
    }

    fn set_peer(&self, peer: SocketAddrV4) {
        self.0.peer.get_or_init(|| peer);
    }

    fn blocks(&self) -> bool {
        self.0.blocks.load(Ordering::Relaxed)
    }

    /// The open socket. A call keeps it open and holds no lock, so `close` never waits for one.
    pub(crate) fn stream(&self) -> io::Result<Arc<TcpStream>> {
        let closed = || io::Error::from_raw_os_error(libc::EBADF);
        self.locked_stream().clone().ok_or_else(closed)
    }

    fn locked_stream(&self) -> MutexGuard<'_, Option<Arc<TcpStream>>> {
        self.0.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unsent(&self) -> MutexGuard<'_, Unsent> {
        self.0.unsent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsRawFd for Socket {
    fn as_raw_fd(&self) -> RawFd {
        self.fileno()
    }
}

/// Python's `is`.
impl PartialEq for Socket {
    fn eq(&self, other: &Socket) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Socket {}

impl Hash for Socket {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

/// `recv` for std's buffered readers.
impl Read for &Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&*self.stream()?).read(buffer)
    }
}

/// How Python prints a socket, in short:
/// `<socket fd=4, laddr=127.0.0.1:9999, raddr=127.0.0.1:58702>`.
impl fmt::Display for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<socket fd={}, laddr={}", self.fileno(), self.getsockname())?;
        if let Some(peer) = self.0.peer.get() {
            write!(f, ", raddr={peer}")?;
        }
        f.write_str(">")
    }
}

/// A call that did not block, or would have: `None` for EAGAIN.
///
/// # Errors
/// Every other error of the call.
pub fn unless_blocked<T>(called: io::Result<T>) -> io::Result<Option<T>> {
    match called {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        called => called.map(Some),
    }
}

/// What a client received: `None` once the server has closed or reset the connection, which is
/// printed.
///
/// # Errors
/// Every other error of `recv`.
pub fn unless_gone(received: io::Result<Vec<u8>>) -> io::Result<Option<Vec<u8>>> {
    match received {
        Ok(data) if !data.is_empty() => return Ok(Some(data)),
        Err(error) if error.kind() != ErrorKind::ConnectionReset => return Err(error),
        _ => say!("the server closed the connection"),
    }
    Ok(None)
}
