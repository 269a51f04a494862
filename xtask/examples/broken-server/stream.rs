//! Receiving and sending, with nothing hidden: std's `read` and `write` report short counts and
//! EINTR.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

/// What a listing reads at once, in bytes.
const AT_ONCE: usize = 1024;

/// The next bytes; none at the end of the stream.
pub fn receive(conn: &TcpStream) -> io::Result<Vec<u8>> {
    uninterrupted(|| receive_once(conn))
}

/// The same, and a signal may end it (EINTR).
pub fn receive_once(mut conn: &TcpStream) -> io::Result<Vec<u8>> {
    let mut data = vec![0; AT_ONCE];
    let length = conn.read(&mut data)?;
    data.truncate(length);
    Ok(data)
}

/// Sends all of `data`, however often the kernel takes a part.
pub fn send_all(mut conn: &TcpStream, data: &[u8]) -> io::Result<()> {
    conn.write_all(data)
}

/// Sends what the kernel takes at once, and returns how many bytes those are.
pub fn send(mut conn: &TcpStream, data: &[u8]) -> io::Result<usize> {
    uninterrupted(|| conn.write(data))
}

/// Makes a call again that a signal interrupted.
fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
