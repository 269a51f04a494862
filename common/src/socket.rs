//! Python's `socket.socket`.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use anyhow::Context;

use crate::accept::Shortage;
use crate::console::print_line;
use crate::interrupted::uninterrupted;
use crate::program::{advise_bind, advise_connect};
use crate::{say, sys};

/// What Python's `listen()` takes when it is given nothing: the smaller of 128 and SOMAXCONN.
pub const DEFAULT_BACKLOG: i32 = 128;

const NOWHERE: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);

/// A TCP socket over IPv4 with the methods that the listings call, under Python's names.
///
/// It is a handle, as in Python: clones stand for the same socket, so that it can stand in several
/// lists, and [`close`](Socket::close) closes it for all of them. One type is listener and
/// connection, and a call that a signal interrupts is made again (PEP 475).
#[derive(Clone)]
pub struct Socket(Arc<Inner>);

struct Inner {
    /// std's face of a socket; before `connect` or `accept` it is not a stream yet. `None` once it
    /// is closed.
    stream: Mutex<Option<Arc<TcpStream>>>,
    peer: OnceLock<SocketAddrV4>,
    blocks: AtomicBool,
    listens: AtomicBool,
    shortage: Shortage,
    /// What the kernel has not taken yet of what was given to `write`.
    unsent: Mutex<Vec<u8>>,
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

    /// `setsockopt(SOL_SOCKET, SO_REUSEADDR, on)`: lets a restart bind a port that still has
    /// connections in TIME_WAIT (socket(7)). [`bind`](Socket::bind) sets it, too.
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn set_reuseaddr(&self, on: bool) -> io::Result<()> {
        sys::set_reuseaddr(self.stream()?.as_fd(), on)
    }

    /// `setsockopt(SOL_SOCKET, SO_REUSEPORT, on)`: lets several sockets of this user, which all set
    /// it before `bind`, listen on one port; the kernel gives each new client to one of them
    /// (socket(7)).
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn set_reuseport(&self, on: bool) -> io::Result<()> {
        sys::set_reuseport(self.stream()?.as_fd(), on)
    }

    /// `bind((host, port))`, with SO_REUSEADDR, as std's `TcpListener` does; port 0 lets the kernel
    /// choose.
    ///
    /// # Errors
    /// Those of bind(2), with the address: `bind 127.0.0.1:8888: Address already in use`, and how
    /// to choose another.
    pub fn bind(&self, addr: SocketAddrV4) -> anyhow::Result<()> {
        let bind = || {
            self.set_reuseaddr(true)?;
            sys::bind(self.stream()?.as_fd(), addr).map_err(advise_bind)
        };
        bind().with_context(|| format!("bind {addr}"))
    }

    /// `listen(backlog)`: how many connections that nobody accepted yet may wait (listen(2)). From
    /// then on clients can connect, so it prints `listening on ADDR`, with `--quiet` too, and what
    /// to type in another terminal.
    ///
    /// # Errors
    /// Those of listen(2), with the address.
    pub fn listen(&self, backlog: i32) -> anyhow::Result<()> {
        self.listen_unsaid(backlog)?;
        let addr = self.getsockname();
        print_line(format_args!("listening on {addr}"));
        say!("in another terminal: nc {} {}", addr.ip(), addr.port());
        Ok(())
    }

    /// The same without a line: for a listener beside the one that says where they all listen.
    ///
    /// # Errors
    /// Those of [`listen`](Socket::listen).
    pub fn listen_unsaid(&self, backlog: i32) -> anyhow::Result<()> {
        let listen = || sys::listen(self.stream()?.as_fd(), backlog);
        listen().with_context(|| format!("listen on {}", self.getsockname()))?;
        self.0.listens.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// `accept()`: the next client and its address. The new socket is blocking: Linux does not pass
    /// O_NONBLOCK on (accept(2)).
    ///
    /// A client that is lost on the way is left out. While the system has no descriptor or
    /// memory for another one, that is said once; a blocking listener then waits, and a
    /// non-blocking one sleeps for some milliseconds, since the client that waits keeps it
    /// readable. A loop to copy sleeps nowhere, and has a [`Listener`](crate::Listener).
    ///
    /// # Errors
    /// `WouldBlock` (Python's BlockingIOError) on a non-blocking listener when there is no client
    /// to take; those of accept(2) after which it will never accept again, with the name of the
    /// call.
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
                return Err(ErrorKind::WouldBlock.into());
            }
        }
    }

    /// Whether the last [`accept`](Socket::accept) left a client waiting for want of a descriptor
    /// or of memory: a server that is told of each client only once has to ask again.
    pub fn is_short(&self) -> bool {
        self.0.shortage.lasts()
    }

    /// `connect((host, port))`.
    ///
    /// # Errors
    /// Those of connect(2), with the address: `connect 127.0.0.1:8888: Connection refused`, and how
    /// the server is started.
    pub fn connect(&self, addr: SocketAddrV4) -> anyhow::Result<()> {
        let connect = || sys::connect(self.stream()?.as_fd(), addr);
        let advise = |error| advise_connect(error, addr);
        connect().map_err(advise).with_context(|| format!("connect {addr}"))?;
        self.set_peer(addr);
        Ok(())
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

    /// Sends `data` behind what is still unsent, and keeps what the kernel does not take for the
    /// next `write` or [`drain`](Socket::drain), as `write` of asyncio's streams does.
    ///
    /// # Errors
    /// Those of [`send`](Socket::send), except `WouldBlock`.
    pub fn write(&self, data: &[u8]) -> io::Result<()> {
        self.unsent().extend_from_slice(data);
        self.drain()
    }

    /// Sends what is unsent, as far as the kernel takes it; on a blocking socket that is all.
    ///
    /// # Errors
    /// Those of [`send`](Socket::send), except `WouldBlock`.
    pub fn drain(&self) -> io::Result<()> {
        let mut unsent = self.unsent();
        while !unsent.is_empty() {
            match self.send(&unsent) {
                Ok(sent) => drop(unsent.drain(..sent)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Whether the kernel has not taken all that was given to [`write`](Socket::write).
    pub fn is_owed(&self) -> bool {
        !self.unsent().is_empty()
    }

    /// `close()`: for every handle of this socket; calls of another thread that wait on it end
    /// first.
    pub fn close(&self) {
        self.locked_stream().take();
    }

    /// `detach()`: std's face of this socket, which from now on owns it: no handle of it is open
    /// any more. A server that measures what its model costs reads and writes there, into a buffer
    /// of its own.
    ///
    /// # Errors
    /// EBADF if it is closed; those of fcntl(2) where another thread is in a call on it.
    pub fn detach(self) -> io::Result<TcpStream> {
        let stream = self.stream()?;
        self.close();
        Arc::try_unwrap(stream).or_else(|shared| shared.try_clone())
    }

    /// Whether nobody has called [`close`](Socket::close).
    pub fn is_open(&self) -> bool {
        self.locked_stream().is_some()
    }

    /// Ends this socket's part in a server after an error of it: a client is said to be lost, and
    /// closed. `WouldBlock` is no error: there is nothing to do now.
    ///
    /// # Errors
    /// The error, if this is the listener: without it the server cannot go on.
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

    /// `getpeername()`: the client's address, as accept gave it; `0.0.0.0:0` on a listener.
    ///
    /// Python asks the kernel, which forgets it with a reset: there the listings' `print` raises.
    pub fn getpeername(&self) -> SocketAddrV4 {
        self.0.peer.get().copied().unwrap_or(NOWHERE)
    }

    fn set_peer(&self, peer: SocketAddrV4) {
        self.0.peer.get_or_init(|| peer);
    }

    fn blocks(&self) -> bool {
        self.0.blocks.load(Ordering::Relaxed)
    }

    /// The open socket; a call that waits keeps it open, and holds no lock.
    pub(crate) fn stream(&self) -> io::Result<Arc<TcpStream>> {
        let closed = || io::Error::from_raw_os_error(libc::EBADF);
        self.locked_stream().clone().ok_or_else(closed)
    }

    fn locked_stream(&self) -> MutexGuard<'_, Option<Arc<TcpStream>>> {
        self.0.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unsent(&self) -> MutexGuard<'_, Vec<u8>> {
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

/// Takes an empty read for the end of its client, where the listing takes it for a message.
///
/// # Errors
/// `UnexpectedEof`, if there is no data.
pub fn unless_ended(data: Vec<u8>) -> io::Result<Vec<u8>> {
    if data.is_empty() {
        return Err(io::Error::new(ErrorKind::UnexpectedEof, "closed by the client"));
    }
    Ok(data)
}

/// Takes a reset or a broken pipe for the end of the connection: to `recv` then nothing was left to
/// read, and to `send` nothing was taken.
///
/// # Errors
/// Every other error, as it is.
pub fn reset_as_end<T: Default>(error: io::Error) -> io::Result<T> {
    match error.kind() {
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => Ok(T::default()),
        _ => Err(error),
    }
}

/// What a client does with what `recv` gives: `None`, and a line that says so, once the server has
/// closed the connection or reset it.
///
/// # Errors
/// Every other error of `recv`, as it is.
pub fn unless_gone(received: io::Result<Vec<u8>>) -> io::Result<Option<Vec<u8>>> {
    let data = received.or_else(reset_as_end)?;
    if data.is_empty() {
        say!("the server closed the connection");
        return Ok(None);
    }
    Ok(Some(data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detached_socket_is_the_same_one_and_its_handles_are_closed() {
        let (client, conn) = pair();
        let handle = conn.clone();
        let number = conn.fileno();
        let mut stream = conn.detach().unwrap();
        assert_eq!(stream.as_raw_fd(), number);
        assert!(!handle.is_open());
        client.sendall(b"hello").unwrap();
        let mut data = [0; 5];
        stream.read_exact(&mut data).unwrap();
        assert_eq!(&data, b"hello");
    }

    fn listener() -> Socket {
        let server = Socket::new().unwrap();
        server.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        server.listen(DEFAULT_BACKLOG).unwrap();
        server
    }

    fn pair() -> (Socket, Socket) {
        let server = listener();
        let client = Socket::new().unwrap();
        client.connect(server.getsockname()).unwrap();
        let (conn, addr) = server.accept().unwrap();
        assert_eq!(addr, client.getsockname());
        (client, conn)
    }

    #[test]
    fn what_one_side_sends_the_other_receives() {
        let (client, conn) = pair();
        client.sendall(b"hello").unwrap();
        assert_eq!(conn.recv(4).unwrap(), b"hell");
        assert_eq!(conn.recv(1024).unwrap(), b"o");
        client.close();
        assert_eq!(conn.recv(1024).unwrap(), b"");
    }

    #[test]
    fn close_closes_every_handle() {
        let (client, conn) = pair();
        let other = conn.clone();
        assert!(other == conn && other != client);
        conn.close();
        assert!(!other.is_open());
        assert_eq!(other.fileno(), -1);
        let error = other.recv(1).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EBADF));
        assert_eq!(client.recv(1).unwrap(), b"");
    }

    #[test]
    fn what_the_kernel_does_not_take_is_kept_in_order() {
        let (client, conn) = pair();
        conn.setblocking(false).unwrap();
        let data: Vec<u8> = (0..16 * 1024 * 1024u32).map(|n| n as u8).collect();
        let (first, rest) = data.split_at(data.len() - 5);
        conn.write(first).unwrap();
        assert!(conn.is_owed());
        conn.write(rest).unwrap();
        let mut received = Vec::new();
        while received.len() < data.len() {
            received.extend(client.recv(1024 * 1024).unwrap());
            conn.drain().unwrap();
        }
        assert!(received == data && !conn.is_owed());
    }

    #[test]
    fn an_error_closes_a_client_and_ends_a_listener() {
        let (_client, conn) = pair();
        conn.close_on(ErrorKind::WouldBlock.into()).unwrap();
        assert!(conn.is_open());
        conn.close_on(ErrorKind::ConnectionReset.into()).unwrap();
        assert!(!conn.is_open());
        let error = listener().close_on(ErrorKind::InvalidInput.into());
        assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    #[test]
    fn a_client_takes_an_empty_read_and_a_reset_for_the_end() {
        assert_eq!(unless_gone(Ok(b"x".to_vec())).unwrap().unwrap(), b"x");
        assert!(unless_gone(Ok(Vec::new())).unwrap().is_none());
        let reset = || Err(ErrorKind::ConnectionReset.into());
        assert!(unless_gone(reset()).unwrap().is_none());
        let other = unless_gone(Err(ErrorKind::TimedOut.into()));
        assert_eq!(other.unwrap_err().kind(), ErrorKind::TimedOut);
    }

    #[test]
    fn an_empty_read_is_the_end_and_nothing_else_is() {
        assert_eq!(unless_ended(b"x".to_vec()).unwrap(), b"x");
        let error = unless_ended(Vec::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_nonblocking_socket_says_that_it_would_block() {
        let server = listener();
        server.setblocking(false).unwrap();
        assert_eq!(server.accept().map(drop).unwrap_err().kind(), ErrorKind::WouldBlock);
        let (_client, conn) = pair();
        conn.setblocking(false).unwrap();
        assert_eq!(conn.recv(1).unwrap_err().kind(), ErrorKind::WouldBlock);
    }

    #[test]
    fn an_address_in_use_is_named() {
        let server = listener();
        let addr = server.getsockname();
        let error = Socket::new().unwrap().bind(addr).unwrap_err();
        let in_use = io::Error::from_raw_os_error(libc::EADDRINUSE);
        assert_eq!(format!("{error:#}"), format!("bind {addr}: {in_use}"));
    }

    #[test]
    fn two_listeners_share_a_port_where_both_say_so() {
        let (first, second) = (Socket::new().unwrap(), Socket::new().unwrap());
        first.set_reuseport(true).unwrap();
        first.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        first.listen_unsaid(1).unwrap();
        second.bind(first.getsockname()).unwrap_err();
        let second = Socket::new().unwrap();
        second.set_reuseport(true).unwrap();
        second.bind(first.getsockname()).unwrap();
        second.listen_unsaid(1).unwrap();
    }

    #[test]
    fn a_reset_and_a_broken_pipe_are_the_end_and_nothing_else_is() {
        for kind in [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe] {
            assert_eq!(reset_as_end::<Vec<u8>>(kind.into()).unwrap(), b"");
        }
        let other = reset_as_end::<usize>(ErrorKind::WouldBlock.into());
        assert_eq!(other.unwrap_err().kind(), ErrorKind::WouldBlock);
    }

    #[test]
    fn a_socket_prints_its_addresses() {
        let (client, conn) = pair();
        let (ours, theirs) = (conn.getsockname(), client.getsockname());
        assert_eq!(
            conn.to_string(),
            format!("<socket fd={}, laddr={ours}, raddr={theirs}>", conn.fileno())
        );
        assert!(!Socket::new().unwrap().to_string().contains("raddr"));
    }
}
