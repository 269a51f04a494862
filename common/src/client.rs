//! A client of an event loop, and its unfinished work.

use std::io;
use std::mem;
use std::net::SocketAddrV4;
use std::os::fd::{AsRawFd, RawFd};

use crate::stream::Stream;
use crate::{Bytes, say};

/// What one read takes at most, in bytes.
pub const BUFFER: usize = 16 * 1024;
/// Reads in a row for one client. Then the others are served, however much it sends.
const BUDGET: usize = 4;
/// A client with more unsent bytes than this is not read from. With the last read that makes
/// 64 KiB.
const UNSENT_LIMIT: usize = 48 * 1024;

/// The bits of poll(2), which are also those of epoll(7) and of O_ASYNC.
const IN: u32 = libc::POLLIN as u32;
const OUT: u32 = libc::POLLOUT as u32;
const BROKEN: u32 = (libc::POLLHUP | libc::POLLERR) as u32;
const STOPS: u32 = (libc::POLLPRI | libc::POLLRDHUP) as u32 | BROKEN;

/// A client that gets back every byte it sends. It is no loop: each loop learns in its own way that
/// a socket is ready, and is told only once. So the client remembers its unfinished work.
pub struct Client {
    conn: Stream,
    /// It was reported as readable, and no read has found it empty since.
    readable: bool,
    /// More may follow a short read: a read stops at an urgent byte, and before the end of the
    /// stream.
    more_follows: bool,
    ended: bool,
    /// It is in the loop's run queue.
    queued: bool,
}

/// What a loop does with a client that was served.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// It waits for the next report.
    Wait,
    /// There is more to read: it stays in the run queue, and the others are served first.
    Again,
    /// It is to be closed; the reason was printed.
    Close,
}

impl Client {
    /// A client that has just come.
    pub fn new(conn: Stream) -> Client {
        Client { conn, readable: false, more_follows: false, ended: false, queued: false }
    }

    /// Remembers a report, which has the bits of poll(2). Returns whether the client is to be put
    /// into the run queue. A report for an earlier client with this descriptor does no harm: a read
    /// finds nothing.
    pub fn note(&mut self, events: u32) -> bool {
        // A second report before the read may be that of the end.
        self.more_follows |= events & STOPS != 0 || self.readable;
        self.readable |= events & (IN | STOPS) != 0 && !self.ended;
        if events & (OUT | BROKEN) != 0 {
            self.conn.set_writable();
        }
        !mem::replace(&mut self.queued, true)
    }

    /// Sends what is unsent. Then it reads and answers until the socket is empty, the budget is
    /// used up, or too much is unsent.
    pub fn serve(&mut self, buffer: &mut [u8]) -> Next {
        self.serve_reads(buffer, BUDGET)
    }

    /// Sends what is unsent, then reads and answers once. The rest is left until the next report.
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
        if self.ended && self.unsent() == 0 {
            say!("{}: closed by the client", self.peer());
            return Next::Close;
        }
        self.queued = self.readable && self.may_read();
        if self.queued { Next::Again } else { Next::Wait }
    }

    fn answer(&mut self, buffer: &mut [u8], reads: usize) -> io::Result<()> {
        self.conn.flush()?;
        for _ in 0..reads {
            if !self.readable || !self.may_read() {
                break;
            }
            match self.conn.read(buffer)? {
                None => (self.readable, self.more_follows) = (false, false),
                Some(0) => (self.readable, self.ended) = (false, true),
                Some(length) => {
                    say!("{} sent {}", self.peer(), Bytes(&buffer[..length]));
                    self.conn.write(&buffer[..length])?;
                    // A read that leaves room in the buffer has emptied the socket (epoll(7)).
                    self.readable = length == buffer.len() || self.more_follows;
                }
            }
        }
        Ok(())
    }

    /// Whether little enough is unsent to read more.
    fn may_read(&self) -> bool {
        self.unsent() <= UNSENT_LIMIT
    }

    /// Whether it is read from when it is readable.
    pub fn is_read_from(&self) -> bool {
        !self.ended && self.may_read()
    }

    /// How many bytes the kernel has not taken yet.
    pub fn unsent(&self) -> usize {
        self.conn.unsent()
    }

    /// Whether the kernel has taken a byte for it since the last call of this, or since it came. A
    /// client that sends nothing makes no progress, and one that never reads makes none.
    pub fn take_progress(&mut self) -> bool {
        self.conn.take_progress()
    }

    /// Sends what is unsent and the end of the stream. Returns whether that is done, or the client
    /// is gone. Until then it is to be called again.
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
    fn a_long_message_takes_more_than_one_budget_and_its_end_closes() {
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
    fn a_client_that_does_not_read_is_not_read_from() {
        let (peer, conn) = pair();
        let (mut client, mut buffer) = (Client::new(conn), [0; BUFFER]);
        peer.setblocking(false).unwrap();
        while client.is_read_from() {
            // It is full as soon as the client is not read from fast enough.
            let _ = peer.send(&[b'x'; BUFFER]);
            client.note(IN);
            client.serve(&mut buffer);
        }
        assert!(client.unsent() > UNSENT_LIMIT && client.unsent() <= UNSENT_LIMIT + BUFFER);
    }
}
