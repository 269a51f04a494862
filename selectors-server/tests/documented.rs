//! What Python documents for `selectors`, of every implementation: registering, keys, the map,
//! time-outs.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use selectors::{DefaultSelector, EVENT_READ, EVENT_WRITE, Events, NAMES, SelectorKey};

mod shared;

use shared::{SOON, assert_idle, finish, ready, start};

type Selector = DefaultSelector<Rc<UnixStream>, &'static str>;

const BOTH: u32 = EVENT_READ | EVENT_WRITE;

/// A selector, an end of a connection that is not registered yet, and the other end.
fn set_up(name: &str) -> (Selector, Rc<UnixStream>, UnixStream) {
    let (conn, peer) = UnixStream::pair().expect(name);
    (Selector::named(name).expect(name), Rc::new(conn), peer)
}

#[test]
fn registering_returns_the_key_with_all_that_was_given() {
    for name in NAMES {
        let (mut sel, conn, _peer) = set_up(name);
        let key = sel.register(conn.clone(), BOTH, "data").expect(name);
        assert!(Rc::ptr_eq(&key.fileobj, &conn), "{name}");
        let rest = (key.fd, key.events, key.data);
        assert_eq!(rest, (conn.as_raw_fd(), BOTH, "data"), "{name}");
    }
}

#[test]
fn registering_twice_is_refused_and_changes_nothing() {
    for name in NAMES {
        let (mut sel, conn, _peer) = set_up(name);
        sel.register(conn.clone(), EVENT_READ, "first").expect(name);
        let again = sel.register(conn.clone(), EVENT_WRITE, "second");
        assert_eq!(again.unwrap_err().kind(), ErrorKind::AlreadyExists, "{name}");
        assert_eq!(sel.get_key(&conn).expect(name).data, "first", "{name}");
        assert_idle(name, &mut sel);
    }
}

#[test]
fn invalid_events_are_refused_and_change_nothing() {
    for name in NAMES {
        let (mut sel, conn, _peer) = set_up(name);
        for events in [0, 4, BOTH | 4, u32::MAX] {
            let refused = sel.register(conn.clone(), events, "data").unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{name}: {events}");
            assert!(sel.get_map().is_empty(), "{name}: {events}");
        }
        let key = sel.register(conn.clone(), EVENT_READ, "data").expect(name);
        for events in [0, 4, BOTH | 4, u32::MAX] {
            let refused = sel.modify(&conn, events, "other").unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{name}: {events}");
            assert!(same(sel.get_key(&conn).expect(name), &key), "{name}: {events}");
        }
    }
}

#[test]
fn a_number_that_is_no_descriptor_is_refused() {
    for name in NAMES {
        let mut sel: DefaultSelector<RawFd, ()> = DefaultSelector::named(name).expect(name);
        for fd in [-1, RawFd::MIN] {
            let refused = sel.register(fd, EVENT_READ, ()).map(drop);
            let kind = refused.map_err(|error| error.kind());
            assert_eq!(kind, Err(ErrorKind::InvalidInput), "{name}: {fd}");
        }
    }
}

#[test]
fn what_is_not_registered_is_unknown() {
    for name in NAMES {
        let (mut sel, conn, _peer) = set_up(name);
        let assert_unknown = |sel: &mut Selector| {
            let results = [
                sel.unregister(&conn).map(drop),
                sel.modify(&conn, EVENT_READ, "data").map(drop),
                sel.get_key(&conn).map(drop),
            ];
            for result in results {
                assert_eq!(result.unwrap_err().kind(), ErrorKind::NotFound, "{name}");
            }
        };
        assert_unknown(&mut sel);
        sel.register(conn.clone(), EVENT_READ, "data").expect(name);
        sel.unregister(&conn).expect(name);
        assert_unknown(&mut sel);
    }
}

#[test]
fn unregistering_returns_the_key_and_ends_the_reports() {
    for name in NAMES {
        let (mut sel, conn, mut peer) = set_up(name);
        let registered = sel.register(conn.clone(), EVENT_READ, "data").expect(name);
        peer.write_all(b"x").expect(name);
        assert_eq!(ready(name, &mut sel, SOON).len(), 1, "{name}");
        let key = sel.unregister(&conn).expect(name);
        assert!(same(&key, &registered), "{name}");
        assert_idle(name, &mut sel);
        sel.register(conn.clone(), EVENT_READ, "again").expect(name);
        let fd = conn.as_raw_fd();
        assert_eq!(ready(name, &mut sel, SOON), [(fd, EVENT_READ)], "{name}");
    }
}

#[test]
fn modifying_changes_the_events() {
    for name in NAMES {
        let (mut sel, conn, mut peer) = set_up(name);
        peer.write_all(b"x").expect(name);
        sel.register(conn.clone(), BOTH, "data").expect(name);
        for events in [EVENT_READ, EVENT_WRITE, BOTH, EVENT_WRITE, EVENT_READ] {
            let key = sel.modify(&conn, events, "data").expect(name);
            assert_eq!(key.events, events, "{name}");
            assert!(same(sel.get_key(&conn).expect(name), &key), "{name}");
            let fd = conn.as_raw_fd();
            assert_eq!(ready(name, &mut sel, SOON), [(fd, events)], "{name}");
        }
        assert_eq!((&*conn).read(&mut [0; 2]).expect(name), 1, "{name}");
        assert_idle(name, &mut sel);
    }
}

#[test]
fn modifying_only_the_data_keeps_the_events() {
    for name in NAMES {
        let (mut sel, conn, mut peer) = set_up(name);
        let old = sel.register(conn.clone(), EVENT_READ, "old").expect(name);
        peer.write_all(b"x").expect(name);
        let key = sel.modify(&conn, EVENT_READ, "new").expect(name);
        assert_eq!((key.data, key.events), ("new", EVENT_READ), "{name}");
        assert_eq!(old.data, "old", "{name}");
        let events = sel.select(SOON).expect(name);
        assert_eq!(events.len(), 1, "{name}");
        let found = (events[0].0.data, events[0].1);
        assert_eq!(found, ("new", EVENT_READ), "{name}");
    }
}

#[test]
fn the_map_holds_what_is_registered() {
    for name in NAMES {
        let (mut sel, a, _peer) = set_up(name);
        let (_, b, _other_peer) = set_up(name);
        assert!(sel.get_map().is_empty(), "{name}");
        sel.register(a.clone(), EVENT_READ, "a").expect(name);
        sel.register(b.clone(), EVENT_WRITE, "b").expect(name);
        assert_eq!(sel.get_map().len(), 2, "{name}");
        for conn in [&a, &b] {
            let key = &sel.get_map()[&conn.as_raw_fd()];
            assert!(Rc::ptr_eq(&key.fileobj, conn), "{name}");
            assert!(same(key, sel.get_key(conn).expect(name)), "{name}");
        }
        sel.unregister(&a).expect(name);
        assert!(!sel.get_map().contains_key(&a.as_raw_fd()), "{name}");
        assert_eq!(sel.get_map().len(), 1, "{name}");
    }
}

#[test]
fn zero_and_less_do_not_wait() {
    for name in NAMES {
        for timeout in [0.0, -0.0, -1.0, f64::MIN, f64::NEG_INFINITY] {
            let found = start(move || {
                let (mut sel, conn, mut peer) = set_up(name);
                sel.register(conn, EVENT_READ, "data").expect(name);
                let idle = ready(name, &mut sel, Some(timeout)).len();
                peer.write_all(b"x").expect(name);
                (idle, ready(name, &mut sel, Some(timeout)).len())
            });
            assert_eq!(finish(name, &found), (0, 1), "{name}: {timeout}");
        }
    }
}

#[test]
fn a_positive_time_out_is_waited_for() {
    for name in NAMES {
        for timeout in [0.000_1, 0.05] {
            let found = start(move || {
                let (mut sel, conn, _peer) = set_up(name);
                let start = Instant::now();
                assert_eq!(ready(name, &mut sel, Some(timeout)), [], "{name}: empty");
                let empty = start.elapsed();
                sel.register(conn, EVENT_READ, "data").expect(name);
                assert_eq!(ready(name, &mut sel, Some(timeout)), [], "{name}: idle");
                (empty, start.elapsed() - empty)
            });
            let (empty, idle) = finish(name, &found);
            let least = Duration::from_secs_f64(timeout);
            assert!(empty >= least, "{name}: {empty:?} of {least:?}");
            assert!(idle >= least, "{name}: {idle:?} of {least:?}");
        }
    }
}

#[test]
fn without_a_time_out_it_waits_until_something_is_ready() {
    for name in NAMES {
        let (conn, mut peer) = UnixStream::pair().expect(name);
        let found = start(move || {
            let mut sel = Selector::named(name).expect(name);
            sel.register(Rc::new(conn), EVENT_READ, "data").expect(name);
            ready(name, &mut sel, None).len()
        });
        let early = found.recv_timeout(Duration::from_millis(50));
        assert_eq!(early, Err(RecvTimeoutError::Timeout), "{name}");
        peer.write_all(b"x").expect(name);
        assert_eq!(finish(name, &found), 1, "{name}");
    }
}

#[test]
fn a_time_out_may_be_long_but_not_endless() {
    for name in NAMES {
        let (mut sel, conn, _peer) = set_up(name);
        sel.register(conn, EVENT_READ, "data").expect(name);
        for timeout in [f64::NAN, f64::INFINITY, f64::MAX] {
            let refused = sel.select(Some(timeout)).map(drop);
            let kind = refused.map_err(|error| error.kind());
            assert_eq!(kind, Err(ErrorKind::InvalidInput), "{name}: {timeout}");
        }
        assert_idle(name, &mut sel);
        for timeout in [1e6, 1e10, 1e19] {
            let found = start(move || {
                let (mut sel, conn, mut peer) = set_up(name);
                sel.register(conn, EVENT_READ, "data").expect(name);
                peer.write_all(b"x").expect(name);
                ready(name, &mut sel, Some(timeout)).len()
            });
            assert_eq!(finish(name, &found), 1, "{name}: {timeout}");
        }
    }
}

#[test]
fn what_is_ready_is_printed_as_a_list_of_keys() {
    let mut sel: DefaultSelector<RawFd, &str> = DefaultSelector::named("poll").unwrap();
    assert_eq!(sel.to_string(), "<PollSelector over poll(2)>");
    let (conn, mut peer) = UnixStream::pair().unwrap();
    let fd = conn.as_raw_fd();
    sel.register(fd, BOTH, "data").unwrap();
    peer.write_all(b"x").unwrap();
    let key = format!("SelectorKey(fileobj={fd}, fd={fd}, events=3, data=data)");
    let events = sel.select(SOON).unwrap();
    assert_eq!(Events(&events).to_string(), format!("[({key}, 3)]"));
    assert_eq!(
        Events(&[events[0].clone(), events[0].clone()]).to_string(),
        format!("[({key}, 3), ({key}, 3)]")
    );
    assert_eq!(Events::<RawFd, &str>(&[]).to_string(), "[]");
}

type Key = SelectorKey<Rc<UnixStream>, &'static str>;

/// Python's `==` of two keys.
fn same(one: &Key, other: &Key) -> bool {
    Rc::ptr_eq(&one.fileobj, &other.fileobj)
        && (one.fd, one.events, one.data) == (other.fd, other.events, other.data)
}
