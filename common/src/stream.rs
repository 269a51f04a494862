//! A client's connection, for the models that are measured.

use std::io::{self, ErrorKind, Read, Write};
use std::mem;
use std::net::{Shutdown, SocketAddrV4, TcpStream};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use crate::interrupted::uninterrupted;
use crate::sys;

/// A connection that a [`Listener`](crate::Listener) gave: it never blocks, and costs no more than
/// it must. A read goes into a buffer of the caller's, and what the kernel does not take is kept in
/// memory that is there only as long.
pub struct Stream {
    conn: TcpStream,
    peer: SocketAddrV4,
    unsent: Vec<u8>,
    /// No write has found the socket full since it was said to have room.
    has_room: bool,
    /// The kernel has taken bytes since somebody asked.
    progress: bool,
}

impl Stream {
    /// A socket that does not block, and its client's address.
    pub(crate) fn new(conn: OwnedFd, peer: SocketAddrV4) -> Stream {
        let (unsent, has_room, progress) = (Vec::new(), true, true);
        Stream { conn: conn.into(), peer, unsent, has_room, progress }
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

    /// Sends `data` after what is unsent, and keeps what the kernel does not take.
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
    pub fn find_room(&mut self) {
        self.has_room = true;
    }

    /// Whether the kernel has taken bytes since this was asked last, or since the client came.
    pub fn take_progress(&mut self) -> bool {
        mem::take(&mut self.progress)
    }

    /// Sends what is unsent, and after it the end of the stream. Returns whether the peer's system
    /// has confirmed all of it; until then it is to be called again, and close(2) may lose some.
    ///
    /// # Errors
    /// Those of send(2) and shutdown(2), for example ENOTCONN when the peer is gone.
    pub fn finish(&mut self) -> io::Result<bool> {
        self.has_room = true;
        self.drain()?;
        if self.owed() > 0 {
            return Ok(false);
        }
        self.conn.shutdown(Shutdown::Write)?;
        Ok(sys::unconfirmed(self.conn.as_fd())? == 0)
    }

    /// Sends until the kernel has taken all, or has no more room; returns how much it took.
    fn send(&mut self, data: &[u8]) -> io::Result<usize> {
        let mut sent = 0;
        while self.has_room && sent < data.len() {
            match unless_blocked(uninterrupted(|| self.conn.write(&data[sent..])))? {
                Some(length) => {
                    self.progress = true;
                    sent += length;
                }
                None => self.has_room = false,
            }
        }
        Ok(sent)
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.conn.as_fd()
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
pub(crate) mod tests {
    use super::*;
    use crate::{Accepted, Listener, Socket};

    /// A client, and the server's end of its connection.
    pub(crate) fn pair() -> (Socket, Stream) {
        let server = Socket::new().unwrap();
        server.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let server = Listener::new(server).unwrap();
        server.listen_unsaid(1).unwrap();
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
    fn what_the_kernel_does_not_take_is_kept_in_order_and_its_memory_given_back() {
        let (client, mut stream) = pair();
        let data = many_bytes();
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
            stream.find_room();
            stream.drain().unwrap();
            received.extend(client.recv(1024 * 1024).unwrap());
        }
        assert!(received == data && stream.owed() == 0);
        assert_eq!(stream.unsent.capacity(), 0);
    }

    #[test]
    fn only_what_the_kernel_takes_is_progress() {
        let (client, mut stream) = pair();
        assert!(stream.take_progress(), "a client that has just come");
        client.sendall(b"hello").unwrap();
        assert_eq!(stream.read(&mut [0; 8]).unwrap(), Some(5));
        assert!(!stream.take_progress());
        stream.write(&many_bytes()).unwrap();
        assert!(stream.take_progress() && stream.owed() > 0);
        stream.find_room();
        stream.write(b"more").unwrap();
        assert!(!stream.take_progress(), "the socket is full");
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
