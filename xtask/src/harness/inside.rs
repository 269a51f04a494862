//! The server's own sockets, as the tester sees them: what no client can reach.
//!
//! A process may take copies of the descriptors of its descendants (pidfd_getfd(2)); some systems
//! forbid it, and the checks that need it are skipped there.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::{Errno, ioctl_fionread};
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};
use socket2::Socket;

use crate::harness::client::DEADLINE;
use crate::harness::launch::Running;
use crate::harness::outcome::{Expect, Failure, Kind, Outcome, fail_by, lacking, time_out};
use crate::harness::proc::Process;
use crate::harness::process::processes;
use crate::harness::sock_diag::{end, is_there};
use crate::harness::wait::{found_if, wait_for};

/// How long the bytes that a server has not read stay as many when it reads no more.
pub const STANDSTILL: Duration = Duration::from_millis(50);

/// Why a check is skipped where the system lets nobody at the descriptors of a child.
pub const FORBIDDEN: &str = "the system lets nobody at a child's descriptors (pidfd_getfd)";

/// A copy of the server's socket for the client at `client`, once it has accepted it.
///
/// # Errors
/// When the server has no such socket within [`DEADLINE`]; a lack where the system forbids it.
pub fn connection(running: &Running, client: SocketAddr) -> Outcome<Socket> {
    let is_it = |socket: &Socket| is_connection(socket, client);
    wait_for_socket(running, "a connection that the server accepts", is_it)
}

fn is_connection(socket: &Socket, client: SocketAddr) -> bool {
    let peer = socket.peer_addr().ok();
    peer.and_then(|peer| peer.as_socket()) == Some(client)
}

/// The numbers of the processes that have the connection of the client at `client` open.
///
/// # Errors
/// When a process cannot be looked at; a lack where the system forbids it.
pub fn holders(running: &Running, client: SocketAddr) -> Outcome<Vec<Pid>> {
    let sockets = sockets(running)?.into_iter();
    let connections = sockets.filter(|(_, socket)| is_connection(socket, client));
    let mut holders: Vec<Pid> = connections.map(|(pid, _)| pid).collect();
    holders.dedup();
    Ok(holders)
}

/// A copy of the server's listening socket.
///
/// # Errors
/// When the server has none within [`DEADLINE`]; a lack where the system forbids it.
pub fn listener(running: &Running) -> Outcome<Socket> {
    let is_listener = |socket: &Socket| socket.is_listener().unwrap_or_default();
    wait_for_socket(running, "a server that listens", is_listener)
}

/// Waits until the server reads no more from its `socket`, be it that it has read all or leaves the
/// rest.
///
/// # Errors
/// When it still reads after [`DEADLINE`].
pub fn wait_until_it_reads_no_more(socket: &Socket, standstill: Duration) -> Outcome<()> {
    const READABLE: &str = "a socket that tells what is unread";
    let deadline = Instant::now() + DEADLINE;
    let mut unread = ioctl_fionread(socket).expect_to(READABLE)?;
    let mut since = Instant::now();
    while since.elapsed() < standstill {
        if Instant::now() > deadline {
            return time_out("a server that reads no more", format!("{unread} bytes unread"));
        }
        thread::sleep(Duration::from_millis(2));
        let now = ioctl_fionread(socket).expect_to(READABLE)?;
        if now != unread {
            unread = now;
            since = Instant::now();
        }
    }
    Ok(())
}

/// Waits until the server's kernel knows that the client at `client` has reset: a reset outside the
/// window of a full socket is ignored (RFC 5961, 3.2), and comes again after the server's next
/// probe.
///
/// # Errors
/// When the connection is still there after [`DEADLINE`].
pub fn wait_until_reset(running: &Running, client: SocketAddr) -> Outcome<()> {
    wait_for("a connection that its client has reset", || {
        let is_there = is_there(running.addr, client).expect_to("a kernel that tells")?;
        Ok(found_if(!is_there, "it is still there"))
    })
}

/// Whether the server has shut down its side of the connection of the client at `client`, or has
/// closed it.
///
/// # Errors
/// When the kernel does not tell.
pub fn is_shut(running: &Running, client: SocketAddr) -> Outcome<bool> {
    let end = end(running.addr, client).expect_to("a kernel that tells")?;
    Ok(end.is_none_or(|end| !end.sends))
}

/// Waits until `count` bytes lie unread in the server's `socket`.
///
/// # Errors
/// When they do not within [`DEADLINE`].
pub fn wait_until_unread(socket: &Socket, count: u64) -> Outcome<()> {
    wait_for(format!("{count} bytes unread"), || {
        let unread = ioctl_fionread(socket).expect_to("a socket that tells what is unread")?;
        Ok(found_if(unread == count, unread))
    })
}

fn wait_for_socket(
    running: &Running,
    expected: &str,
    is_it: impl Fn(&Socket) -> bool,
) -> Outcome<Socket> {
    wait_for(expected, || {
        let mut sockets = sockets(running)?.into_iter().map(|(_, socket)| socket);
        Ok(sockets.find(&is_it).ok_or_else(|| "none".to_owned()))
    })
}

/// Copies of all sockets that the processes of the server have open, with their processes.
fn sockets(running: &Running) -> Outcome<Vec<(Pid, Socket)>> {
    let mut sockets = Vec::new();
    for process in processes(running)? {
        match sockets_of(&process) {
            Ok(copies) => sockets.extend(copies.into_iter().map(|copy| (process.pid, copy))),
            Err(Failure { kind: Kind::Different, .. }) if !process.is_alive() => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(sockets)
}

fn sockets_of(process: &Process) -> Outcome<Vec<Socket>> {
    const READABLE: &str = "a server to look at in /proc";
    let pidfd = match pidfd_open(process.pid, PidfdFlags::empty()) {
        Err(Errno::PERM | Errno::NOSYS) => return lacking(READABLE, FORBIDDEN),
        opened => opened.expect_to(READABLE)?,
    };
    let mut sockets = Vec::new();
    // What the server closes meanwhile is left out.
    for number in process.sockets().expect_to(READABLE)? {
        match pidfd_getfd(&pidfd, number, PidfdGetfdFlags::empty()) {
            Ok(copy) => sockets.push(copy.into()),
            Err(Errno::PERM | Errno::NOSYS) => return lacking(READABLE, FORBIDDEN),
            Err(Errno::BADF) => {}
            Err(error) => return fail_by(READABLE, &error),
        }
    }
    Ok(sockets)
}
