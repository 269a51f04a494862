//! How a socket begins: options, `bind`, `listen`, `connect`.

use std::io;
use std::net::SocketAddrV4;
use std::os::fd::AsFd;
use std::sync::atomic::Ordering;

use anyhow::Context;

use super::Socket;
use crate::console::print_line;
use crate::program::{advise_bind, advise_connect};
use crate::{say, sys};

impl Socket {
    /// `setsockopt(SOL_SOCKET, SO_REUSEADDR, on)`: lets a restart bind a port that still has
    /// connections in TIME_WAIT (socket(7)). [`bind`](Socket::bind) also sets it.
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn set_reuseaddr(&self, on: bool) -> io::Result<()> {
        sys::set_reuseaddr(self.stream()?.as_fd(), on)
    }

    /// `setsockopt(SOL_SOCKET, SO_REUSEPORT, on)`: several sockets of one user that set this before
    /// `bind` can listen on one port. The kernel gives each new client to one of them (socket(7)).
    ///
    /// # Errors
    /// Those of setsockopt(2).
    pub fn set_reuseport(&self, on: bool) -> io::Result<()> {
        sys::set_reuseport(self.stream()?.as_fd(), on)
    }

    /// `bind((host, port))`, with SO_REUSEADDR, as std's `TcpListener` does; port 0 lets the kernel
    /// choose.
    ///
    /// # Errors
    /// Those of bind(2), with the address: `bind 127.0.0.1:8888: Address already in use`, and how
    /// to choose another.
    pub fn bind(&self, addr: SocketAddrV4) -> anyhow::Result<()> {
        let bind = || {
            self.set_reuseaddr(true)?;
            sys::bind(self.stream()?.as_fd(), addr).map_err(advise_bind)
        };
        bind().with_context(|| format!("bind {addr}"))
    }

    /// `listen(backlog)`: up to `backlog` connections may wait to be accepted (listen(2)). Clients
    /// can connect from here on, so it prints `listening on ADDR`, also with `--quiet`. Then it
    /// prints what to type in another terminal.
    ///
    /// # Errors
    /// Those of listen(2), with the address.
    pub fn listen(&self, backlog: i32) -> anyhow::Result<()> {
        self.listen_silently(backlog)?;
        let addr = self.getsockname();
        print_line(format_args!("listening on {addr}"));
        say!("in another terminal: nc {} {}", addr.ip(), addr.port());
        Ok(())
    }

    /// The same without a line, for several listeners on one port: one of them prints the address.
    ///
    /// # Errors
    /// Those of [`listen`](Socket::listen).
    pub fn listen_silently(&self, backlog: i32) -> anyhow::Result<()> {
        let listen = || sys::listen(self.stream()?.as_fd(), backlog);
        listen().with_context(|| format!("listen on {}", self.getsockname()))?;
        self.0.listens.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// `connect((host, port))`.
    ///
    /// # Errors
    /// Those of connect(2), with the address: `connect 127.0.0.1:8888: Connection refused`, and how
    /// the server is started.
    pub fn connect(&self, addr: SocketAddrV4) -> anyhow::Result<()> {
        let connect = || sys::connect(self.stream()?.as_fd(), addr);
        let advise = |error| advise_connect(error, addr);
        connect().map_err(advise).with_context(|| format!("connect {addr}"))?;
        self.set_peer(addr);
        Ok(())
    }
}
