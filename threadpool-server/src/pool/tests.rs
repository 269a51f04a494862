use super::*;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Longer than a test takes: no connection is idle for so long.
const LONG: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_millis(20);

/// A pool, and the server whose side of each connection the test takes itself.
fn pool(size: usize, idle_time: Duration) -> (Pool, TcpListener) {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let SocketAddr::V4(addr) = server.local_addr().unwrap() else { panic!("an IPv4 address") };
    (Pool::new(addr, size, idle_time).unwrap(), server)
}

/// Says something and receives it on the server's side: the two are one connection.
fn talk(mut lease: &TcpStream, mut server: &TcpStream) {
    lease.write_all(b"hello").unwrap();
    let mut received = [0; 5];
    server.read_exact(&mut received).unwrap();
    assert_eq!(&received, b"hello");
}

/// Waits until something is there to be read, or the end of the stream.
fn wait_for_data(lease: &TcpStream) {
    let _ = lease.peek(&mut [0]);
}

fn wait_until(pool: &Pool, condition: impl Fn(&State) -> bool) {
    while !condition(&pool.0.lock()) {
        thread::yield_now();
    }
}

#[test]
fn a_connection_is_used_again() {
    let (pool, server) = pool(2, LONG);
    let first = pool.lease().unwrap();
    let (conn, _) = server.accept().unwrap();
    talk(&first, &conn);
    first.give_back();
    let again = pool.lease().unwrap();
    talk(&again, &conn);
    assert_eq!(pool.opened(), 1);
}

#[test]
fn waiting_threads_get_a_connection_in_the_order_of_asking() {
    const WAITING: usize = 8;
    let (pool, _server) = pool(1, LONG);
    let order = Mutex::new(Vec::new());
    let held = pool.lease().unwrap();
    thread::scope(|scope| {
        for number in 0..WAITING {
            let (pool, order) = (&pool, &order);
            scope.spawn(move || {
                let lease = pool.lease().unwrap();
                order.lock().unwrap().push(number);
                lease.give_back();
            });
            wait_until(pool, |state| state.waiting.len() == number + 1);
        }
        held.give_back();
    });
    assert_eq!(order.into_inner().unwrap(), (0..WAITING).collect::<Vec<_>>());
    assert_eq!(pool.opened(), 1);
}

#[test]
fn no_more_are_open_than_its_size() {
    let (pool, server) = pool(3, LONG);
    // Beyond its backlog a server that accepts nobody would make connect(2) wait.
    thread::spawn(move || server.incoming().for_each(drop));
    thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                for turn in 0..50 {
                    let lease = pool.lease().unwrap();
                    assert!(pool.0.lock().open <= 3);
                    if turn % 2 == 0 { lease.give_back() } else { drop(lease) }
                }
            });
        }
    });
    let state = pool.0.lock();
    assert!(state.open == state.idle.len() && state.waiting.is_empty());
}

#[test]
fn a_broken_connection_is_replaced_before_it_is_handed_out() {
    type Break = fn(TcpStream) -> Option<TcpStream>;
    let closed: Break = |_conn| None;
    let unasked: Break = |mut conn| {
        conn.write_all(b"unasked").unwrap();
        Some(conn)
    };
    let reset: Break = |mut conn| {
        // With data unread, close(2) ends the connection by a reset.
        wait_for_data(&conn);
        conn.write_all(b"x").unwrap();
        None
    };
    for break_it in [closed, unasked, reset] {
        let (pool, server) = pool(1, LONG);
        let lease = pool.lease().unwrap();
        let (conn, _) = server.accept().unwrap();
        (&*lease).write_all(b"unread").unwrap();
        let _kept = break_it(conn);
        wait_for_data(&lease);
        lease.give_back();
        let lease = pool.lease().unwrap();
        let (conn, _) = server.accept().unwrap();
        talk(&lease, &conn);
        assert_eq!((pool.opened(), pool.0.lock().open), (2, 1));
    }
}

#[test]
fn a_broken_connection_is_not_given_to_a_waiting_thread() {
    let (pool, server) = pool(1, LONG);
    let held = pool.lease().unwrap();
    drop(server.accept().unwrap());
    wait_for_data(&held);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let lease = pool.lease().unwrap();
            talk(&lease, &server.accept().unwrap().0);
        });
        wait_until(&pool, |state| state.waiting.len() == 1);
        held.give_back();
        waiting.join().unwrap();
    });
}

#[test]
fn a_connection_that_is_idle_for_long_is_closed_and_no_other() {
    let (pool, server) = pool(2, SHORT);
    let used = pool.lease().unwrap();
    let (used_conn, _) = server.accept().unwrap();
    let idle = pool.lease().unwrap();
    let (mut idle_conn, _) = server.accept().unwrap();
    idle.give_back();
    assert_eq!(idle_conn.read(&mut [0]).unwrap(), 0);
    talk(&used, &used_conn);
    wait_until(&pool, |state| state.open == 1);
    used.give_back();
    pool.wait_until_closed();
    assert_eq!(pool.0.lock().idle.len(), 0);
}

#[test]
fn idle_time_begins_anew_with_each_use() {
    let (pool, server) = pool(1, LONG);
    let lease = pool.lease().unwrap();
    let (mut conn, _) = server.accept().unwrap();
    lease.give_back();
    conn.set_read_timeout(Some(SHORT)).unwrap();
    assert_eq!(conn.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_server_that_is_gone_is_an_error_for_all_waiting_threads() {
    let (pool, server) = pool(1, LONG);
    let held = pool.lease().unwrap();
    drop(server);
    thread::scope(|scope| {
        let ask = || pool.lease().map(drop).unwrap_err().kind();
        let waiting = [scope.spawn(ask), scope.spawn(ask)];
        wait_until(&pool, |state| state.waiting.len() == 2);
        drop(held);
        for waiting in waiting {
            assert_eq!(waiting.join().unwrap(), ErrorKind::ConnectionRefused);
        }
    });
    assert_eq!(pool.0.lock().open, 0);
}

#[test]
fn a_panic_gives_the_place_to_the_next_thread() {
    let (pool, server) = pool(1, LONG);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _lease = pool.lease().unwrap();
        panic!("in the middle of an answer");
    }));
    assert!(panicked.is_err());
    let (mut conn, _) = server.accept().unwrap();
    assert_eq!(conn.read(&mut [0]).unwrap(), 0);
    pool.lease().unwrap();
}
