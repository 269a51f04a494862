//! Python's `socket.socket`.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use anyhow::Context;

use crate::interrupted::uninterrupted;
use crate::sys;

/// What Python's `listen()` takes when it is given nothing: the smaller of 128 and SOMAXCONN.
pub const DEFAULT_BACKLOG: i32 = 128;

const NOWHERE: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);

/// A TCP socket over IPv4 with the methods that the listings call, under Python's names.
///
/// As in Python, one type is listener and connection, so both fit into the same list, and a call that a
/// signal interrupts is made again (PEP 475). Dropping the socket closes it.
pub struct Socket {
    /// std's face of a socket; before `connect` or `accept` it is not a stream yet.
    inner: TcpStream,
    peer: SocketAddrV4,
}

impl Socket {
    /// `socket.socket()`: a new TCP socket over IPv4, blocking.
    ///
    /// # Errors
    /// Those of socket(2), as EMFILE.
    pub fn new() -> io::Result<Socket> {
        Ok(Socket {
            inner: TcpStream::from(sys::socket()?),
            peer: NOWHERE,
        })
    }

    /// `setsockopt(SOL_SOCKET, SO_REUSEADDR, on)`: lets a restart bind a port that still has connections in
    /// TIME_WAIT (socket(7)).
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn set_reuseaddr(&self, on: bool) -> io::Result<()> {
        sys::set_reuseaddr(self.as_fd(), on)
    }

    /// `bind((host, port))`; port 0 lets the kernel choose.
    ///
    /// # Errors
    /// Those of bind(2), with the address: `bind 127.0.0.1:8888: Address already in use`.
    pub fn bind(&self, addr: SocketAddrV4) -> anyhow::Result<()> {
        sys::bind(self.as_fd(), addr).with_context(|| format!("bind {addr}"))
    }

    /// `listen(backlog)`: how many connections that nobody accepted yet may wait (listen(2)).
    ///
    /// # Errors
    /// Those of listen(2), with the address.
    pub fn listen(&self, backlog: i32) -> anyhow::Result<()> {
        sys::listen(self.as_fd(), backlog)
            .with_context(|| format!("listen on {}", self.getsockname()))
    }

    /// `accept()`: the next client and its address. The new socket is blocking: Linux does not pass
    /// O_NONBLOCK on (accept(2)).
    ///
    /// # Errors
    /// Those of accept(2); [`AcceptFailures`](crate::AcceptFailures) knows which a server lives through.
    pub fn accept(&self) -> io::Result<(Socket, SocketAddrV4)> {
        let (fd, peer) = uninterrupted(|| sys::accept(self.as_fd()))?;
        let conn = Socket {
            inner: TcpStream::from(fd),
            peer,
        };
        Ok((conn, peer))
    }

    /// `connect((host, port))`.
    ///
    /// # Errors
    /// Those of connect(2), with the address: `connect 127.0.0.1:8888: Connection refused`.
    pub fn connect(&mut self, addr: SocketAddrV4) -> anyhow::Result<()> {
        sys::connect(self.as_fd(), addr).with_context(|| format!("connect {addr}"))?;
        self.peer = addr;
        Ok(())
    }

    /// `setblocking(flag)`.
    ///
    /// # Errors
    /// Those of ioctl(2) with FIONBIO.
    pub fn setblocking(&self, flag: bool) -> io::Result<()> {
        self.inner.set_nonblocking(!flag)
    }

    /// `recv(bufsize)`: at most `bufsize` bytes; none means that the peer closed its sending side.
    ///
    /// # Errors
    /// `WouldBlock` (Python's BlockingIOError) on a non-blocking socket with nothing to read;
    /// `ConnectionReset` after a reset; others of recv(2).
    pub fn recv(&self, bufsize: usize) -> io::Result<Vec<u8>> {
        let mut data = vec![0; bufsize];
        let length = uninterrupted(|| (&self.inner).read(&mut data))?;
        data.truncate(length);
        Ok(data)
    }

    /// `send(data)`: how many of the bytes the kernel took, which may be fewer than there are.
    ///
    /// # Errors
    /// `WouldBlock` (Python's BlockingIOError) when a non-blocking socket has no room; `BrokenPipe` or
    /// `ConnectionReset` when the peer is gone; others of send(2).
    pub fn send(&self, data: &[u8]) -> io::Result<usize> {
        uninterrupted(|| (&self.inner).write(data))
    }

    /// `sendall(data)`: all of the bytes, waiting for room; for blocking sockets.
    ///
    /// # Errors
    /// Those of [`send`](Socket::send).
    pub fn sendall(&self, data: &[u8]) -> io::Result<()> {
        (&self.inner).write_all(data)
    }

    /// `fileno()`: the descriptor's number.
    pub fn fileno(&self) -> RawFd {
        self.inner.as_raw_fd()
    }

    /// `getsockname()`: this side's address; `0.0.0.0:0` before `bind`.
    pub fn getsockname(&self) -> SocketAddrV4 {
        match self.inner.local_addr() {
            Ok(SocketAddr::V4(addr)) => addr,
            _ => NOWHERE,
        }
    }

    /// `getpeername()`: the client's address, as accept gave it; `0.0.0.0:0` on a listener.
    ///
    /// Python asks the kernel, which forgets it with a reset: there the listings' `print` raises.
    pub fn getpeername(&self) -> SocketAddrV4 {
        self.peer
    }
}

impl AsRawFd for Socket {
    fn as_raw_fd(&self) -> RawFd {
        self.fileno()
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// Python's `is`: two open sockets never share a descriptor.
impl PartialEq for Socket {
    fn eq(&self, other: &Socket) -> bool {
        self.fileno() == other.fileno()
    }
}

impl Eq for Socket {}

/// `recv` for std's buffered readers.
impl Read for &Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&self.inner).read(buffer)
    }
}

/// How Python prints a socket: `<socket fd=4, laddr=127.0.0.1:9999, raddr=127.0.0.1:58702>`.
impl fmt::Display for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<socket fd={}, laddr={}",
            self.fileno(),
            self.getsockname()
        )?;
        if self.peer != NOWHERE {
            write!(f, ", raddr={}", self.peer)?;
        }
        f.write_str(">")
    }
}

/// Takes a reset or a broken pipe for the end of the connection: to `recv` then nothing was left to read, and
/// to `send` nothing was taken.
///
/// For programs with a single connection: `sk.recv(1024).or_else(reset_as_end)?`.
///
/// # Errors
/// Every other error, as it is.
pub fn reset_as_end<T: Default>(error: io::Error) -> io::Result<T> {
    match error.kind() {
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => Ok(T::default()),
        _ => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listener() -> Socket {
        let server = Socket::new().unwrap();
        server.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        server.listen(DEFAULT_BACKLOG).unwrap();
        server
    }

    fn pair() -> (Socket, Socket) {
        let server = listener();
        let mut client = Socket::new().unwrap();
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
        drop(client);
        assert_eq!(conn.recv(1024).unwrap(), b"");
    }

    #[test]
    fn a_nonblocking_socket_says_that_it_would_block() {
        let server = listener();
        server.setblocking(false).unwrap();
        assert_eq!(
            server.accept().map(drop).unwrap_err().kind(),
            ErrorKind::WouldBlock
        );
        let (_client, conn) = pair();
        conn.setblocking(false).unwrap();
        assert_eq!(conn.recv(1).unwrap_err().kind(), ErrorKind::WouldBlock);
    }

    #[test]
    fn an_address_in_use_is_named() {
        let server = listener();
        let addr = server.getsockname();
        let error = Socket::new().unwrap().bind(addr).unwrap_err();
        assert_eq!(
            format!("{error:#}"),
            format!("bind {addr}: Address already in use (os error 98)")
        );
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
            format!(
                "<socket fd={}, laddr={ours}, raddr={theirs}>",
                conn.fileno()
            )
        );
        assert!(!Socket::new().unwrap().to_string().contains("raddr"));
    }
}
