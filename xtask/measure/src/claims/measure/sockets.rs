//! Connections over the loopback interface, both ends in this process.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;

use anyhow::{Context, Result, bail, ensure};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::claims::claim::Lack;
use xtask::harness::client::DEADLINE;
use xtask::harness::limits::raise_own_limit;
use xtask::terminal::thousands;

/// [`DEADLINE`] for a call that waits.
const PATIENCE: Timespec = Timespec { tv_sec: DEADLINE.as_secs().cast_signed(), tv_nsec: 0 };

/// How many descriptors this process may open, once it has raised its limit.
pub fn allowed(least: usize) -> Result<usize> {
    let allowed = usize::try_from(raise_own_limit()).unwrap_or(usize::MAX);
    if allowed < least {
        let [allowed, least] = [allowed, least].map(thousands);
        bail!(Lack(format!("ulimit -Hn is {allowed}, and {least} are needed")));
    }
    Ok(allowed)
}

/// A number in /proc/sys.
pub fn setting(file: &str) -> Result<usize> {
    let text =
        fs::read_to_string(format!("/proc/sys/{file}")).with_context(|| format!("read {file}"))?;
    text.trim().parse().with_context(|| format!("{file} is no number"))
}

/// Listens on a port that the kernel chooses; returns where that is, too.
pub fn listen() -> Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("listen")?;
    let addr = listener.local_addr().context("ask for an address")?;
    Ok((listener, addr))
}

/// Connects two ends, which send at once what they are given; a read that waits for [`DEADLINE`]
/// fails.
pub fn connect() -> Result<(TcpStream, TcpStream)> {
    let (listener, addr) = listen()?;
    let client = TcpStream::connect(addr).context("connect")?;
    let (server, _) = listener.accept().context("accept")?;
    for end in [&client, &server] {
        end.set_nodelay(true).context("send at once")?;
        end.set_read_timeout(Some(DEADLINE)).context("a deadline")?;
    }
    Ok((client, server))
}

/// Waits until one of these things has happened to a socket.
pub fn wait_for(socket: &impl AsFd, happens: PollFlags) -> Result<()> {
    let ready = poll(&mut [PollFd::new(socket, happens)], Some(&PATIENCE)).context("poll")?;
    ensure!(ready == 1, "nothing comes");
    Ok(())
}
