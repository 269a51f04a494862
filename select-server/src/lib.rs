//! Python's `select` module, as far as the notes' listings use it: [`select`], and the limit that
//! comes with it; [`Poll`], which has none; and what the examples share: how Python prints a list,
//! and its text.

use common::{Socket, warn};

mod list;
mod poll;
mod select;
mod sys;
mod text;

pub use list::List;
pub use poll::{POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI, Poll};
pub use select::{Ready, select};
pub use sys::FD_SETSIZE;
pub use text::{Decoder, upper};

/// The socket for the lists of [`select`]; one that select(2) cannot hold is refused with a message
/// and closed, where Python's next `select` raises ValueError.
pub fn fitting(conn: &Socket) -> Option<Socket> {
    if conn.fileno() as usize >= FD_SETSIZE {
        let addr = conn.getpeername();
        warn!("{addr} refused: select(2) holds only descriptors below {FD_SETSIZE}");
        conn.close();
    }
    conn.is_open().then(|| conn.clone())
}
