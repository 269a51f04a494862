//! Descriptors of every implementation: many, high, closed while registered, used again, of regular
//! files.

use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, MutexGuard, PoisonError};

use selectors::{DefaultSelector, EVENT_READ, EVENT_WRITE, NAMES};

mod shared;

use shared::{SOON, assert_idle, ready};

type Selector = DefaultSelector<RawFd, ()>;

/// The first descriptor that select(2) cannot hold.
const FD_SETSIZE: RawFd = 1024;

/// Descriptors belong to the process: what one test closes, another one would get.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many descriptors this process may have (`ulimit -n`).
fn limit() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    let soft = line.unwrap().split_whitespace().nth(3).unwrap();
    soft.parse().unwrap_or(usize::MAX)
}

/// Up to 1,100 descriptors of one socket that has a byte to read.
fn many_readable() -> Vec<UnixStream> {
    let count = 1100.min(limit().saturating_sub(50));
    if count < 1100 {
        // Not eprintln!: of a test that passes, its output is not shown.
        let short = format!("only {count} descriptors: `ulimit -n` is below 1150\n");
        io::stderr().write_all(short.as_bytes()).unwrap();
    }
    let (conn, mut peer) = UnixStream::pair().unwrap();
    peer.write_all(b"x").unwrap();
    (0..count).map(|_| conn.try_clone().unwrap()).collect()
}

#[test]
fn of_more_than_1024_that_are_ready_none_is_lost() {
    let _alone = alone();
    let conns = many_readable();
    for name in NAMES {
        let mut sel = Selector::named(name).expect(name);
        let mut expected = BTreeSet::new();
        for fd in conns.iter().map(AsRawFd::as_raw_fd) {
            if name != "select" || fd < FD_SETSIZE {
                sel.register(fd, EVENT_READ, ()).expect(name);
                expected.insert(fd);
            }
        }
        let mut reported = BTreeSet::new();
        for _ in 0..2 {
            reported.extend(ready(name, &mut sel, SOON));
        }
        let expected: BTreeSet<_> = expected.iter().map(|fd| (*fd, EVENT_READ)).collect();
        assert_eq!(reported.len(), expected.len(), "{name}");
        assert_eq!(reported, expected, "{name}");
    }
}

#[test]
fn only_select_refuses_a_high_descriptor() {
    let _alone = alone();
    let conns = many_readable();
    let Some(high) = conns.iter().find(|conn| conn.as_raw_fd() >= FD_SETSIZE) else {
        return;
    };
    let fd = high.as_raw_fd();
    for name in NAMES {
        let mut sel = Selector::named(name).expect(name);
        let result = sel.register(fd, EVENT_READ, ());
        if name == "select" {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::InvalidInput);
            assert!(sel.get_map().is_empty(), "{name}");
            assert_idle(name, &mut sel);
        } else {
            result.expect(name);
            assert_eq!(ready(name, &mut sel, SOON), [(fd, EVENT_READ)], "{name}");
        }
    }
}

/// What happens to a descriptor that is closed while registered is the system's affair: epoll(7)
/// forgets it, poll(2) reports it, select(2) fails. None of them waits for ever, and unregistering
/// always helps.
#[test]
fn a_descriptor_may_be_closed_while_it_is_registered() {
    let _alone = alone();
    for name in NAMES {
        let (conn, _peer) = UnixStream::pair().expect(name);
        let fd = conn.as_raw_fd();
        let mut sel = Selector::named(name).expect(name);
        sel.register(fd, EVENT_READ, ()).expect(name);
        drop(conn);
        match name {
            "poll" => assert_eq!(ready(name, &mut sel, SOON), [(fd, EVENT_READ)], "{name}"),
            "select" => {
                let error = sel.select(SOON).unwrap_err();
                assert_eq!(error.raw_os_error(), Some(libc::EBADF));
            }
            _ => assert_idle(name, &mut sel),
        }
        sel.unregister(&fd).expect(name);
        assert_idle(name, &mut sel);
    }
}

#[test]
fn the_number_of_a_closed_descriptor_may_be_used_again() {
    let _alone = alone();
    for name in NAMES {
        let (conn, mut peer) = UnixStream::pair().expect(name);
        let fd = conn.as_raw_fd();
        let mut sel = Selector::named(name).expect(name);
        sel.register(fd, EVENT_READ, ()).expect(name);
        peer.write_all(b"x").expect(name);
        assert_eq!(ready(name, &mut sel, SOON), [(fd, EVENT_READ)], "{name}");

        drop(conn);
        let (conn, mut peer) = UnixStream::pair().expect(name);
        assert_eq!(conn.as_raw_fd(), fd, "{name}: the lowest free number");
        let error = sel.register(fd, EVENT_READ, ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{name}");
        sel.unregister(&fd).expect(name);
        sel.register(fd, EVENT_READ, ()).expect(name);
        assert_idle(name, &mut sel);
        peer.write_all(b"x").expect(name);
        for _ in 0..3 {
            assert_eq!(ready(name, &mut sel, SOON), [(fd, EVENT_READ)], "{name}");
        }

        drop(conn);
        let (_conn, _peer) = UnixStream::pair().expect(name);
        if let Err(error) = sel.modify(&fd, EVENT_WRITE, ()) {
            // epoll(7) does not know it; then it is registered no more, as in Python.
            assert_eq!(error.kind(), ErrorKind::NotFound, "{name}");
            assert!(sel.get_map().is_empty(), "{name}");
            sel.register(fd, EVENT_WRITE, ()).expect(name);
        }
        assert_eq!(ready(name, &mut sel, SOON), [(fd, EVENT_WRITE)], "{name}");
    }
}

/// epoll_ctl(2): EPERM for a file that is always ready.
#[test]
fn a_regular_file_is_refused_by_epoll_and_always_ready_elsewhere() {
    let _alone = alone();
    let file = File::open(env::current_exe().unwrap()).unwrap();
    let fd = file.as_raw_fd();
    for name in NAMES {
        let mut sel = Selector::named(name).expect(name);
        let result = sel.register(fd, EVENT_READ, ());
        if ["poll", "select"].contains(&name) {
            result.expect(name);
            assert_eq!(ready(name, &mut sel, SOON), [(fd, EVENT_READ)], "{name}");
        } else {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::PermissionDenied, "{name}");
            assert!(sel.get_map().is_empty(), "{name}");
        }
    }
}
