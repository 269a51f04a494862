//! What each kind of server says.

use std::net::SocketAddr;

/// What a thread of the pool answers to a line that it does not understand.
pub const EXPECTED_LINE: &str = "expected a line `name age`, as: 明哥 19\n";

/// The longest line, with its end, that the pool reads as one.
const LINE_LIMIT: usize = 1024;

/// How a server answers.
#[derive(Clone, Copy)]
pub enum Talk {
    /// Every byte is answered, in order, however the bytes are cut into messages.
    Stream(fn(&[u8]) -> Vec<u8>),
    /// The client is greeted when it connects, and again after each message.
    Greeting(fn(SocketAddr) -> String),
    /// A line `name age` is answered by the same line.
    Lines,
    /// What the server read at once is answered by the same text, whatever it is.
    Reads(&'static str),
    /// What the server read at once is sent back between two texts.
    Wrapped(&'static str, &'static str),
    /// The client is greeted by this text, if there is any; its first message is printed, and it is
    /// closed.
    Once(&'static str),
    /// The client is accepted, and that is all; it is closed at once, or when the next one comes.
    Accepts,
}

impl Talk {
    /// What a client at `addr` receives before it says anything.
    pub fn greeting(self, addr: SocketAddr) -> Vec<u8> {
        match self {
            Talk::Greeting(text) => text(addr).into_bytes(),
            Talk::Once(text) => text.into(),
            _ => Vec::new(),
        }
    }

    /// A message that no other `number` has.
    pub fn message(self, number: usize) -> Vec<u8> {
        match self {
            Talk::Lines => format!("name-{number} {number}\n"),
            _ => format!("Message {number} of many."),
        }
        .into_bytes()
    }

    /// The answer to one message of a client at `addr`, which the server reads at once.
    pub fn reply(self, message: &[u8], addr: SocketAddr) -> Vec<u8> {
        match self {
            Talk::Stream(answer) => answer(message),
            Talk::Greeting(text) => text(addr).into_bytes(),
            Talk::Lines => {
                message.split_inclusive(|byte| *byte == b'\n').flat_map(answer_line).collect()
            }
            Talk::Reads(text) => text.into(),
            Talk::Wrapped(before, after) => [before.as_bytes(), message, after.as_bytes()].concat(),
            Talk::Once(_) | Talk::Accepts => Vec::new(),
        }
    }

    /// Whether only what the server prints tells that it has accepted a client.
    pub fn only_prints(self) -> bool {
        matches!(self, Talk::Once("") | Talk::Accepts)
    }

    /// Whether a connection is good for more than one message.
    pub fn converses(self) -> bool {
        !matches!(self, Talk::Once(_) | Talk::Accepts)
    }
}

fn answer_line(line: &[u8]) -> Vec<u8> {
    let text = str::from_utf8(line).ok().filter(|_| line.len() <= LINE_LIMIT);
    let words: Vec<&str> = text.unwrap_or_default().split_whitespace().collect();
    match words.as_slice() {
        [name, age] if age.bytes().all(|byte| byte.is_ascii_digit()) => {
            age.parse::<u32>().map_or(EXPECTED_LINE.into(), |age| format!("{name} {age}\n").into())
        }
        _ => EXPECTED_LINE.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_answered_as_the_pool_answers() {
        let addr = "127.0.0.1:1".parse().unwrap();
        let reply =
            |message: &str| String::from_utf8(Talk::Lines.reply(message.as_bytes(), addr)).unwrap();
        assert_eq!(reply("a 1\nb  02\n"), "a 1\nb 2\n");
        assert_eq!(reply("a\n"), EXPECTED_LINE);
        let longest = "x".repeat(1021);
        assert_eq!(reply(&format!("{longest} 1\n")), format!("{longest} 1\n"));
        assert_eq!(reply(&format!("{longest}x 1")), format!("{longest}x 1\n"));
        assert_eq!(reply(&format!("{longest}x 1\n")), EXPECTED_LINE);
        assert_eq!(reply(&format!("{longest}xx 1")), EXPECTED_LINE);
        assert_eq!(reply("last 1"), "last 1\n");
    }
}
