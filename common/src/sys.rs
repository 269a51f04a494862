//! System calls that std does not offer: for sockets, signals, local time, and the number of a
//! thread.
#![allow(unsafe_code)]

use std::io;
use std::mem::{size_of, zeroed};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr::{null, null_mut};

/// socket(2): a new IPv4 stream socket, closed on exec.
pub fn socket() -> io::Result<OwnedFd> {
    // SAFETY: socket takes no pointers.
    let fd =
        check(unsafe { libc::socket(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0) })?;
    // SAFETY: fd was just opened and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// setsockopt(2) with SO_REUSEADDR (socket(7)).
pub fn set_reuseaddr(socket: BorrowedFd<'_>, on: bool) -> io::Result<()> {
    set_option(socket, libc::SO_REUSEADDR, on)
}

/// setsockopt(2) with SO_REUSEPORT (socket(7)).
pub fn set_reuseport(socket: BorrowedFd<'_>, on: bool) -> io::Result<()> {
    set_option(socket, libc::SO_REUSEPORT, on)
}

fn set_option(socket: BorrowedFd<'_>, option: libc::c_int, on: bool) -> io::Result<()> {
    let value = libc::c_int::from(on);
    // SAFETY: value lives through the call, and its size is the one given.
    check(unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            option,
            (&raw const value).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    })
    .map(drop)
}

/// setsockopt(2) with SO_KEEPALIVE (socket(7)): after two hours of silence the kernel probes the
/// peer, and ends the connection if nothing answers (tcp(7)).
pub fn set_keepalive(socket: BorrowedFd<'_>, on: bool) -> io::Result<()> {
    set_option(socket, libc::SO_KEEPALIVE, on)
}

/// bind(2).
pub fn bind(socket: BorrowedFd<'_>, addr: SocketAddrV4) -> io::Result<()> {
    let (raw, length) = to_raw(addr);
    // SAFETY: raw lives through the call, and length is its size.
    check(unsafe { libc::bind(socket.as_raw_fd(), (&raw const raw).cast(), length) }).map(drop)
}

/// connect(2).
pub fn connect(socket: BorrowedFd<'_>, addr: SocketAddrV4) -> io::Result<()> {
    let (raw, length) = to_raw(addr);
    // SAFETY: raw lives through the call, and length is its size.
    check(unsafe { libc::connect(socket.as_raw_fd(), (&raw const raw).cast(), length) }).map(drop)
}

/// listen(2).
pub fn listen(socket: BorrowedFd<'_>, backlog: i32) -> io::Result<()> {
    // SAFETY: listen takes no pointers.
    check(unsafe { libc::listen(socket.as_raw_fd(), backlog) }).map(drop)
}

/// accept4(2): the next client and its address, closed on exec; `flags` may add SOCK_NONBLOCK.
pub fn accept(socket: BorrowedFd<'_>, flags: libc::c_int) -> io::Result<(OwnedFd, SocketAddrV4)> {
    // SAFETY: sockaddr_in is plain integers, for which zero is a value.
    let mut raw: libc::sockaddr_in = unsafe { zeroed() };
    let mut length = size_of::<libc::sockaddr_in>() as libc::socklen_t;
    // SAFETY: raw and length live through the call, and length is raw's size.
    let fd = check(unsafe {
        libc::accept4(
            socket.as_raw_fd(),
            (&raw mut raw).cast(),
            &raw mut length,
            libc::SOCK_CLOEXEC | flags,
        )
    })?;
    // SAFETY: fd was just opened and nothing else owns it.
    let conn = unsafe { OwnedFd::from_raw_fd(fd) };
    let ip = Ipv4Addr::from(u32::from_be(raw.sin_addr.s_addr));
    Ok((conn, SocketAddrV4::new(ip, u16::from_be(raw.sin_port))))
}

/// sigprocmask(2): blocks no signal in this thread.
pub fn unblock_signals() -> io::Result<()> {
    // SAFETY: sigset_t is integers, for which zero is a value.
    let mut none: libc::sigset_t = unsafe { zeroed() };
    // SAFETY: none lives through the call.
    check(unsafe { libc::sigemptyset(&raw mut none) })?;
    // SAFETY: none lives through the call, and null asks for no old mask.
    check(unsafe { libc::sigprocmask(libc::SIG_SETMASK, &raw const none, null_mut()) }).map(drop)
}

/// sigaction(2): a signal that has its default action ends the process with the status that a shell
/// gives for it.
pub fn exit_on(signal: libc::c_int) -> io::Result<()> {
    // SAFETY: sigaction is integers, a mask of integers and null pointers, for which zero is a
    // value.
    let mut action: libc::sigaction = unsafe { zeroed() };
    // SAFETY: action lives through the call, and null changes nothing.
    check(unsafe { libc::sigaction(signal, null(), &raw mut action) })?;
    if action.sa_sigaction != libc::SIG_DFL {
        return Ok(());
    }
    action.sa_sigaction = exit as extern "C" fn(libc::c_int) as libc::sighandler_t;
    // SAFETY: action lives through the call; its handler calls only what a handler may call.
    check(unsafe { libc::sigaction(signal, &raw const action, null_mut()) }).map(drop)
}

extern "C" fn exit(signal: libc::c_int) {
    // SAFETY: a signal handler may call _exit (signal-safety(7)).
    unsafe { libc::_exit(128 + signal) }
}

/// ioctl(2) with SIOCOUTQ: how many sent bytes the peer has not confirmed yet (tcp(7)). The end of
/// the stream is one more.
pub fn unconfirmed(socket: BorrowedFd<'_>) -> io::Result<libc::c_int> {
    let mut count = 0;
    // SAFETY: count lives through the call; SIOCOUTQ has the number of TIOCOUTQ.
    check(unsafe { libc::ioctl(socket.as_raw_fd(), libc::TIOCOUTQ, &raw mut count) })?;
    Ok(count)
}

/// localtime_r(3): the local time of a number of seconds since 1970.
pub fn localtime(seconds: u64) -> io::Result<libc::tm> {
    let seconds = seconds.try_into().map_err(io::Error::other)?;
    // SAFETY: tm is integers and a pointer that is not followed, for which zero is a value.
    let mut local: libc::tm = unsafe { zeroed() };
    // SAFETY: both pointers live through the call.
    let result = unsafe { libc::localtime_r(&raw const seconds, &raw mut local) };
    if result.is_null() {
        return Err(io::Error::last_os_error());
    }
    Ok(local)
}

/// pthread_self(3): the number that Python's `threading.get_ident()` gives the calling thread. To
/// glibc it is a number, to musl a pointer.
pub fn get_ident() -> usize {
    // SAFETY: pthread_self takes no pointers and always succeeds.
    unsafe { libc::pthread_self() as usize }
}

/// getsockopt(2) for an option that is a number.
#[cfg(test)]
pub fn option(
    socket: BorrowedFd<'_>,
    level: libc::c_int,
    option: libc::c_int,
) -> io::Result<libc::c_int> {
    let mut value: libc::c_int = 0;
    let mut length = size_of::<libc::c_int>() as libc::socklen_t;
    let at = (&raw mut value).cast();
    // SAFETY: value and length live through the call, and length is value's size.
    check(unsafe { libc::getsockopt(socket.as_raw_fd(), level, option, at, &raw mut length) })?;
    Ok(value)
}

fn to_raw(addr: SocketAddrV4) -> (libc::sockaddr_in, libc::socklen_t) {
    let raw = libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: addr.port().to_be(),
        sin_addr: libc::in_addr { s_addr: u32::from(*addr.ip()).to_be() },
        sin_zero: [0; 8],
    };
    (raw, size_of::<libc::sockaddr_in>() as libc::socklen_t)
}

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(result)
}
