//! What a client tells apart: a server that closes, one that is silent, and one that says too
//! little.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Duration;

use socket2::SockRef;
use xtask::harness::client::Client;
use xtask::harness::outcome::Kind::{Closed, Different, TimedOut};
use xtask::harness::outcome::Outcome;

/// Short: one test waits for it.
const DEADLINE: Duration = Duration::from_millis(500);

/// What a client receives that says `hello` and expects the same, from a server that does `this`
/// with the connection and then closes it.
fn receive_hello(this: fn(&mut TcpStream)) -> Outcome<()> {
    let (client, mut conn) = connect();
    this(&mut conn);
    drop(conn);
    client.receive(b"hello")
}

/// A client that has said `hello`, and the server's end of its connection, which has read it.
fn connect() -> (Client, TcpStream) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let client = Client::connect_within(listener.local_addr().unwrap(), DEADLINE).unwrap();
    let (mut conn, _) = listener.accept().unwrap();
    client.send(b"hello").unwrap();
    conn.read_exact(&mut [0; 5]).unwrap();
    (client, conn)
}

#[test]
fn a_close_is_neither_silence_nor_half_an_answer() {
    assert_eq!(receive_hello(|conn| conn.write_all(b"hello").unwrap()), Ok(()));

    let kind = |this| receive_hello(this).unwrap_err().kind;
    assert_eq!(kind(|_| {}), Closed);
    assert_eq!(
        kind(|conn| SockRef::from(&*conn).set_linger(Some(Duration::ZERO)).unwrap()),
        Closed
    );
    assert_eq!(kind(|conn| conn.write_all(b"hel").unwrap()), Different);
    assert_eq!(kind(|conn| conn.write_all(b"world").unwrap()), Different);

    let (client, _silent) = connect();
    assert_eq!(client.receive(b"hello").unwrap_err().kind, TimedOut);
}

#[test]
fn what_a_closed_connection_does_not_take_is_told_from_what_a_full_one_does_not() {
    let (client, conn) = connect();
    SockRef::from(&conn).set_linger(Some(Duration::ZERO)).unwrap();
    drop(conn);
    assert_eq!(client.send(b"hello").unwrap_err().kind, Closed);

    // More than the buffers of both ends hold.
    let (client, _unread) = connect();
    assert_eq!(client.send(&vec![0; 64 * 1024 * 1024]).unwrap_err().kind, TimedOut);
}
