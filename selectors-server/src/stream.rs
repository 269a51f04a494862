//! Sockets for tasks: the calls of a blocking server, each of which lets other tasks run while it
//! waits.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsRawFd;

use common::{Accepted, SHORTAGE, Stream};
use mio::Interest;

use crate::executor::sleep;
use crate::watched::Watched;

/// A socket that listens.
pub struct Listener {
    // Dropped first: the executor forgets the descriptor before it is closed.
    watched: Watched,
    listener: common::Listener,
}

impl Listener {
    /// A listener on which `listen` was called.
    ///
    /// # Errors
    /// Those of epoll_ctl(2).
    ///
    /// # Panics
    /// If no task calls it.
    pub fn new(listener: common::Listener) -> io::Result<Listener> {
        Ok(Listener { watched: Watched::new(listener.fileno(), Interest::READABLE)?, listener })
    }

    /// The next client. In a shortage of descriptors only the task that calls this sleeps.
    ///
    /// # Errors
    /// Those of accept(2) after which it will never accept again; that another task accepts.
    pub async fn accept(&self) -> io::Result<Stream> {
        loop {
            match self.watched.read(|| self.listener.accept()).await? {
                Accepted::Client(client) => return Ok(client),
                Accepted::Nobody => self.watched.note_empty(),
                Accepted::Short => sleep(SHORTAGE).await,
            }
        }
    }
}

/// A connection.
pub struct Connection {
    // Dropped first: the executor forgets the descriptor before it is closed.
    watched: Watched,
    stream: TcpStream,
}

impl Connection {
    /// A client that was accepted.
    ///
    /// # Errors
    /// Those of epoll_ctl(2), for example ENOSPC.
    ///
    /// # Panics
    /// If no task calls it.
    pub fn new(client: Stream) -> io::Result<Connection> {
        let stream = TcpStream::from(client);
        let interest = Interest::READABLE | Interest::WRITABLE | Interest::PRIORITY;
        Ok(Connection { watched: Watched::new(stream.as_raw_fd(), interest)?, stream })
    }

    /// What comes next, at most as much as `buffer` holds. Nothing means that the peer has closed
    /// its side.
    ///
    /// # Errors
    /// Those of recv(2), for example `ConnectionReset`; that another task receives from it.
    pub async fn recv<'a>(&self, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
        let length = self.watched.read(|| (&self.stream).read(buffer)).await?;
        if length < buffer.len() {
            self.watched.note_short_read();
        }
        Ok(&buffer[..length])
    }

    /// Sends as many of the bytes as there is room for, at least one.
    ///
    /// # Errors
    /// Those of send(2), for example `BrokenPipe`; that another task sends to it.
    pub async fn send(&self, data: &[u8]) -> io::Result<usize> {
        self.watched.write(|| (&self.stream).write(data)).await
    }

    /// Sends all of the bytes.
    ///
    /// # Errors
    /// Those of [`send`](Connection::send).
    pub async fn sendall(&self, mut data: &[u8]) -> io::Result<()> {
        while !data.is_empty() {
            let sent = self.send(data).await?;
            data = &data[sent..];
        }
        Ok(())
    }
}
