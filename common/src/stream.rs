//! A client's connection, for the models.

use std::io::{self, Read, Write};
use std::mem;
use std::net::{Shutdown, SocketAddrV4, TcpStream};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use crate::interrupted::uninterrupted;
use crate::socket::unless_blocked;
use crate::sys;
use crate::unsent::Unsent;

/// A connection that a [`Listener`](crate::Listener) accepted. It never blocks. It reads into the
/// caller's buffer, and allocates only for bytes that the kernel does not take.
pub struct Stream {
    conn: Conn,
    peer: SocketAddrV4,
    unsent: Unsent,
}

/// The socket, and what its last writes found.
struct Conn {
    socket: TcpStream,
    /// A write has found the socket full, and no room was reported since.
    full: bool,
    /// The kernel has taken bytes since [`Stream::take_progress`].
    progress: bool,
}

impl Stream {
    /// A socket that does not block, and its client's address.
    pub(crate) fn new(socket: OwnedFd, peer: SocketAddrV4) -> Stream {
        let conn = Conn { socket: socket.into(), full: false, progress: true };
        Stream { conn, peer, unsent: Unsent::default() }
    }

    /// The client's address.
    pub fn peer(&self) -> SocketAddrV4 {
        self.peer
    }

    /// Reads what is there, as far as `buffer` has room. Zero bytes are the end of the stream;
    /// `None` says that there is nothing now.
    ///
    /// # Errors
    /// Those of recv(2), for example ECONNRESET.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        unless_blocked(uninterrupted(|| self.conn.socket.read(buffer)))
    }

    /// Sends `data` after what is unsent, and keeps what the kernel does not take.
    ///
    /// # Errors
    /// Those of send(2), for example EPIPE.
    pub fn write(&mut self, data: &[u8]) -> io::Result<()> {
        self.unsent.write(data, |data| self.conn.send(data))
    }

    /// Sends what is unsent, if there is room.
    ///
    /// # Errors
    /// Those of send(2), for example EPIPE.
    pub fn flush(&mut self) -> io::Result<()> {
        self.unsent.flush(|data| self.conn.send(data))
    }

    /// How many bytes the kernel has not taken yet.
    pub fn unsent(&self) -> usize {
        self.unsent.len()
    }

    /// Notes a report that the socket has room. A full socket is not written to before.
    pub fn set_writable(&mut self) {
        self.conn.full = false;
    }

    /// Whether the kernel has taken bytes since the last call of this, or since the client came.
    pub fn take_progress(&mut self) -> bool {
        mem::take(&mut self.conn.progress)
    }

    /// Sends what is unsent, and after it the end of the stream. Returns whether the peer's system
    /// has confirmed all of it. Until then it is to be called again: close(2) may lose some.
    ///
    /// # Errors
    /// Those of send(2) and shutdown(2), for example ENOTCONN when the peer is gone.
    pub fn finish(&mut self) -> io::Result<bool> {
        self.set_writable();
        self.flush()?;
        if self.unsent() > 0 {
            return Ok(false);
        }
        self.conn.socket.shutdown(Shutdown::Write)?;
        Ok(sys::unconfirmed(self.as_fd())? == 0)
    }
}

impl Conn {
    /// Sends once; `None` when the socket is full.
    fn send(&mut self, data: &[u8]) -> io::Result<Option<usize>> {
        if self.full {
            return Ok(None);
        }
        let sent = unless_blocked(uninterrupted(|| self.socket.write(data)))?;
        self.full = sent.is_none();
        self.progress |= sent.is_some();
        Ok(sent)
    }
}

/// std's type for the socket, which owns it from here on.
impl From<Stream> for TcpStream {
    fn from(stream: Stream) -> TcpStream {
        stream.conn.socket
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.conn.socket.as_fd()
    }
}

impl AsRawFd for Stream {
    fn as_raw_fd(&self) -> RawFd {
        self.conn.socket.as_raw_fd()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{Accepted, Listener, Socket};

    /// A client, and the server's end of its connection.
    pub(crate) fn pair() -> (Socket, Stream) {
        let server = Socket::new().unwrap();
        server.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let server = Listener::new(server).unwrap();
        server.listen_silently(1).unwrap();
        let client = Socket::new().unwrap();
        client.connect(server.getsockname()).unwrap();
        let Accepted::Client(stream) = server.accept().unwrap() else { panic!("no client") };
        (client, stream)
    }

    fn many_bytes() -> Vec<u8> {
        (0..16 * 1024 * 1024u32).map(|n| n as u8).collect()
    }

    #[test]
    fn a_read_never_waits() {
        let (client, mut stream) = pair();
        assert_eq!(stream.peer(), client.getsockname());
        let mut buffer = [0; 4];
        assert_eq!(stream.read(&mut buffer).unwrap(), None);
        client.sendall(b"hello").unwrap();
        assert_eq!(stream.read(&mut buffer).unwrap(), Some(4));
        assert_eq!(&buffer, b"hell");
        assert_eq!(stream.read(&mut buffer).unwrap(), Some(1));
        client.close();
        assert_eq!(stream.read(&mut buffer).unwrap(), Some(0));
    }

    #[test]
    fn a_full_socket_is_written_to_after_a_report_of_room() {
        let (client, mut stream) = pair();
        let data = many_bytes();
        let (first, rest) = data.split_at(data.len() - 5);
        stream.write(first).unwrap();
        let unsent = stream.unsent();
        assert!(unsent > 0);
        stream.write(rest).unwrap();
        assert_eq!(stream.unsent(), unsent + 5);
        let mut received = client.recv(1024 * 1024).unwrap();
        // No room was reported yet.
        stream.flush().unwrap();
        assert_eq!(stream.unsent(), unsent + 5);
        while received.len() < data.len() {
            stream.set_writable();
            stream.flush().unwrap();
            received.extend(client.recv(1024 * 1024).unwrap());
        }
        assert!(received == data && stream.unsent() == 0);
    }

    #[test]
    fn only_what_the_kernel_takes_is_progress() {
        let (client, mut stream) = pair();
        assert!(stream.take_progress(), "a client that has just come");
        client.sendall(b"hello").unwrap();
        assert_eq!(stream.read(&mut [0; 8]).unwrap(), Some(5));
        assert!(!stream.take_progress());
        stream.write(&many_bytes()).unwrap();
        assert!(stream.take_progress() && stream.unsent() > 0);
        stream.write(b"more").unwrap();
        assert!(!stream.take_progress(), "it is kept until there is room");
    }

    #[test]
    fn a_peer_that_reads_late_gets_all_and_the_end_whatever_it_has_sent() {
        let (client, mut stream) = pair();
        let data = many_bytes();
        stream.write(&data).unwrap();
        client.sendall(b"nobody reads this").unwrap();
        assert!(!stream.finish().unwrap(), "the peer has not read");
        let mut received = Vec::new();
        while received.len() < data.len() {
            received.extend(client.recv(1024 * 1024).unwrap());
            stream.finish().unwrap();
        }
        while !stream.finish().unwrap() {}
        drop(stream);
        assert!(received == data);
        assert_eq!(client.recv(1).unwrap(), b"", "the end, and no reset");
    }
}
