//! What the listings register with a socket: a function with its name.

use std::fmt;
use std::io;

use common::{Socket, warn};

use crate::mask::{EVENT_READ, EVENT_WRITE, Mask};
use crate::selector::{DefaultSelector, SelectorKey};

/// The selector of the listings: sockets, each with a callback.
pub type Selector = DefaultSelector<Socket, Callback>;

/// A function that is called when its socket is ready, with the socket and what it is ready for.
#[derive(Clone, Copy)]
pub struct Callback {
    /// Its name, as Python's `__name__`.
    pub name: &'static str,
    /// The function itself. Python's uses a global variable for the selector.
    pub function: fn(&mut Selector, &Socket, Mask) -> io::Result<()>,
}

/// The [`Callback`] of a function, with its name.
#[macro_export]
macro_rules! callback {
    ($function:ident) => {
        $crate::Callback { name: stringify!($function), function: $function }
    };
}

/// `<function read>`, as Python prints it, without the address.
impl fmt::Display for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<function {}>", self.name)
    }
}

impl Selector {
    /// `register` for a new client, for EVENT_READ. If the mechanism cannot take it, this prints
    /// that and closes it, and there is no key. The Python programs crash.
    pub fn register_or_refuse(
        &mut self,
        conn: &Socket,
        callback: Callback,
    ) -> Option<SelectorKey<Socket, Callback>> {
        let refuse = |error: &io::Error| {
            warn!("{} refused: {error}", conn.getpeername());
            conn.close();
        };
        self.register(conn.clone(), EVENT_READ, callback).inspect_err(refuse).ok()
    }

    /// Chooses the next event of a socket after its callback has `ended`. With unsent bytes it is
    /// watched for room, and not read from. A closed one is no longer watched.
    ///
    /// # Errors
    /// Those of the listener and of the mechanism: the server cannot go on.
    pub fn settle(
        &mut self,
        key: &SelectorKey<Socket, Callback>,
        ended: io::Result<()>,
    ) -> io::Result<()> {
        let conn = &key.fileobj;
        ended.or_else(|error| conn.close_on(error))?;
        if !conn.is_open() {
            self.forget(key.fd);
            return Ok(());
        }
        let next = if conn.has_unsent() { EVENT_WRITE } else { EVENT_READ };
        self.modify(conn, next, key.data).map(drop)
    }
}
