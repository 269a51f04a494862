//! A connection whose two ends this process holds.

use std::net::{Ipv4Addr, TcpListener, TcpStream};

use anyhow::{Context, Result};

use crate::harness::client::DEADLINE;

/// Connects two sockets over the loopback interface. What one of them is given leaves at once, and
/// a read that waits for [`DEADLINE`] fails.
///
/// # Errors
/// When the kernel refuses a socket.
pub fn connection() -> Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("listen")?;
    let addr = listener.local_addr().context("ask where it listens")?;
    let client = TcpStream::connect(addr).context("connect")?;
    let (server, _) = listener.accept().context("accept")?;
    for end in [&client, &server] {
        end.set_nodelay(true).context("TCP_NODELAY")?;
        end.set_read_timeout(Some(DEADLINE)).context("a deadline")?;
    }
    Ok((client, server))
}
