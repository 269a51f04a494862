//! A listener, for the models.

use std::io;
use std::net::{SocketAddrV4, TcpStream};
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::sync::Arc;
use std::time::Duration;

use crate::accept::{Refusal, Shortage};
use crate::interrupted::uninterrupted;
use crate::stream::Stream;
use crate::{Socket, sys};

/// How many clients a loop accepts in a row. With more, a burst of new clients would delay the
/// others; with fewer, a burst would take many rounds of the loop.
pub const ACCEPTED_IN_A_ROW: usize = 64;

/// How long a loop does not accept in a shortage of descriptors, unless a client leaves before.
pub const SHORTAGE: Duration = Duration::from_millis(100);

/// A socket that listens and never blocks. A client needs one call to be ready for a loop:
/// accept4(2) makes it non-blocking, and on Linux it inherits TCP_NODELAY and SO_KEEPALIVE.
pub struct Listener {
    socket: Socket,
    stream: Arc<TcpStream>,
    shortage: Shortage,
}

/// What [`Listener::accept`] returns.
pub enum Accepted {
    /// The next client.
    Client(Stream),
    /// No client waits.
    Nobody,
    /// There is no descriptor or no memory for another client; that was printed. A client may wait,
    /// so accept is to be called again after a pause.
    Short,
}

impl Listener {
    /// A socket that is bound, and does not listen yet. To its clients short answers are sent at
    /// once (TCP_NODELAY). A client whose system is gone is noticed after hours (SO_KEEPALIVE).
    ///
    /// # Errors
    /// Those of ioctl(2) and setsockopt(2).
    pub fn new(socket: Socket) -> io::Result<Listener> {
        socket.setblocking(false)?;
        let stream = socket.stream()?;
        stream.set_nodelay(true)?;
        sys::set_keepalive(stream.as_fd(), true)?;
        Ok(Listener { socket, stream, shortage: Shortage::default() })
    }

    /// [`Socket::listen`].
    ///
    /// # Errors
    /// Those of listen(2), with the address.
    pub fn listen(&self, backlog: i32) -> anyhow::Result<()> {
        self.socket.listen(backlog)
    }

    /// [`Socket::listen_silently`].
    ///
    /// # Errors
    /// Those of listen(2), with the address.
    pub fn listen_silently(&self, backlog: i32) -> anyhow::Result<()> {
        self.socket.listen_silently(backlog)
    }

    /// The next client, if one waits. A connection that broke before it was accepted is skipped.
    ///
    /// # Errors
    /// Those of accept(2) after which it will never accept again, with the name of the call.
    pub fn accept(&self) -> io::Result<Accepted> {
        loop {
            match uninterrupted(|| sys::accept(self.stream.as_fd(), libc::SOCK_NONBLOCK)) {
                Ok((conn, peer)) => {
                    self.shortage.ends();
                    return Ok(Accepted::Client(Stream::new(conn, peer)));
                }
                Err(error) => match self.shortage.judge(error)? {
                    Refusal::Nobody => return Ok(Accepted::Nobody),
                    Refusal::Short => return Ok(Accepted::Short),
                    Refusal::Lost => {}
                },
            }
        }
    }

    /// The descriptor's number.
    pub fn fileno(&self) -> RawFd {
        self.stream.as_raw_fd()
    }

    /// The address that it listens on.
    pub fn getsockname(&self) -> SocketAddrV4 {
        self.socket.getsockname()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listener() -> Listener {
        let socket = Socket::new().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = Listener::new(socket).unwrap();
        listener.listen_silently(1).unwrap();
        listener
    }

    #[test]
    fn a_client_is_ready_for_a_loop_after_one_call() {
        let listener = listener();
        assert!(matches!(listener.accept().unwrap(), Accepted::Nobody));
        let _client = TcpStream::connect(listener.getsockname()).unwrap();
        let Accepted::Client(mut conn) = listener.accept().unwrap() else { panic!("no client") };
        assert_eq!(conn.read(&mut [0; 1]).unwrap(), None, "it does not block");
        for (level, option) in
            [(libc::IPPROTO_TCP, libc::TCP_NODELAY), (libc::SOL_SOCKET, libc::SO_KEEPALIVE)]
        {
            let value = sys::option(conn.as_fd(), level, option).unwrap();
            assert_eq!(value, 1, "option {option}");
        }
    }
}
