//! The functions that replace libc's: each changes its call as the plan says, and makes it by
//! another name. What libc's function asks of its caller, each asks, too.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::fs::File;
use std::io;
use std::mem::{size_of, transmute};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr::{null, null_mut};
use std::sync::atomic::AtomicU64;
use std::thread;

use libc::{
    EAGAIN, EINTR, EINVAL, ENOSPC, EPOLL_CTL_ADD, MSG_DONTWAIT, MSG_PEEK, c_int, c_long, c_void,
    epoll_event, fd_set, nfds_t, pid_t, pollfd, pthread_attr_t, pthread_t, size_t, sockaddr,
    socklen_t, ssize_t, timespec, timeval,
};
use rustix::fs::{OFlags, fcntl_getfl};
use rustix::net::sockopt::{set_socket_send_buffer_size, socket_send_buffer_size, socket_type};

use crate::counts::{Count, LENGTH, add, add_many, is_little_room};
use crate::plan;

/// recv(2): at most a part of what is asked for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn recv(
    fd: c_int,
    data: *mut c_void,
    length: size_t,
    flags: c_int,
) -> ssize_t {
    if interrupted() {
        return -1;
    }
    let most = if flags & MSG_PEEK == 0 { plan::cut_receive(length) } else { length };
    // SAFETY: the caller gives room for length bytes, and most is not above it.
    let received = unsafe { libc::recvfrom(fd, data, most, flags, null_mut(), null_mut()) };
    if received == most as ssize_t && most < length {
        add(Count::CutReceives);
    }
    if received > 0 {
        // First the receive, then its bytes: who sees all bytes counted sees all receives.
        add(Count::Received);
        add_many(Count::ReceivedBytes, received as usize);
        if plan::is_too_much() {
            return length as ssize_t + 1;
        }
    }
    received
}

/// send(2): at most a part of what is given.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn send(
    fd: c_int,
    data: *const c_void,
    length: size_t,
    flags: c_int,
) -> ssize_t {
    if interrupted() {
        return -1;
    }
    let most = plan::cut_send(length);
    if most < length {
        add(Count::CutSends);
    }
    let stays_little = is_little_room();
    let room = if stays_little || plan::is_squeezed() { squeeze(fd) } else { None };
    // SAFETY: the caller gives length bytes, and most is not above it.
    let sent = unsafe { libc::sendto(fd, data, most, flags | MSG_DONTWAIT, null(), 0) };
    let refused = sent == -1 && errno() == EAGAIN;
    if let Some(room) = room
        && !(refused && stays_little)
    {
        // The kernel then wakes who waits for room (socket(7), SO_SNDBUF), so no readiness is lost.
        set_room(fd, room);
    }
    if !refused {
        return count_sent(sent);
    }
    add(Count::Refused);
    if !is_blocking(fd) {
        set_errno(EAGAIN);
        return -1;
    }
    // SAFETY: as above.
    count_sent(unsafe { libc::sendto(fd, data, most, flags, null(), 0) })
}

fn count_sent(sent: ssize_t) -> ssize_t {
    if sent > 0 {
        add_many(Count::SentBytes, sent as usize);
    }
    sent
}

/// listen(2), after a while.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn listen(fd: c_int, backlog: c_int) -> c_int {
    thread::sleep(plan::BEFORE_LISTENING);
    // SAFETY: listen takes no pointers.
    unsafe { libc::syscall(libc::SYS_listen, fd, backlog) as c_int }
}

/// accept4(2).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn accept4(
    fd: c_int,
    addr: *mut sockaddr,
    length: *mut socklen_t,
    flags: c_int,
) -> c_int {
    if interrupted() {
        return -1;
    }
    // SAFETY: the caller's own arguments.
    unsafe { libc::syscall(libc::SYS_accept4, fd, addr, length, flags) as c_int }
}

/// epoll_ctl(2): one descriptor may be refused, as without memory or beyond `max_user_watches`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn epoll_ctl(
    epoll: c_int,
    op: c_int,
    fd: c_int,
    event: *mut epoll_event,
) -> c_int {
    if op == EPOLL_CTL_ADD && is_socket(fd) && plan::is_not_registered() {
        add(Count::NotRegistered);
        set_errno(ENOSPC);
        return -1;
    }
    // SAFETY: the caller's own arguments.
    unsafe { libc::syscall(libc::SYS_epoll_ctl, epoll, op, fd, event) as c_int }
}

/// fork(2), which may be refused for want of room.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fork() -> pid_t {
    if plan::is_not_started() {
        add(Count::NotStarted);
        set_errno(EAGAIN);
        return -1;
    }
    let next = next(c"fork");
    // SAFETY: that is libc's fork, and this is its type.
    let fork: unsafe extern "C" fn() -> pid_t = unsafe { transmute(next) };
    // SAFETY: the caller may fork.
    unsafe { fork() }
}

/// pthread_create(3), which may be refused for want of room.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_create(
    thread: *mut pthread_t,
    attributes: *const pthread_attr_t,
    start: extern "C" fn(*mut c_void) -> *mut c_void,
    argument: *mut c_void,
) -> c_int {
    type Create = unsafe extern "C" fn(
        *mut pthread_t,
        *const pthread_attr_t,
        extern "C" fn(*mut c_void) -> *mut c_void,
        *mut c_void,
    ) -> c_int;
    if plan::is_not_started() {
        add(Count::NotStarted);
        return EAGAIN;
    }
    let next = next(c"pthread_create");
    // SAFETY: that is libc's pthread_create, and this is its type.
    let create: Create = unsafe { transmute(next) };
    // SAFETY: the caller's own arguments.
    unsafe { create(thread, attributes, start, argument) }
}

/// syscall(2): io_uring_setup may not know what it is asked for, as an old kernel, and
/// io_uring_enter may be interrupted, or want completions to be taken before it goes on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn syscall(
    number: c_long,
    first: c_long,
    second: c_long,
    third: c_long,
    fourth: c_long,
    fifth: c_long,
    sixth: c_long,
) -> c_long {
    type Call =
        unsafe extern "C" fn(c_long, c_long, c_long, c_long, c_long, c_long, c_long) -> c_long;
    let error = match number {
        libc::SYS_io_uring_setup if plan::is_ring_unknown() => Some(EINVAL),
        libc::SYS_io_uring_enter => plan::error_of_ring(),
        _ => None,
    };
    if let Some(error) = error {
        add(Count::RefusedByRing);
        set_errno(error);
        return -1;
    }
    let next = next(c"syscall");
    // SAFETY: that is libc's syscall, which takes as many registers, whoever uses fewer.
    let call: Call = unsafe { transmute(next) };
    // SAFETY: the caller's own arguments.
    unsafe { call(number, first, second, third, fourth, fifth, sixth) }
}

/// libc's function of that name, which the one here replaces.
fn next(name: &CStr) -> *mut c_void {
    // SAFETY: name ends with a zero byte and lives through the call.
    unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr()) }
}

/// epoll_wait(2).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn epoll_wait(
    fd: c_int,
    events: *mut epoll_event,
    count: c_int,
    timeout: c_int,
) -> c_int {
    add(Count::Waits);
    if interrupted() {
        return -1;
    }
    // SAFETY: the caller's own arguments; without a mask of signals it is epoll_wait.
    unsafe { libc::epoll_pwait(fd, events, count, timeout, null()) }
}

/// poll(2).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn poll(fds: *mut pollfd, count: nfds_t, timeout: c_int) -> c_int {
    add(Count::Waits);
    if interrupted() {
        return -1;
    }
    let time = timespec {
        tv_sec: (timeout / 1000).into(),
        tv_nsec: i64::from(timeout % 1000) * 1_000_000,
    };
    let time = if timeout < 0 { null() } else { &raw const time };
    // SAFETY: the caller's own list; time lives through the call.
    unsafe { libc::ppoll(fds, count, time, null()) }
}

/// select(2).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn select(
    count: c_int,
    read: *mut fd_set,
    write: *mut fd_set,
    except: *mut fd_set,
    timeout: *mut timeval,
) -> c_int {
    add(Count::Waits);
    if interrupted() {
        return -1;
    }
    // SAFETY: null, or a time that the caller owns.
    let time = unsafe { timeout.as_ref() }
        .map(|time| timespec { tv_sec: time.tv_sec, tv_nsec: time.tv_usec * 1000 });
    let time = time.as_ref().map_or(null(), |time| time as *const timespec);
    // SAFETY: the caller's own sets; time lives through the call.
    unsafe { libc::pselect(count, read, write, except, time, null()) }
}

/// Maps the beginning of a file, shared with every process that maps it (mmap(2)); it holds that
/// much.
pub fn map(file: &File) -> Option<&'static [AtomicU64; LENGTH]> {
    let length = size_of::<[AtomicU64; LENGTH]>();
    let (access, fd) = (libc::PROT_READ | libc::PROT_WRITE, file.as_raw_fd());
    // SAFETY: the kernel chooses the address, so nothing that is there is replaced.
    let at = unsafe { libc::mmap(null_mut(), length, access, libc::MAP_SHARED, fd, 0) };
    if at == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: the mapping is that long, begins with a page, and is never taken away.
    Some(unsafe { &*at.cast() })
}

/// Whether a signal comes first; then errno says so.
fn interrupted() -> bool {
    let interrupted = plan::is_interrupted();
    if interrupted {
        add(Count::Interrupted);
        set_errno(EINTR);
    }
    interrupted
}

/// Makes the send buffer as small as the kernel allows, and returns what it was.
fn squeeze(fd: c_int) -> Option<usize> {
    let room = socket_send_buffer_size(borrowed(fd)).ok()?;
    set_room(fd, 0);
    // The kernel doubles what it is given (socket(7)).
    Some(room / 2)
}

fn set_room(fd: c_int, room: usize) {
    let _ = set_socket_send_buffer_size(borrowed(fd), room);
}

fn is_socket(fd: c_int) -> bool {
    socket_type(borrowed(fd)).is_ok()
}

fn is_blocking(fd: c_int) -> bool {
    fcntl_getfl(borrowed(fd)).is_ok_and(|flags| !flags.contains(OFlags::NONBLOCK))
}

/// The descriptor of a caller, who keeps it open through its call.
fn borrowed(fd: c_int) -> BorrowedFd<'static> {
    // SAFETY: it is handed on to one call of the kernel, which answers EBADF if nothing is open there.
    unsafe { BorrowedFd::borrow_raw(fd) }
}

fn errno() -> c_int {
    io::Error::last_os_error().raw_os_error().unwrap_or_default()
}

fn set_errno(error: c_int) {
    // SAFETY: __errno_location takes nothing.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: the address is the calling thread's own.
    unsafe { *errno = error }
}
