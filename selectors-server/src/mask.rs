//! What a selector waits for and reports.

use std::io::{self, ErrorKind};

/// A set of [`EVENT_READ`] and [`EVENT_WRITE`].
pub type Mask = u32;

/// There is something to read, the end of the stream, or an error (note 003:186).
pub const EVENT_READ: Mask = 0b01;

/// There is room to write, or an error (note 003:187).
pub const EVENT_WRITE: Mask = 0b10;

/// Python's ValueError for anything but a non-empty set of the two events.
pub(crate) fn check(events: Mask) -> io::Result<()> {
    if events == 0 || events & !(EVENT_READ | EVENT_WRITE) != 0 {
        let message = format!("Invalid events: {events}");
        return Err(io::Error::new(ErrorKind::InvalidInput, message));
    }
    Ok(())
}

/// Translates a mechanism's bits as Python does. A bit that is not for one event, as a hang-up or
/// an error, is for both: reading and writing both return it.
pub(crate) fn from_bits(bits: u32, only_read: u32, only_write: u32) -> Mask {
    let read = if bits & !only_write != 0 { EVENT_READ } else { 0 };
    let write = if bits & !only_read != 0 { EVENT_WRITE } else { 0 };
    read | write
}
