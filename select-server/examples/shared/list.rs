//! How Python prints a list of sockets.

use std::fmt;
use std::rc::Rc;

use common::Socket;

/// Shows sockets as Python does: `[<socket fd=3, …>, <socket fd=4, …>]`.
pub struct List<'a>(pub &'a [Rc<Socket>]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (index, socket) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{socket}")?;
        }
        f.write_str("]")
    }
}
