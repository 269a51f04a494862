//! How Python prints a list of sockets.

use std::fmt;

use common::Socket;

/// Shows sockets as Python does, in short: `[<socket fd=3, …>, <socket fd=4, …>]`.
pub struct List<'a>(pub &'a [Socket]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sockets: Vec<String> = self.0.iter().map(Socket::to_string).collect();
        write!(f, "[{}]", sockets.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_are_in_brackets() {
        assert_eq!(List(&[]).to_string(), "[]");
        let socket = Socket::new().unwrap();
        let expected = format!("[{socket}, {socket}]");
        assert_eq!(List(&[socket.clone(), socket]).to_string(), expected);
    }
}
