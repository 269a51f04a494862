//! A client of an event loop, and what it is owed.

use std::io;
use std::mem;
use std::net::SocketAddrV4;
use std::os::fd::{AsRawFd, RawFd};

use crate::stream::Stream;
use crate::{Bytes, say};

/// What one read takes at most, in bytes.
pub const BUFFER: usize = 16 * 1024;
/// Reads in a row for one client: then the others are served, however much it sends.
const BUDGET: usize = 4;
/// A client that is owed more bytes than this is not read from: with the last read that makes
/// 64 KiB.
const OWED_LIMIT: usize = 48 * 1024;

/// The bits of poll(2), which epoll(7) and O_ASYNC use, too.
const IN: u32 = libc::POLLIN as u32;
const OUT: u32 = libc::POLLOUT as u32;
const BROKEN: u32 = (libc::POLLHUP | libc::POLLERR) as u32;
const STOPS: u32 = (libc::POLLPRI | libc::POLLRDHUP) as u32 | BROKEN;

/// A client whose every byte is sent back. A loop is told once that something happened to its
/// socket, so the client remembers what is left to do.
pub struct Client {
    conn: Stream,
    /// It was reported, and no read has found it empty since.
    readable: bool,
    /// A read may stop at the end of the stream, or at an urgent byte, and leave what follows.
    stops_short: bool,
    ended: bool,
    /// It is in the loop's run queue.
    queued: bool,
}

/// What a loop does with a client that was served.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// It waits for a report.
    Wait,
    /// There is more to read: it stays in the run queue, and the others are served first.
    Again,
    /// It is closed; why was said.
    Close,
}

impl Client {
    /// A client that has just come.
    pub fn new(conn: Stream) -> Client {
        Client { conn, readable: false, stops_short: false, ended: false, queued: false }
    }

    /// Remembers a report, which has the bits of poll(2); returns whether the client has to be put
    /// into the run queue. A report that was meant for an earlier client with this descriptor does
    /// no harm: a read finds nothing.
    pub fn note(&mut self, events: u32) -> bool {
        // A second report before the read may be that of the end.
        self.stops_short |= events & STOPS != 0 || self.readable;
        self.readable |= events & (IN | STOPS) != 0 && !self.ended;
        if events & (OUT | BROKEN) != 0 {
            self.conn.find_room();
        }
        !mem::replace(&mut self.queued, true)
    }

    /// Sends what is owed, then reads and answers until the socket is empty, the budget is used up,
    /// or too much is owed.
    pub fn serve(&mut self, buffer: &mut [u8]) -> Next {
        self.serve_reads(buffer, BUDGET)
    }

    /// Sends what is owed, then reads and answers once, and leaves the rest until the next report.
    pub fn serve_once(&mut self, buffer: &mut [u8]) -> Next {
        let next = self.serve_reads(buffer, 1);
        (self.readable, self.queued) = (false, false);
        if next == Next::Again { Next::Wait } else { next }
    }

    fn serve_reads(&mut self, buffer: &mut [u8], reads: usize) -> Next {
        if let Err(error) = self.answer(buffer, reads) {
            say!("{}: {error}", self.peer());
            return Next::Close;
        }
        if self.ended && self.owed() == 0 {
            say!("{}: closed by the client", self.peer());
            return Next::Close;
        }
        self.queued = self.readable && self.has_credit();
        if self.queued { Next::Again } else { Next::Wait }
    }

    fn answer(&mut self, buffer: &mut [u8], reads: usize) -> io::Result<()> {
        self.conn.drain()?;
        for _ in 0..reads {
            if !self.readable || !self.has_credit() {
                break;
            }
            match self.conn.read(buffer)? {
                None => (self.readable, self.stops_short) = (false, false),
                Some(0) => (self.readable, self.ended) = (false, true),
                Some(length) => {
                    say!("{} sent {}", self.peer(), Bytes(&buffer[..length]));
                    self.conn.write(&buffer[..length])?;
                    // A read that leaves room in the buffer has emptied the socket (epoll(7)).
                    self.readable = length == buffer.len() || self.stops_short;
                }
            }
        }
        Ok(())
    }

    /// Whether so little is owed that more is read.
    fn has_credit(&self) -> bool {
        self.owed() <= OWED_LIMIT
    }

    /// Whether more is read from it, once there is some.
    pub fn is_read_from(&self) -> bool {
        !self.ended && self.has_credit()
    }

    /// How many bytes the kernel has not taken yet.
    pub fn owed(&self) -> usize {
        self.conn.owed()
    }

    /// Whether the kernel has taken a byte for it since this was asked last, or since it came. One
    /// that says nothing makes no progress, nor does one that never reads.
    pub fn take_progress(&mut self) -> bool {
        self.conn.take_progress()
    }

    /// Sends what is owed and the end of the stream; returns whether that is done, or there is
    /// nobody any more. Until then it is to be called again.
    pub fn finish(&mut self) -> bool {
        self.conn.finish().unwrap_or(true)
    }

    /// The client's address.
    pub fn peer(&self) -> SocketAddrV4 {
        self.conn.peer()
    }

    /// The descriptor's number.
    pub fn fileno(&self) -> RawFd {
        self.conn.as_raw_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::tests::pair;

    #[test]
    fn a_long_message_takes_more_than_one_turn_and_its_end_closes() {
        let (peer, conn) = pair();
        let (mut client, mut buffer) = (Client::new(conn), [0; 1024]);
        let message = vec![b'x'; buffer.len() * (BUDGET + 1)];
        peer.sendall(&message).unwrap();
        assert!(client.note(IN) && !client.note(OUT), "it is queued once");
        assert_eq!(client.serve(&mut buffer), Next::Again);
        assert_eq!(client.serve(&mut buffer), Next::Wait);
        assert!(client.note(IN), "it has left the queue");
        assert_eq!(client.serve_once(&mut buffer), Next::Wait);
        let mut received = Vec::new();
        while received.len() < message.len() {
            received.extend(peer.recv(message.len()).unwrap());
        }
        assert!(received == message);
        peer.close();
        client.note(IN | STOPS);
        assert_eq!(client.serve(&mut buffer), Next::Close);
    }

    #[test]
    fn who_does_not_read_is_not_read_from() {
        let (peer, conn) = pair();
        let (mut client, mut buffer) = (Client::new(conn), [0; BUFFER]);
        peer.setblocking(false).unwrap();
        while client.is_read_from() {
            // It is full as soon as the client is not read from fast enough.
            let _ = peer.send(&[b'x'; BUFFER]);
            client.note(IN);
            client.serve(&mut buffer);
        }
        assert!(client.owed() > OWED_LIMIT && client.owed() <= OWED_LIMIT + BUFFER);
    }
}
