//! Python's `select` module, as far as the notes' listings use it: [`select`] with its limit, and
//! [`Poll`] without one. The examples share how Python prints a list, and its text.

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

/// Returns the socket for the lists of [`select`], unless its descriptor is too high for select(2).
/// Then it prints that, and closes it; Python's next `select` raises ValueError.
pub fn fit_or_refuse(conn: &Socket) -> Option<Socket> {
    if conn.fileno() as usize >= FD_SETSIZE {
        let addr = conn.getpeername();
        warn!("{addr} refused: select(2) holds only descriptors below {FD_SETSIZE}");
        conn.close();
    }
    conn.is_open().then(|| conn.clone())
}
