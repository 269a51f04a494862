//! A client's connection, for the models that are measured.

use std::io::{self, ErrorKind, Read, Write};
use std::mem;
use std::net::{SocketAddrV4, TcpStream};
use std::os::fd::{AsRawFd, RawFd};

use crate::Socket;
use crate::interrupted::uninterrupted;

/// A connection that never waits, and costs no more than it must: a read goes into a buffer of the
/// caller's, a short answer is sent at once (TCP_NODELAY, tcp(7)), and what the kernel does not
/// take is kept in memory that is there only as long.
pub struct Stream {
    conn: TcpStream,
    peer: SocketAddrV4,
    unsent: Vec<u8>,
    /// No write has found the socket full since it was said to have room.
    has_room: bool,
}

impl Stream {
    /// A connection that [`accept`](Socket::accept) gave.
    ///
    /// # Errors
    /// Those of setsockopt(2) and of [`detach`](Socket::detach).
    pub fn new(conn: Socket) -> io::Result<Stream> {
        let peer = conn.getpeername();
        let conn = conn.detach()?;
        conn.set_nonblocking(true)?;
        conn.set_nodelay(true)?;
        Ok(Stream { conn, peer, unsent: Vec::new(), has_room: true })
    }

    /// The client's address.
    pub fn peer(&self) -> SocketAddrV4 {
        self.peer
    }

    /// Reads what is there, as far as `buffer` has room; zero bytes are the end of the stream, and
    /// `None` says that there is nothing now.
    ///
    /// # Errors
    /// Those of recv(2), for example ECONNRESET.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        unless_blocked(uninterrupted(|| self.conn.read(buffer)))
    }

    /// Sends `data` behind what is unsent, and keeps what the kernel does not take.
    ///
    /// # Errors
    /// Those of send(2), for example EPIPE.
    pub fn write(&mut self, data: &[u8]) -> io::Result<()> {
        let sent = if self.unsent.is_empty() { self.send(data)? } else { 0 };
        self.unsent.extend_from_slice(&data[sent..]);
        Ok(())
    }

    /// Sends what is unsent, if there is room.
    ///
    /// # Errors
    /// Those of send(2), for example EPIPE.
    pub fn drain(&mut self) -> io::Result<()> {
        // Once it is empty its memory is given back: most clients never need any.
        let mut unsent = mem::take(&mut self.unsent);
        let sent = self.send(&unsent)?;
        if sent < unsent.len() {
            unsent.drain(..sent);
            self.unsent = unsent;
        }
        Ok(())
    }

    /// How many bytes the kernel has not taken yet.
    pub fn owed(&self) -> usize {
        self.unsent.len()
    }

    /// Notes that there is room to send again: until then a socket that was full is left alone.
    pub fn has_room(&mut self) {
        self.has_room = true;
    }

    /// Sends until the kernel has taken all, or has no more room; returns how much it took.
    fn send(&mut self, data: &[u8]) -> io::Result<usize> {
        let mut sent = 0;
        while self.has_room && sent < data.len() {
            match unless_blocked(uninterrupted(|| self.conn.write(&data[sent..])))? {
                Some(length) => sent += length,
                None => self.has_room = false,
            }
        }
        Ok(sent)
    }
}

impl AsRawFd for Stream {
    fn as_raw_fd(&self) -> RawFd {
        self.conn.as_raw_fd()
    }
}

fn unless_blocked(moved: io::Result<usize>) -> io::Result<Option<usize>> {
    match moved {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        moved => moved.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (Socket, Stream) {
        let server = Socket::new().unwrap();
        server.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        server.listen(1).unwrap();
        let client = Socket::new().unwrap();
        client.connect(server.getsockname()).unwrap();
        let (conn, _) = server.accept().unwrap();
        (client, Stream::new(conn).unwrap())
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
    fn what_the_kernel_does_not_take_is_kept_in_order_and_its_memory_given_back() {
        let (client, mut stream) = pair();
        let data: Vec<u8> = (0..16 * 1024 * 1024u32).map(|n| n as u8).collect();
        let (first, rest) = data.split_at(data.len() - 5);
        stream.write(first).unwrap();
        let owed = stream.owed();
        assert!(owed > 0);
        stream.write(rest).unwrap();
        assert_eq!(stream.owed(), owed + 5);
        let mut received = client.recv(1024 * 1024).unwrap();
        // Nobody has said yet that there is room.
        stream.drain().unwrap();
        assert_eq!(stream.owed(), owed + 5);
        while received.len() < data.len() {
            stream.has_room();
            stream.drain().unwrap();
            received.extend(client.recv(1024 * 1024).unwrap());
        }
        assert!(received == data && stream.owed() == 0);
        assert_eq!(stream.unsent.capacity(), 0);
    }
}
