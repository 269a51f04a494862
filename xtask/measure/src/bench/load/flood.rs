//! Clients that send as much as the server takes, and read what it answers.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;

use xtask::harness::outcome::{Expect, Outcome};

/// Bytes that a flood sends at once.
const BLOCK: usize = 64 * 1024;

/// Does something while `count` clients flood the server at `addr`.
pub fn beside<T>(addr: SocketAddr, count: usize, act: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    let connect = |_| TcpStream::connect(addr).expect_to("a connection for a flood");
    let floods = (0..count).map(connect).collect::<Outcome<Vec<TcpStream>>>()?;
    thread::scope(|scope| {
        for flood in &floods {
            scope.spawn(move || send(flood));
            scope.spawn(move || receive(flood));
        }
        let done = act();
        for flood in &floods {
            // A server that has closed it already has ended this flood.
            let _ = flood.shutdown(Shutdown::Both);
        }
        done
    })
}

fn send(mut flood: &TcpStream) {
    let block = vec![b'f'; BLOCK];
    while flood.write_all(&block).is_ok() {}
}

fn receive(mut flood: &TcpStream) {
    let mut block = vec![0; BLOCK];
    while flood.read(&mut block).is_ok_and(|count| count > 0) {}
}
