//! Reply bytes that the kernel did not take yet.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::os::fd::RawFd;

use common::Socket;

/// What clients are still owed, by descriptor. As long as a client that is owed something is not read from,
/// that is never more than one reply each.
#[derive(Default)]
pub struct Unsent(HashMap<RawFd, Vec<u8>>);

impl Unsent {
    /// Whether `conn` has to become writable before it is owed nothing.
    pub fn is_owed(&self, conn: &Socket) -> bool {
        self.0.contains_key(&conn.fileno())
    }

    /// Sends what `conn` is owed and then `data`, and keeps what the kernel does not take.
    ///
    /// # Errors
    /// Those of send(2) that end the connection; then it is owed nothing any more.
    pub fn send(&mut self, conn: &Socket, data: &[u8]) -> io::Result<()> {
        let mut owed = self.0.remove(&conn.fileno()).unwrap_or_default();
        owed.extend(data);
        match conn.send(&owed) {
            Ok(sent) => drop(owed.drain(..sent)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        if !owed.is_empty() {
            self.0.insert(conn.fileno(), owed);
        }
        Ok(())
    }
}
