//! What this crate's models share: the conversation, and processes that end with their server.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

mod fork;
mod sys;

pub use fork::{Fork, fork, wait};
pub use sys::{leave_children_to_wait, wait_on_sigchld};

/// What is read at once, in bytes.
const BUFFER: usize = 16 * 1024;

/// Sends back what a client sends, up to the end of the stream. `look` sees each message first.
///
/// One buffer serves all messages. A message costs one recv(2) and one send(2).
///
/// # Errors
/// Those of setsockopt(2), recv(2) and send(2): the connection is broken.
pub fn echo(mut conn: &TcpStream, mut look: impl FnMut(&[u8])) -> io::Result<()> {
    // The second part of a long reply does not wait until the client has acknowledged the first
    // (tcp(7), TCP_NODELAY).
    conn.set_nodelay(true)?;
    let mut buffer = [0; BUFFER];
    loop {
        let message = match conn.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => &buffer[..length],
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        look(message);
        conn.write_all(message)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Shutdown, TcpListener};
    use std::thread;

    #[test]
    fn every_byte_comes_back_up_to_the_end_of_the_stream() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(server.local_addr().unwrap()).unwrap();
        let (conn, _addr) = server.accept().unwrap();
        let sent: Vec<u8> = (0..3 * BUFFER).map(|position| position as u8).collect();
        let echo = thread::spawn(move || {
            let mut seen = Vec::new();
            echo(&conn, |message| seen.extend_from_slice(message)).unwrap();
            seen
        });
        client.write_all(&sent).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let mut received = Vec::new();
        client.read_to_end(&mut received).unwrap();
        let seen = echo.join().unwrap();
        assert!(received == sent && seen == sent);
    }
}
