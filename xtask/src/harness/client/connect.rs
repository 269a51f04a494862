//! The ways to connect.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use super::{Client, deadline, lost};
use crate::harness::outcome::Outcome;

/// In bytes; the kernel takes a larger one where this is below its own limit (tcp(7), socket(7)).
const SMALL_BUFFER: usize = 4096;
const SMALL_SEGMENT: u32 = 536;
const ETHERNET_SEGMENT: u32 = 1448;

impl Client {
    /// Connects to a server.
    ///
    /// # Errors
    /// When the connection is not there within [`DEADLINE`](crate::harness::client::DEADLINE).
    pub fn connect(server: SocketAddr) -> Outcome<Client> {
        Client::connect_within(server, deadline())
    }

    /// Connects to a server, and waits no longer than `deadline` for that and for anything that it
    /// says.
    ///
    /// # Errors
    /// When the connection is not there within `deadline`.
    pub fn connect_within(server: SocketAddr, deadline: Duration) -> Outcome<Client> {
        TcpStream::connect_timeout(&server, deadline)
            .and_then(|stream| Client::new(stream, deadline))
            .or_else(|error| lost("a connection", &error, deadline))
    }

    /// Connects to a server with buffers as small as the kernel allows, on both sides: what the
    /// server sends waits there for this client to read, and not in the kernel.
    ///
    /// # Errors
    /// When the connection is not there within [`DEADLINE`](crate::harness::client::DEADLINE).
    pub fn connect_with_little_room(server: SocketAddr) -> Outcome<Client> {
        Client::connect_small(server, SMALL_SEGMENT, Some(SMALL_BUFFER))
    }

    /// The same with segments of an Ethernet and a send buffer as usual: it can send much before it
    /// reads.
    ///
    /// # Errors
    /// Those of [`connect`](Client::connect).
    pub fn connect_with_little_room_to_read(server: SocketAddr) -> Outcome<Client> {
        Client::connect_small(server, ETHERNET_SEGMENT, None)
    }

    fn connect_small(
        server: SocketAddr,
        segment: u32,
        send_buffer: Option<usize>,
    ) -> Outcome<Client> {
        let connect = || {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
            // Both fix what the connection's beginning announces, and the server's kernel sizes its
            // buffers by segments.
            socket.set_recv_buffer_size(SMALL_BUFFER)?;
            socket.set_tcp_mss(segment)?;
            send_buffer.map_or(Ok(()), |size| socket.set_send_buffer_size(size))?;
            socket.connect_timeout(&server.into(), deadline())?;
            Client::new(socket.into(), deadline())
        };
        connect().or_else(|error| lost("a connection", &error, deadline()))
    }

    fn new(stream: TcpStream, deadline: Duration) -> io::Result<Client> {
        stream.set_read_timeout(Some(deadline))?;
        stream.set_write_timeout(Some(deadline))?;
        stream.set_nodelay(true)?;
        let addr = stream.local_addr()?;
        Ok(Client { stream, addr, deadline, server: None, sent: Mutex::default() })
    }
}
