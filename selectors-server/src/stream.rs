//! Sockets for tasks: the calls of a blocking server, each of which lets other tasks run while it
//! waits.

use std::io::{self, Read, Write};
use std::net::{SocketAddrV4, TcpStream};
use std::os::fd::AsRawFd;

use common::Socket;
use mio::Interest;

use crate::readiness::Watched;

/// A socket that listens.
pub struct Listener {
    // Dropped first: it forgets the descriptor that the socket closes.
    watched: Watched,
    socket: Socket,
}

impl Listener {
    /// A socket on which `listen` was called. From now on it does not block.
    ///
    /// # Errors
    /// Those of ioctl(2) and epoll_ctl(2).
    ///
    /// # Panics
    /// If no task calls it.
    pub fn new(socket: Socket) -> io::Result<Listener> {
        socket.setblocking(false)?;
        Ok(Listener { watched: Watched::new(socket.fileno(), Interest::READABLE)?, socket })
    }

    /// The next client and its address. It lives through a shortage of descriptors, as
    /// [`Socket::accept`].
    ///
    /// # Errors
    /// Those of accept(2) after which it will never accept again; that another task accepts.
    pub async fn accept(&self) -> io::Result<(Socket, SocketAddrV4)> {
        let accept = || {
            let accepted = self.socket.accept();
            if self.socket.is_short() {
                // A client still waits, and no new edge would tell.
                self.watched.watch_again()?;
            }
            accepted
        };
        self.watched.read.call(accept).await
    }
}

/// A connection.
pub struct Connection {
    // Dropped first: it forgets the descriptor that the stream closes.
    watched: Watched,
    stream: TcpStream,
}

impl Connection {
    /// A socket that was accepted. From now on it does not block, and sends at once what it is
    /// given (TCP_NODELAY, tcp(7)).
    ///
    /// # Errors
    /// Those of ioctl(2), setsockopt(2) and epoll_ctl(2), for example ENOSPC.
    ///
    /// # Panics
    /// If no task calls it.
    pub fn new(socket: Socket) -> io::Result<Connection> {
        let stream = socket.detach()?;
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        let interest = Interest::READABLE | Interest::WRITABLE | Interest::PRIORITY;
        Ok(Connection { watched: Watched::new(stream.as_raw_fd(), interest)?, stream })
    }

    /// What comes next, at most as much as `buffer` holds; nothing means that the peer closed its
    /// sending side.
    ///
    /// # Errors
    /// Those of recv(2), for example `ConnectionReset`; that another task receives from it.
    pub async fn recv<'a>(&self, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
        let length = self.watched.read.call(|| (&self.stream).read(buffer)).await?;
        if length < buffer.len() && !self.watched.has_more.get() {
            // The next recv would be in vain: what comes later is reported.
            self.watched.read.is_used_up();
        }
        Ok(&buffer[..length])
    }

    /// Sends as many of the bytes as there is room for, at least one.
    ///
    /// # Errors
    /// Those of send(2), for example `BrokenPipe`; that another task sends to it.
    pub async fn send(&self, data: &[u8]) -> io::Result<usize> {
        self.watched.write.call(|| (&self.stream).write(data)).await
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
