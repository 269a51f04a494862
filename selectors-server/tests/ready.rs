//! When a file object is ready, and for how long, of every implementation: all are level-triggered.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::rc::Rc;

use selectors::{DefaultSelector, EVENT_READ, EVENT_WRITE, Mask, NAMES};

mod shared;

use shared::{SOON, assert_idle, ready};

/// A selector of descriptors' numbers; the tests keep the file objects.
type Selector = DefaultSelector<RawFd, ()>;

const BOTH: Mask = EVENT_READ | EVENT_WRITE;

fn tcp_pair() -> io::Result<(TcpStream, TcpStream)> {
    let server = TcpListener::bind("127.0.0.1:0")?;
    let peer = TcpStream::connect(server.local_addr()?)?;
    Ok((server.accept()?.0, peer))
}

/// A selector that watches `conn` for `events`.
fn watching(name: &str, conn: &impl AsRawFd, events: Mask) -> Selector {
    let mut sel = Selector::named(name).expect(name);
    sel.register(conn.as_raw_fd(), events, ()).expect(name);
    sel
}

/// Sends until neither side's kernel takes more.
fn fill(name: &str, mut conn: &TcpStream) {
    conn.set_nonblocking(true).expect(name);
    let mut sel = watching(name, conn, EVENT_WRITE);
    while !ready(name, &mut sel, Some(0.2)).is_empty() {
        while conn.write(&[0; 65536]).is_ok() {}
    }
}

#[test]
fn what_is_not_read_is_reported_again() {
    for name in NAMES {
        let (mut conn, mut peer) = UnixStream::pair().expect(name);
        let mut sel = watching(name, &conn, EVENT_READ);
        let report = [(conn.as_raw_fd(), EVENT_READ)];
        for byte in [b"1", b"2"] {
            assert_idle(name, &mut sel);
            peer.write_all(byte).expect(name);
            for _ in 0..3 {
                assert_eq!(ready(name, &mut sel, SOON), report, "{name}");
            }
            assert_eq!(conn.read(&mut [0; 2]).expect(name), 1, "{name}");
        }
    }
}

#[test]
fn room_to_write_is_reported_for_as_long_as_it_lasts() {
    for name in NAMES {
        let (conn, mut peer) = tcp_pair().expect(name);
        let mut sel = watching(name, &conn, EVENT_WRITE);
        let report = [(conn.as_raw_fd(), EVENT_WRITE)];
        for _ in 0..3 {
            assert_eq!(ready(name, &mut sel, SOON), report, "{name}");
        }
        fill(name, &conn);
        assert_idle(name, &mut sel);
        peer.set_nonblocking(true).expect(name);
        let has_room = (0..1000).any(|_| {
            while peer.read(&mut [0; 65536]).is_ok() {}
            ready(name, &mut sel, Some(0.01)) == report
        });
        assert!(has_room, "{name}");
    }
}

#[test]
fn both_events_come_in_one_report() {
    for name in NAMES {
        let (conn, mut peer) = UnixStream::pair().expect(name);
        let fd = conn.as_raw_fd();
        let mut sel = watching(name, &conn, BOTH);
        assert_eq!(ready(name, &mut sel, SOON), [(fd, EVENT_WRITE)], "{name}");
        peer.write_all(b"x").expect(name);
        assert_eq!(ready(name, &mut sel, SOON), [(fd, BOTH)], "{name}");
    }
}

#[test]
fn a_callback_that_reads_one_byte_gets_all_of_them() {
    type Callback = fn(&Rc<UnixStream>) -> io::Result<u8>;
    fn read(mut conn: &UnixStream) -> io::Result<u8> {
        let mut byte = [0];
        conn.read_exact(&mut byte)?;
        Ok(byte[0])
    }
    for name in NAMES {
        let mut sel: DefaultSelector<_, Callback> = DefaultSelector::named(name).expect(name);
        let (a, mut a_peer) = UnixStream::pair().expect(name);
        let (b, mut b_peer) = UnixStream::pair().expect(name);
        let (a, b) = (Rc::new(a), Rc::new(b));
        sel.register(a.clone(), EVENT_READ, |conn| read(conn)).expect(name);
        sel.register(b.clone(), EVENT_READ, |conn| read(conn)).expect(name);
        let sent: Vec<u8> = (0..=255).collect();
        a_peer.write_all(&sent).expect(name);
        b_peer.write_all(&sent[..100]).expect(name);
        let (mut from_a, mut from_b) = (Vec::new(), Vec::new());
        while from_a.len() + from_b.len() < 356 {
            let events = sel.select(SOON).expect(name);
            assert!(!events.is_empty(), "{name}: a lost byte");
            for (key, _mask) in events {
                let byte = (key.data)(&key.fileobj).expect(name);
                let from = if Rc::ptr_eq(&key.fileobj, &a) { &mut from_a } else { &mut from_b };
                from.push(byte);
            }
        }
        assert_eq!(from_a, sent, "{name}");
        assert_eq!(from_b, sent[..100], "{name}");
        assert_idle(name, &mut sel);
    }
}

#[test]
fn a_closed_peer_is_readable_for_ever() {
    for name in NAMES {
        let (mut conn, peer) = tcp_pair().expect(name);
        let mut sel = watching(name, &conn, EVENT_READ);
        drop(peer);
        for _ in 0..5 {
            let report = ready(name, &mut sel, SOON);
            assert_eq!(report, [(conn.as_raw_fd(), EVENT_READ)], "{name}");
            assert_eq!(conn.read(&mut [0; 2]).expect(name), 0, "{name}");
        }
    }
}

/// A peer that closes with unread bytes resets the connection.
#[test]
fn a_reset_is_reported_for_either_event_for_ever() {
    for name in NAMES {
        for events in [EVENT_READ, EVENT_WRITE, BOTH] {
            let (mut conn, peer) = tcp_pair().expect(name);
            fill(name, &conn);
            let mut sel = watching(name, &conn, events);
            assert_idle(name, &mut sel);
            drop(peer);
            let report = [(conn.as_raw_fd(), events)];
            for _ in 0..3 {
                assert_eq!(ready(name, &mut sel, SOON), report, "{name}: {events}");
            }
            let error = conn.read(&mut [0; 2]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{name}");
            for _ in 0..3 {
                assert_eq!(ready(name, &mut sel, SOON), report, "{name}: {events}");
            }
        }
    }
}

/// It would be a busy loop for a server that owes a slow client bytes.
#[test]
fn the_end_of_what_a_peer_sends_is_no_room_to_write() {
    for name in NAMES {
        let (conn, peer) = tcp_pair().expect(name);
        fill(name, &conn);
        peer.shutdown(Shutdown::Write).expect(name);
        let fd = conn.as_raw_fd();
        // Once it is readable, the end has come.
        let mut sel = watching(name, &conn, EVENT_READ);
        assert_eq!(ready(name, &mut sel, SOON), [(fd, EVENT_READ)], "{name}");
        sel.modify(&fd, EVENT_WRITE, ()).expect(name);
        assert_idle(name, &mut sel);
        sel.modify(&fd, BOTH, ()).expect(name);
        assert_eq!(ready(name, &mut sel, SOON), [(fd, EVENT_READ)], "{name}");
    }
}

#[test]
fn a_broken_pipe_is_ready() {
    for name in NAMES {
        for events in [EVENT_READ, EVENT_WRITE, BOTH] {
            let (reader, writer) = io::pipe().expect(name);
            let mut sel = watching(name, &writer, events);
            let fd = writer.as_raw_fd();
            drop(reader);
            for _ in 0..3 {
                assert_eq!(ready(name, &mut sel, SOON), [(fd, events)], "{name}");
            }
        }

        let (reader, writer) = io::pipe().expect(name);
        let mut sel = watching(name, &reader, EVENT_READ);
        let fd = reader.as_raw_fd();
        assert_idle(name, &mut sel);
        drop(writer);
        for _ in 0..3 {
            assert_eq!(ready(name, &mut sel, SOON), [(fd, EVENT_READ)], "{name}");
        }
    }
}

#[test]
fn a_callback_may_unregister_what_the_same_round_reported() {
    for name in NAMES {
        let pairs: Vec<_> = (0..3).map(|_| UnixStream::pair().expect(name)).collect();
        let mut sel = Selector::named(name).expect(name);
        for (conn, peer) in &pairs {
            sel.register(conn.as_raw_fd(), EVENT_READ, ()).expect(name);
            (&*peer).write_all(b"x").expect(name);
        }
        let events = sel.select(SOON).expect(name);
        assert_eq!(events.len(), 3, "{name}");
        let (first, second) = (events[0].0.fd, events[1].0.fd);
        for fd in [first, second] {
            sel.unregister(&fd).expect(name);
        }
        let left = [(events[2].0.fd, EVENT_READ)];
        assert_eq!(ready(name, &mut sel, SOON), left, "{name}");

        sel.register(first, EVENT_WRITE, ()).expect(name);
        let mut both = [(first, EVENT_WRITE), left[0]];
        both.sort_unstable();
        assert_eq!(ready(name, &mut sel, SOON), both, "{name}");
    }
}
